// What a step, a fault or a daemon did, as what may end an outage: one sentence for each event that can.

import type { LabEvent } from '../../lab/events.ts';
import { withoutPrefix } from '../../wire/ipv4-address.ts';

/** A sentence without a period; null for events that change no path. */
export function changeOf(event: LabEvent): string | null {
  const { source } = event;
  switch (event.kind) {
    case 'powered-on':
      return `${source} was powered on`;
    case 'plugged-in':
      return `the cables of ${source} were plugged in`;
    case 'link-up':
    case 'repaired':
      return `the cable ${source} worked again`;
    case 'healed':
      return `the partition of ${source} healed`;
    case 'interface-changed':
      return `${source} set ${event.fields.interface} ${event.fields.state}`;
    case 'address-added':
      return `${source} got ${withoutPrefix(event.fields.address)}`;
    case 'address-removed':
      return `${source} gave up ${withoutPrefix(event.fields.address)}`;
    case 'route-added':
      return `${source} got the route ${event.fields.route}`;
    case 'route-removed':
      return `${source} lost the route ${event.fields.route}`;
    case 'mac-set':
      return `${source} gave ${event.fields.interface} the MAC address ${event.fields.mac}`;
    case 'mtu-set':
      return `${source} gave ${event.fields.interface} the MTU ${event.fields.mtu}`;
    case 'firewall-changed':
    case 'snat-changed':
      return `${source} ${event.fields.change} the rule ${event.fields.rule}`;
    case 'connections-deleted':
      return `${source} forgot ${event.fields.count} tracked connections`;
    case 'sysctl-changed':
      return `${source} set ${event.fields.name} to ${event.fields.value}`;
    case 'fdb-moved':
      return `the switch ${source} learned ${event.fields.mac} at ${event.fields.port}`;
    case 'redirect-accepted':
      return `${source} was redirected to ${event.fields.gateway}`;
    case 'path-mtu-learned':
      return `${source} learned the path MTU to ${event.fields.destination}`;
    default:
      return null;
  }
}
