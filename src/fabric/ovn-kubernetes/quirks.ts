// Bugs of OVN-Kubernetes by name, so that a topology can switch one on or off and see what its fix buys.
// Each says in which profiles it is on. References are pull requests of ovn-kubernetes.

import type { ProfileName } from './profile-name.ts';

/** The name of each quirk. */
export type QuirkName =
  | 'ovnk-no-garp'
  | 'ovnk-no-health'
  | 'ovnk-shutdown-race'
  | 'ovnk-stale-db-garp'
  | 'ovnk-zero-garp'
  | 'ovnk-accidental-defence'
  | 'ovnk-stale-binding'
  | 'ovnk-stale-nexthop'
  | 'ovnk-restart-duplicate'
  | 'ovnk-conflict-stops-all'
  | 'ovnk-pod-ip-leak'
  | 'ovnk-east-west-eip'
  | 'ovnk-reply-rerouted'
  | 'ovnk-node-snat-wins'
  | 'ovnk-stale-snat'
  | 'ovnk-edit-drops-sibling'
  | 'ovnk-statefulset-stale'
  | 'ovnk-recovery-stuck'
  | 'ovnk-standby-forgotten'
  | 'ovnk-config-flap'
  | 'ovnk-sync-removes-valid'
  | 'ovnk-eip-wrong-link'
  | 'ovnk-stale-mac-binding'
  | 'ovnk-eip-in-host-cidrs'
  | 'ovnk-secondary-early-lrp'
  | 'ovnk-secondary-narrows-nodes'
  | 'ovnk-move-window-node-ip';

interface Quirk {
  /** What it does while it is on, in one sentence. */
  readonly symptom: string;
  /** Where it is on. */
  readonly profiles: readonly ProfileName[];
}

const UP_TO_4_14 = ['4.10', '4.14'] as const;
const UP_TO_4_18 = ['4.10', '4.14', '4.18'] as const;
const SINCE_4_14 = ['4.14', '4.18', 'head'] as const;
const EVERYWHERE = ['4.10', '4.14', '4.18', 'head'] as const;

/** All quirks. */
export const quirks: Readonly<Record<QuirkName, Quirk>> = {
  'ovnk-no-garp': {
    symptom: 'gateway routers announce no egress IP at all (PR 1939, PR 4343)',
    profiles: [],
  },
  'ovnk-no-health': {
    symptom: 'nodes are not probed: only their Ready condition counts (PR 1784)',
    profiles: [],
  },
  'ovnk-shutdown-race': {
    symptom: 'a node that shuts down goes on answering ARP for its egress IPs (PR 6238)',
    profiles: EVERYWHERE,
  },
  'ovnk-stale-db-garp': {
    symptom: 'a node that boots announces the egress IPs of its old database (PR 5373)',
    profiles: UP_TO_4_18,
  },
  'ovnk-zero-garp': {
    symptom: 'the link manager announces 0.0.0.0 instead of the egress IP (PR 5654)',
    profiles: ['4.14', '4.18'],
  },
  'ovnk-accidental-defence': {
    symptom: 'the router that lost an egress IP answers the announcement of its new holder',
    profiles: UP_TO_4_18,
  },
  'ovnk-stale-binding': {
    symptom: 'an agent that starts keeps next hops and NAT rows that are no longer true (PR 5606)',
    profiles: ['4.14', '4.18'],
  },
  'ovnk-stale-nexthop': {
    symptom: 'a deleted node stays a next hop: its share of the connections is lost (PR 4559)',
    profiles: UP_TO_4_14,
  },
  'ovnk-restart-duplicate': {
    symptom: 'a restarted allocator may give one IP to two objects (PR 5760)',
    profiles: UP_TO_4_18,
  },
  'ovnk-conflict-stops-all': {
    symptom:
      'one IP that is a node address keeps the other IPs of its object from any node (PR 5973)',
    profiles: UP_TO_4_18,
  },
  'ovnk-pod-ip-leak': {
    symptom: 'packets of pods that no row translates leave the node as they are (PR 3361)',
    profiles: ['4.10'],
  },
  'ovnk-east-west-eip': {
    symptom: 'a pod on its egress node reaches other nodes with the egress IP (PR 3064)',
    profiles: ['4.10'],
  },
  'ovnk-reply-rerouted': {
    symptom: 'replies to connections from outside are rerouted to the egress node (PR 4265)',
    profiles: UP_TO_4_14,
  },
  'ovnk-node-snat-wins': {
    symptom: 'a pod on its egress node keeps its SNAT row to the node address (PR 2945)',
    profiles: ['4.10'],
  },
  'ovnk-stale-snat': {
    symptom: 'NAT rows of a former egress node stay behind (PR 3371)',
    profiles: ['4.10'],
  },
  'ovnk-edit-drops-sibling': {
    symptom: 'taking one IP from an object removes the NAT rows of its other IPs (PR 4998)',
    profiles: ['4.10'],
  },
  'ovnk-statefulset-stale': {
    symptom: 'a pod that comes back under its name keeps the rows of its old address (PR 5943)',
    profiles: UP_TO_4_18,
  },
  'ovnk-recovery-stuck': {
    symptom: 'a node update during recovery marks a node reachable without using it (PR 3267)',
    profiles: ['4.10'],
  },
  'ovnk-standby-forgotten': {
    symptom:
      'a label change that moves a pod from one object to another leaves it to neither (PR 5704)',
    profiles: ['4.14', '4.18'],
  },
  'ovnk-config-flap': {
    symptom: 'an agent that starts takes all policies out and puts them back (PR 5310)',
    profiles: ['4.14', '4.18'],
  },
  'ovnk-sync-removes-valid': {
    symptom: 'an agent that starts removes NAT rows that are still wanted, for good (PR 5295)',
    profiles: [],
  },
  'ovnk-eip-wrong-link': {
    symptom: 'an egress IP of a secondary network is put on br-ex as well (PR 5728)',
    profiles: ['4.18'],
  },
  'ovnk-stale-mac-binding': {
    symptom: 'a gateway router keeps the MAC of a peer forever (PR 3678)',
    profiles: ['4.10'],
  },
  'ovnk-eip-in-host-cidrs': {
    symptom:
      'an egress IP on br-ex is written to host-cidrs and then conflicts with itself (PR 5973)',
    // A race in 4.18 clusters: one that always loses it could never move an IP.
    profiles: [],
  },
  'ovnk-secondary-early-lrp': {
    symptom: 'pods are steered to a secondary network before its rules exist (PR 6168)',
    profiles: SINCE_4_14,
  },
  'ovnk-secondary-narrows-nodes': {
    symptom: 'one IP of a secondary network narrows the nodes for all following IPs of its object',
    profiles: SINCE_4_14,
  },
  'ovnk-move-window-node-ip': {
    symptom: 'a move removes the old next hop before it adds the new one: the node address shows',
    profiles: EVERYWHERE,
  },
};

/** All names, in the order of the table. */
export const quirkNames: readonly QuirkName[] = Object.keys(quirks).filter(isQuirkName);

/** True for a known name. */
export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(quirks, name);
}
