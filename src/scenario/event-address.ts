// Which address an event is about.

import type { LabEvent } from '../lab/events.ts';
import { withoutPrefix } from '../wire/ipv4-address.ts';

/** The contested or contestable address that an event is about, without a prefix length; null for others. */
export function addressOf(event: LabEvent): string | null {
  switch (event.kind) {
    case 'address-added':
    case 'address-removed':
      return withoutPrefix(event.fields.address);
    case 'claim-added':
    case 'claim-removed':
    case 'announced':
    case 'arping-done':
    case 'neighbor-changed':
      return event.fields.address;
    case 'egress-ip-assigned':
    case 'egress-ip-unassigned':
    case 'egress-ip-claimed':
    case 'egress-ip-claim-failed':
    case 'egress-ip-announced':
    case 'egress-ip-released':
    case 'stale-egress-ip-removed':
      return event.fields.ip;
    default:
      return null;
  }
}
