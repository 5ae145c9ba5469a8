// Surprising behaviors of the original, each by a name under which a topology can switch it on or
// off, to see what a fix buys. A profile says which ones its version had; some belong to versions
// before both profiles and are off unless asked for.

/** The name of each quirk. */
export type QuirkName =
  | 'shadowed-retry-flag'
  | 'sticky-failure-count'
  | 'sequential-dials'
  | 'history-dependent-activation'
  | 'stale-netid-request'
  | 'static-ips-block-rebalancing'
  | 'failed-assignment-leaks'
  | 'single-ip-ignores-offline'
  | 'siblings-share-a-node'
  | 'no-announcement'
  | 'stale-addresses-kept'
  | 'no-conntrack-commit';

/** What each does while it is on, in one sentence. */
export const quirks: Readonly<Record<QuirkName, string>> = {
  'shadowed-retry-flag':
    "the controller's health check retries with 5 s instead of 1 s, so a verdict takes 15 s",
  'sticky-failure-count':
    'a successful health check forgives no earlier failure: three failures ever mean offline',
  'sequential-dials':
    'health checks of several nodes wait for one another, so n dead nodes take n times as long',
  'history-dependent-activation':
    'a change to one egress IP does not re-evaluate the other IPs of its namespace',
  'stale-netid-request':
    'after a NetNamespace changes its netid, the old VNID goes on requesting its egress IPs',
  'static-ips-block-rebalancing':
    'one active egress IP on a node without egressCIDRs keeps the allocator from ever rebalancing',
  'failed-assignment-leaks':
    'when a node cannot take an egress IP, the namespace leaves with the node IP instead of being dropped',
  'single-ip-ignores-offline':
    'a namespace with exactly one egress IP is sent to its node even if that node is offline',
  'siblings-share-a-node':
    'the allocator may place two egress IPs of one namespace on one node (before 4.8, BZ 1953257)',
  'no-announcement': 'a claimed egress IP is not announced by ARP at all (before 0a501daa4, 2018)',
  'stale-addresses-kept':
    'an sdn pod that starts leaves egress IPs of its previous life on the interface (before 88d43b6d0)',
  'no-conntrack-commit':
    'egress traffic to another node is not committed to conntrack, so a connection can flip between nodes after its SYN (db472d7b2)',
};

/** All names, in the order of the table. */
export const quirkNames: readonly QuirkName[] = Object.keys(quirks).filter(isQuirkName);

/** True for a known name. */
export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(quirks, name);
}
