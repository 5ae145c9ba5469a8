// What each drop reason says about why a flow is not answered. Every reason of the lab stands here: with a
// cause, or with why it never is one.

import type { LabDropReason } from '../../lab/drop-reasons.ts';
import type { Cause } from './causes.ts';

/** A reason that can stop a flow. */
export interface DropCause {
  readonly cause: Cause;
  /**
   * 3 says what is wrong; 2 says it where nothing more exact was dropped; 1 follows from something else
   * that often has no drop of its own.
   */
  readonly rank: 1 | 2 | 3;
  /** What is wrong, in words that follow a colon. */
  readonly says: string;
}

/** A reason that stops none, and why. */
export interface NoCause {
  readonly cause: null;
  readonly why: string;
}

const DAMAGED: DropCause = { cause: 'damaged', rank: 3, says: 'it arrives damaged' };
const MALFORMED: DropCause = { cause: 'damaged', rank: 3, says: 'it is malformed' };

function says(cause: Cause, rank: DropCause['rank'], text: string): DropCause {
  return { cause, rank, says: text };
}

const MEANINGS: Readonly<Record<LabDropReason, DropCause | NoCause>> = {
  // cables
  'link-down': says(
    'no-carrier',
    2,
    'the cable is out, one direction of it is dark, or the interface is down',
  ),
  unplugged: says('wire', 3, "the kernel's device was deleted"),
  loss: says('wire', 3, 'a cable loses it'),
  'queue-full': says('overload', 3, 'more is sent than the cable can carry, and its queue is full'),
  'bad-virtio-header': MALFORMED,
  partitioned: says('partition', 3, 'a partition keeps sender and receiver apart'),
  // switches
  'same-port': says(
    'same-mac',
    3,
    'the switch has learned the MAC address of the receiver behind the port that the frame came from',
  ),
  'port-not-forwarding': says(
    'switch-table-stale',
    3,
    'the port of the switch has just come up and does not forward yet',
  ),
  'unknown-unicast': says('switch-table-stale', 3, 'a switch does not know where the holder is'),
  'runt-frame': MALFORMED,
  'bad-source-mac': says('damaged', 3, 'its source MAC address is multicast'),
  'exceeds-mtu': says('too-big', 3, "it is longer than the kernel's device accepts"),
  // the machine
  'powered-off': says('machine-down', 3, 'the machine has no power'),
  'other-host': says('wrong-mac', 1, 'it is for another MAC address'),
  'unknown-ethertype': says('damaged', 2, 'it is neither ARP nor IPv4'),
  // arp and neighbors
  'malformed-arp': MALFORMED,
  'arp-not-for-us': {
    cause: null,
    why: 'It asks for a multicast or loopback address, which no flow is sent to by ARP',
  },
  'arp-ignored': says(
    'arp-suppressed',
    2,
    'the machine has the address and does not answer for it',
  ),
  'gratuitous-arp-dropped': says('announcement-refused', 2, 'drop_gratuitous_arp is set'),
  'neighbor-failed': says('unresolved', 1, 'no machine has answered for the address'),
  'neighbor-queue-full': says('overload', 1, 'too many packets wait for one ARP answer'),
  'neighbor-table-full': says('table-full', 3, 'its neighbor table is full'),
  'proxy-arp-queue-full': says('overload', 2, 'too many answers of proxy ARP wait'),
  // ip
  'malformed-ipv4': MALFORMED,
  'bad-ipv4-checksum': DAMAGED,
  'malformed-ipv4-options': MALFORMED,
  'source-route': says('route-refuses', 3, 'source routes are refused'),
  martian: says('reverse-path', 3, 'such an address cannot arrive there'),
  'rp-filter': says('reverse-path', 3, 'its way back to the source leads elsewhere (rp_filter)'),
  'no-route': says('no-route', 3, 'it has no route there'),
  'route-unreachable': says('route-refuses', 3, 'its route says unreachable'),
  'route-prohibited': says('route-refuses', 3, 'its route says prohibit'),
  'route-blackhole': says('route-refuses', 3, 'its route says blackhole'),
  'ttl-exceeded': says('routing-loop', 3, 'the TTL is used up: routers send it round'),
  'not-forwarding': says('not-a-router', 3, 'it does not have that address and is not a router'),
  'own-connection': says(
    'not-held',
    3,
    'it belongs to a connection of this machine, which no longer has the address',
  ),
  'needs-fragmentation': says(
    'too-big',
    3,
    'it is larger than the next link allows, and must not be fragmented',
  ),
  'fragment-timeout': says('wire', 2, 'the other fragments did not arrive'),
  'fragment-queue-full': says('overload', 3, 'too many fragments wait for others'),
  'bad-fragment': MALFORMED,
  'unknown-protocol': says('no-listener', 2, 'nothing there speaks that protocol'),
  // icmp, udp, tcp
  'malformed-icmp': MALFORMED,
  'bad-icmp-checksum': DAMAGED,
  'icmp-rate-limited': {
    cause: null,
    why: 'An ICMP error was held back; what it was about has a drop of its own',
  },
  'malformed-udp': MALFORMED,
  'bad-udp-checksum': DAMAGED,
  'no-socket': says('no-listener', 2, 'no program listens there'),
  'malformed-tcp': MALFORMED,
  'bad-tcp-checksum': DAMAGED,
  'socket-queue-full': says('overload', 2, 'the program reads too slowly'),
  'tcp-flags': says('connection-state', 1, 'its flags do not fit the connection'),
  'tcp-invalid-ack-sequence': says('connection-state', 2, 'it acknowledges what was never sent'),
  'tcp-invalid-sequence': says('connection-state', 2, 'its sequence number is outside the window'),
  'tcp-invalid-syn': says('connection-state', 2, 'a connection of these ports exists'),
  'tcp-old-data': { cause: null, why: 'A second copy: the first has arrived' },
  'tcp-paws': says('connection-state', 2, 'its timestamp is older than the last one'),
  'tcp-over-window': says('connection-state', 2, 'it is more than the window allows'),
  'listen-overflow': says('overload', 3, 'the backlog of the program is full'),
  'connection-table-full': says('table-full', 3, 'it has as many connections as it may have'),
  // netfilter
  'filter-drop': says('refused', 3, 'a packet filter does not let it pass'),
  'filter-reject': says('refused', 3, 'a packet filter does not let it pass'),
  'conntrack-table-full': says(
    'table-full',
    3,
    'its table of connections is full (nf_conntrack_max)',
  ),
  'snat-ports-exhausted': says('table-full', 3, 'no port is free for address translation'),
  'masquerade-no-address': says('nat-changed', 3, 'the interface has no address to masquerade as'),
  'masquerade-interface-changed': says(
    'nat-changed',
    3,
    'the connection now leaves by another interface, and its translation was given up',
  ),
  'nat-redirect': {
    cause: null,
    why: 'An ICMP redirect about a translated connection: the packet itself went on',
  },
  'nat-short-quote': {
    cause: null,
    why: 'An ICMP error that quotes too little; what it was about has a drop of its own',
  },
  // openshift-sdn
  'malformed-vxlan': MALFORMED,
  'vxlan-unknown-peer': says('no-route', 3, "the tunnel's other end is not a node"),
  'flow-drop': says('refused', 3, 'no flow of br0 lets it pass'),
  'egress-dropped': says(
    'no-usable-ip',
    3,
    'the namespace has egress IPs and none is usable, so its packets are dropped',
  ),
  // ovn-kubernetes
  'malformed-geneve': MALFORMED,
  'geneve-unknown-peer': says('no-route', 3, 'its tunnel comes from a machine that is no node'),
  'logical-port-security': says('refused', 3, 'a pod may only send from its own address'),
  'no-logical-port': says('no-route', 3, 'no pod of the node has that address'),
  'no-logical-route': says('no-route', 3, 'the logical router has no route there'),
  'logical-ttl-exceeded': says(
    'routing-loop',
    3,
    'the TTL is used up: former holders of the address send it to and fro',
  ),
  'logical-mtu-exceeded': says(
    'too-big',
    3,
    'it is larger than the gateway router lets through, and must not be fragmented',
  ),
  'logical-router-address': says(
    'nat-state-missing',
    2,
    'it is for the logical router itself, which has no connection for it',
  ),
  'mac-binding-queue-full': says('overload', 1, 'too many packets wait for one MAC binding'),
  'mac-binding-timeout': says('unresolved', 1, 'no machine has answered the gateway router'),
  'control-plane-meter': says('overload', 3, 'the meters of ovn-controller do not let it pass'),
  'untranslated-pod': says(
    'nat-state-missing',
    3,
    'the egress node has no SNAT row for the pod, and br-ex lets no pod address out',
  ),
  'br-ex-flow': says('no-carrier', 2, 'the uplink of br-ex is down'),
  'announcement-guard': says(
    'announcement-refused',
    2,
    'the agent of the node holds announcements back',
  ),
  'egress-ip-arp-block': says('arp-suppressed', 2, 'the node must not speak for the address'),
};

/** What a reason says; of a reason that another cluster network brings, that much alone. */
export function meaningOf(reason: string): DropCause | NoCause {
  return (MEANINGS as Readonly<Record<string, DropCause | NoCause>>)[reason] ?? OTHER;
}

const OTHER: DropCause = says('dropped', 2, 'the device drops it');
