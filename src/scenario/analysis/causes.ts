// Why packets about an address do not arrive, by name.

import type { LabDropReason } from '../../lab/drop-reasons.ts';

/** What each cause means. */
export const CAUSES = {
  'no-usable-ip': 'the namespace has egress IPs and none is usable, so its packets are dropped',
  'probe-not-failed': 'the holder is dead and no health check has said so yet',
  'being-moved': 'the holder is known to be dead, and no node has taken over yet',
  'not-held': 'no machine that can be heard holds the address',
  'no-announcement': 'the holder has announced nothing, and an old entry is still believed',
  'announcement-lost': 'the holder has announced itself, and the announcement did not get there',
  locktime: 'the announcement came too soon after the entry had changed, and was not believed',
  'announcement-refused': 'the announcement was heard by a machine that believes none',
  overtaken: 'the announcement was believed until a later claim of another MAC address came',
  'duplicate-holder': 'another machine has the address too and gets what is meant for the holder',
  'switch-table-stale': 'a switch does not know where the holder is',
  'nat-state-missing': 'the holder has no connection tracking entry for what arrives',
  unresolved: 'no machine has answered for the address',
  refused: 'a packet filter does not let it pass',
  wire: 'a cable loses it',
  'retry-pending': 'the path works again, and no request has been sent yet',
  unknown: 'nothing in the log explains it',
} as const;

/** Why packets about an address do not arrive. */
export type Cause = keyof typeof CAUSES;

/** What a dropped packet says about the cause; reasons that say nothing are left out. */
export const CAUSE_OF_DROP: Readonly<Record<string, Cause>> = {
  'egress-dropped': 'no-usable-ip',
  'unknown-unicast': 'switch-table-stale',
  'port-not-forwarding': 'switch-table-stale',
  'filter-reject': 'nat-state-missing',
  'filter-drop': 'refused',
  loss: 'wire',
  'link-down': 'wire',
  unplugged: 'wire',
  partitioned: 'wire',
  'queue-full': 'wire',
  'neighbor-failed': 'unresolved',
} satisfies Partial<Record<LabDropReason, Cause>>;
