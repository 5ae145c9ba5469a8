// What is wrong in a file is told with its line and column, what was found, and what to do about it.

import { describe, expect, test } from 'vitest';
import { FIRST_STEP_LINE, labWith, problems } from './support.ts';

const LAN = `name: x
segments: { lan: { subnet: 192.168.50.0/24 } }
`;
const DB = `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
`;
const CLUSTER = `cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
`;

/** Title, file, problems as 'line:column message → remedy'. */
const FILES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'an unknown key',
    `${LAN}hots: {}
`,
    ['3:1 unknown key "hots" → did you mean "hosts"?'],
  ],
  [
    'a missing section',
    `name: x
`,
    ['1:1 "segments" is missing → the topology needs the key "segments"'],
  ],
  [
    'everything missing',
    `{}
`,
    [
      '1:1 "name" is missing → the topology needs the key "name"',
      '1:1 "segments" is missing → the topology needs the key "segments"',
    ],
  ],
  [
    'a list where a topology should be',
    `- a
`,
    ['1:1 expected a mapping of keys to values, found a list'],
  ],
  [
    'a seed that is no whole number',
    `${LAN}seed: 1.5
`,
    ['3:7 expected a whole number, 0 to 4294967295, found 1.5'],
  ],
  [
    'a seed that is too large',
    `${LAN}seed: 4294967296
`,
    ['3:7 expected a whole number, 0 to 4294967295, found 4294967296'],
  ],
  [
    'a date that is none',
    `${LAN}epoch: 2020-02-30T08:00:00Z
`,
    [
      '3:8 expected a date and time with its zone (RFC 3339), such as 2020-05-09T08:00:00Z, found "2020-02-30T08:00:00Z"',
    ],
  ],
  [
    'a date without a zone',
    `${LAN}epoch: 2020-02-20T08:00:00
`,
    [
      '3:8 expected a date and time with its zone (RFC 3339), such as 2020-05-09T08:00:00Z, found "2020-02-20T08:00:00"',
    ],
  ],
  [
    'a name that cannot name a file',
    `name: a/b
segments: {}
`,
    ['1:7 a name has 1 to 63 letters, digits, ".", "_" or "-", and a letter or digit at both ends'],
  ],
  [
    'a subnet with host bits',
    `name: x
segments:
  lan: { subnet: 192.168.50.1/24 }
`,
    ['3:18 expected a network without host bits, such as 192.168.50.0/24, found "192.168.50.1/24"'],
  ],
  [
    'a duration without a unit',
    `name: x
segments:
  lan: { latency: 50 }
`,
    ['3:19 expected a duration with its unit, such as 250ms or 5s, found 50'],
  ],
  [
    'a duration with an unknown unit',
    `name: x
segments:
  lan: { latency: 50sec }
`,
    ['3:19 expected a duration with its unit, such as 250ms or 5s, found "50sec"'],
  ],
  [
    'a rate without a unit',
    `name: x
segments:
  lan: { bandwidth: 100M }
`,
    ['3:21 expected a rate with its unit, such as 100Mbit or 1Gbit, found "100M"'],
  ],
  [
    'a size that is none',
    `name: x
segments:
  lan: { queue: many }
`,
    ['3:17 expected a size with its unit, such as 64KiB, found "many"'],
  ],
  [
    'a probability above one',
    `name: x
segments:
  lan: { loss: 1.5 }
`,
    ['3:16 expected a probability, 0 to 1 (or 0% to 100%), found 1.5'],
  ],
  [
    'a percentage above a hundred',
    `name: x
segments:
  lan: { loss: 120% }
`,
    ['3:16 expected a probability, such as 0.1 or 10%, found "120%"'],
  ],
  [
    'a probability that is neither',
    `name: x
segments:
  lan: { loss: often }
`,
    ['3:16 expected a probability, such as 0.1 or 10%, found "often"'],
  ],
  [
    'a probability of another type',
    `name: x
segments:
  lan: { loss: [1] }
`,
    ['3:16 expected a probability, such as 0.1 or 10%, found a list'],
  ],
  [
    'a segment that is left empty',
    `name: x
segments:
  lan:
`,
    ['3:7 expected a mapping of keys to values, found nothing → write {} for an empty one'],
  ],
  [
    'a truth value that is a text',
    `name: x
segments:
  lan: { padded: yes }
`,
    ['3:18 expected true or false, found "yes"'],
  ],
  [
    'an MTU out of range',
    `name: x
segments:
  lan: { mtu: 67 }
`,
    ['3:15 expected an MTU, 68 to 65535, found 67'],
  ],
  [
    'a link to an unknown segment',
    `${LAN}links:
  - { segments: [lan, laan] }
`,
    ['4:23 there is no segment "laan" → did you mean "lan"?'],
  ],
  [
    'a link with one end',
    `${LAN}links:
  - { segments: [lan] }
`,
    ['4:17 expected a list of two segments, found [lan]'],
  ],
  [
    'two links of one name',
    `${LAN}links:
  - { segments: [lan, lan] }
  - { segments: [lan, lan] }
`,
    ['5:5 there is already a link "lan-lan" → give it a "name"'],
  ],
  [
    'an unknown segment',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lam, address: 192.168.50.10/24 } }
`,
    ['5:36 there is no segment "lam" → did you mean "lan"?'],
  ],
  [
    'an address outside the subnet',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.51.10/24 } }
`,
    [
      '5:50 192.168.51.10 is outside 192.168.50.0/24, the subnet of segment "lan" → use an address from 192.168.50.1 to 192.168.50.254, or another segment',
    ],
  ],
  [
    'an address without a prefix length on a segment without a subnet',
    `name: x
segments: { lan: {} }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.51.10 } }
`,
    [
      '5:50 192.168.51.10 needs a prefix length, for segment "lan" has no subnet → write 192.168.51.10/24, for example',
    ],
  ],
  [
    'the address of the network itself',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.0/24 } }
`,
    [
      '5:50 192.168.50.0 is the own address of the network 192.168.50.0/24 → use an address from 192.168.50.1 to 192.168.50.254',
    ],
  ],
  [
    'the broadcast address',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.255/24 } }
`,
    [
      '5:50 192.168.50.255 is the broadcast address of the network 192.168.50.0/24 → use an address from 192.168.50.1 to 192.168.50.254',
    ],
  ],
  [
    'a multicast address',
    `name: x
segments: { lan: {} }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 224.0.0.5/24 } }
`,
    ['5:50 224.0.0.5 cannot be the address of an interface → use a unicast address'],
  ],
  [
    'an octet that is none',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.256/24 } }
`,
    [
      '5:50 expected an address with its prefix length, such as 192.168.50.10/24, found "192.168.50.256/24"',
    ],
  ],
  [
    'one address twice on one interface',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.9, addresses: [192.168.50.9] } }
`,
    ['5:76 192.168.50.9 is already an address of this interface'],
  ],
  [
    'two hosts with one name',
    `${DB}  db:
    interfaces: {}
`,
    ['6:3 "db" is given twice → the first is in line 4: rename or remove one'],
  ],
  [
    'a host without interfaces',
    `${LAN}hosts:
  db: {}
`,
    ['4:3 "interfaces" is missing → "db" needs the key "interfaces"'],
  ],
  [
    'a host with the name of a segment',
    `${LAN}hosts:
  lan: { interfaces: {} }
`,
    ['4:3 there is already a segment "lan" → rename the host'],
  ],
  [
    'an interface name that is too long',
    `${LAN}hosts:
  db:
    interfaces: { abcdefghijklmnop: { segment: lan } }
`,
    ['5:19 the name of an interface has 1 to 15 characters, without blanks, "/" and ":"'],
  ],
  [
    'a MAC address that is none',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, mac: 02:00:00:00:00 } }
`,
    [
      '5:46 expected the MAC address of a station, such as 02:00:00:00:00:0a, found "02:00:00:00:00"',
    ],
  ],
  [
    'the MAC address of a group',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, mac: 01:00:5e:00:00:01 } }
`,
    [
      '5:46 expected the MAC address of a station, such as 02:00:00:00:00:0a, found "01:00:5e:00:00:01"',
    ],
  ],
  [
    'an unknown sysctl',
    `${DB}    sysctls: { arp_ignor: 1 }
`,
    ['6:16 the sysctl "arp_ignor" is not modeled → did you mean "arp_ignore"?'],
  ],
  [
    'a sysctl of the host on an interface',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, sysctls: { ip_forward: 1 } } }
`,
    [`5:52 "ip_forward" is a setting of the whole host → move it to the host's own sysctls`],
  ],
  [
    'a full sysctl name of an unknown interface',
    `${DB}    sysctls: { net.ipv4.conf.eth1.arp_ignore: 1 }
`,
    ['6:16 there is no interface "eth1" → did you mean "eth0"?'],
  ],
  [
    'a full sysctl name that Linux does not have',
    `${DB}    sysctls: { net.ipv4.conf.all.arp_ignores: 1 }
`,
    [
      '6:16 the sysctl "net.ipv4.conf.all.arp_ignores" is not modeled → did you mean "net.ipv4.conf.all.arp_ignore"?',
    ],
  ],
  [
    'a sysctl that is no number',
    `${DB}    sysctls: { arp_ignore: on }
`,
    ['6:28 expected a whole number in the unit of the kernel, or true or false, found "on"'],
  ],
  [
    'a next hop on no network',
    `${DB}    gateway: 10.0.0.1
`,
    [
      '6:14 the next hop 10.0.0.1 is on no network of this machine → use an address within the subnet of one of its interfaces, or name the interface with "dev"',
    ],
  ],
  [
    'a route that leads nowhere',
    `${DB}    routes: [{ to: default }]
`,
    ['6:14 a route needs "via" or "dev" → or "type: unreachable"'],
  ],
  [
    'a route by an unknown interface',
    `${DB}    routes: [{ to: default, dev: eth1 }]
`,
    ['6:34 there is no interface "eth1" → did you mean "eth0"?'],
  ],
  [
    'a black hole with a next hop',
    `${DB}    routes: [{ to: 10.0.0.0/8, type: blackhole, via: 192.168.50.1 }]
`,
    ['6:49 a route of type blackhole leads nowhere and takes no "via" → leave out "via" or "type"'],
  ],
  [
    'a route with a foreign source',
    `${DB}    routes: [{ to: default, via: 192.168.50.1, src: 192.168.50.11 }]
`,
    ['6:53 192.168.50.11 is not an address of this machine → it has 192.168.50.10'],
  ],
  [
    'a destination with host bits',
    `${DB}    routes: [{ to: 10.0.0.1/8, via: 192.168.50.1 }]
`,
    ['6:20 expected "default", a network or an address, such as 10.0.0.0/8, found "10.0.0.1/8"'],
  ],
  [
    'an application that does not exist',
    `${DB}    services: [{ tcp: 80, app: ecko }]
`,
    [
      '6:32 expected one of whoami, echo, discard, sink, chargen, found "ecko" → did you mean "echo"?',
    ],
  ],
  [
    'a port out of range',
    `${DB}    services: [{ tcp: 65536, app: echo }]
`,
    ['6:23 expected a port, 1 to 65535, found 65536'],
  ],
  [
    'a service of no protocol',
    `${DB}    services: [{ app: echo }]
`,
    ['6:16 this needs one of tcp, udp'],
  ],
  [
    'a service of two protocols',
    `${DB}    services: [{ tcp: 7, udp: 7, app: echo }]
`,
    ['6:16 tcp and udp cannot be combined → keep one of tcp, udp'],
  ],
  [
    'a port that is taken',
    `${DB}    services: [{ tcp: 7, app: echo }, { tcp: 7, app: discard }]
`,
    ['6:46 tcp 7 is used by a service above → choose another port or bind to an address'],
  ],
  [
    'a firewall rule with an unknown action',
    `${DB}    firewall: [{ deny: {} }]
`,
    ['6:18 unknown key "deny" → known here: accept, drop, reject'],
  ],
  [
    'a firewall rule with two actions',
    `${DB}    firewall: [{ accept: {}, drop: {} }]
`,
    ['6:16 accept and drop cannot be combined → keep one of accept, drop, reject'],
  ],
  [
    'a firewall rule with two protocols',
    `${DB}    firewall: [{ drop: { tcp: 1, icmp: echo } }]
`,
    ['6:24 tcp and icmp cannot be combined → make a rule of each'],
  ],
  [
    'a firewall rule about an unknown interface',
    `${DB}    firewall: [{ drop: { in: eth1 } }]
`,
    ['6:30 there is no interface "eth1" → did you mean "eth0"?'],
  ],
  [
    'a port range that is turned round',
    `${DB}    firewall: [{ drop: { tcp: 20-10 } }]
`,
    ['6:31 expected a port, a range such as 1024-2047, or any, found "20-10"'],
  ],
  [
    'an SNAT target that is misspelled',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, snat: masquerad } }
`,
    ['5:47 expected "masquerade", found "masquerad" → did you mean "masquerade"?'],
  ],
  [
    'an SNAT range that is turned round',
    `${LAN}hosts:
  db:
    interfaces: { eth0: { segment: lan, snat: { to: 10.0.0.9-10.0.0.1 } } }
`,
    [
      '5:53 expected an address or a range, such as 203.0.113.1 or 203.0.113.1-203.0.113.4, found "10.0.0.9-10.0.0.1"',
    ],
  ],
  [
    'an unknown SDN',
    `${LAN}cluster:
  sdn: openshift-sdm
  segment: lan
  nodes: {}
`,
    [
      '4:8 expected one of openshift-sdn, ovn-kubernetes, found "openshift-sdm" → did you mean "openshift-sdn"?',
    ],
  ],
  [
    'an unknown profile',
    `${LAN}cluster:
  sdn: { kind: openshift-sdn, profile: v4.4 }
  segment: lan
  nodes: {}
`,
    ['4:40 expected one of v4.3, head, found "v4.4" → did you mean "v4.3"?'],
  ],
  [
    'an unknown quirk',
    `${LAN}cluster:
  sdn: { kind: openshift-sdn, quirks: { sticky-failure-counts: false } }
  segment: lan
  nodes: {}
`,
    ['4:41 unknown key "sticky-failure-counts" → did you mean "sticky-failure-count"?'],
  ],
  [
    'a cluster on a segment without a subnet',
    `name: x
segments: { lan: {} }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144/24, subnet: 10.11.0.0/23 }
`,
    [
      '5:12 segment "lan" has no subnet, and nodes decide by it what is local → give segment "lan" a "subnet"',
    ],
  ],
  [
    'an egress IP that is malformed',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressIPs: [192.168.50.1200] }
`,
    [
      '7:76 expected an egress IP: an IPv4 address, such as 192.168.50.120, found "192.168.50.1200"',
    ],
  ],
  [
    'an egress CIDR that is an address',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressCIDRs: [192.168.50.0] }
`,
    ['7:78 expected a network, such as 192.168.50.0/24, found "192.168.50.0"'],
  ],
  [
    'an egress IP of a namespace that is malformed',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { shop: { egressIPs: [120] } }
`,
    ['8:37 expected an egress IP: an IPv4 address, such as 192.168.50.120, found 120'],
  ],
  [
    'pod subnets that overlap',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
    worker02: { address: 192.168.50.145, subnet: 10.11.1.0/24 }
`,
    [
      '8:50 the pod subnet 10.11.1.0/24 overlaps 10.11.0.0/23 of "worker01" → give every node a subnet of its own',
    ],
  ],
  [
    'a pod subnet outside the cluster network',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  clusterNetwork: 10.128.0.0/14
`,
    ['7:50 10.11.0.0/23 is outside the cluster network 10.128.0.0/14 → change one of the two'],
  ],
  [
    'a cluster network that overlaps a segment',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 192.168.0.0/16 }
`,
    [
      '3:1 the cluster network 192.168.0.0/16 overlaps 192.168.50.0/24 of segment "lan" → write a "clusterNetwork" that holds the pod subnets and nothing else',
    ],
  ],
  [
    'a pod subnet that is too small',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/30 }
`,
    ['7:50 10.11.0.0/30 is too small for pods → use /29 or wider'],
  ],
  [
    'an unknown role',
    `${LAN}${CLUSTER}    worker01: { role: slave, address: 192.168.50.144, subnet: 10.11.0.0/23 }
`,
    ['7:23 expected one of master, worker, found "slave"'],
  ],
  [
    'a node that Kubernetes would not name so',
    `${LAN}${CLUSTER}    Worker_01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
`,
    [
      '7:5 a name in the cluster has 1 to 63 lower-case letters, digits, "." or "-", and a letter or digit at both ends',
    ],
  ],
  [
    'a node without an address',
    `${LAN}${CLUSTER}    worker01: { subnet: 10.11.0.0/23 }
`,
    ['7:5 "address" is missing → "worker01" needs the key "address"'],
  ],
  [
    'a VNID of 25 bits',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { shop: { netid: 16777216 } }
`,
    ['8:32 expected a VNID, 0 to 16777215, found 16777216'],
  ],
  [
    'a pod in an unknown namespace',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { shop: {} }
  pods: { web: { namespace: shp, node: worker01 } }
`,
    ['9:29 there is no namespace "shp" → did you mean "shop"?'],
  ],
  [
    'a pod on an unknown node',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { shop: {} }
  pods: { web: { namespace: shop, node: worker1 } }
`,
    ['9:41 there is no node "worker1" → did you mean "worker01"?'],
  ],
  [
    `a pod with the node's own address`,
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { shop: {} }
  pods: { web: { namespace: shop, node: worker01, address: 10.11.0.1 } }
`,
    ['9:60 10.11.0.1 is not a pod address of "worker01" → its pods have 10.11.0.2 to 10.11.1.254'],
  ],
  [
    'a second interface with the name of the first',
    `${LAN}${CLUSTER}    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, interfaces: { enp1s0: { segment: lan } } }
`,
    ['7:78 "enp1s0" is already the primary interface → choose another name'],
  ],
  [
    'a captured port of an unknown device',
    `${DB}capture: [dbb/eth0]
`,
    ['6:11 there is no device "dbb" → did you mean "db"?'],
  ],
  [
    'a captured port that a host does not have',
    `${DB}capture: [db/eth1]
`,
    ['6:11 there is no interface "db/eth1" → did you mean "db/eth0"?'],
  ],
  [
    'a captured port without a name',
    `${DB}capture: [db/]
`,
    ['6:11 "db/" names no port → write "host/interface", with "*" for any, or "drops"'],
  ],
  [
    'more patterns of captured ports than are compared',
    `${DB}capture: [${Array.from({ length: 101 }, (_, at) => `'*${at}/eth0'`).join(', ')}]`,
    ['6:10 expected at most 100 patterns with "*", found a list'],
  ],
  [
    'no captured port at all',
    `${DB}capture: []
`,
    ['6:10 expected at least one port, found []'],
  ],
  [
    'an unknown capture format',
    `${DB}capture: { format: pcapgn }
`,
    ['6:20 expected one of pcapng, pcap, text, found "pcapgn" → did you mean "pcapng"?'],
  ],
  [
    'a scenario without an end',
    `${DB}scenario:
  steps: []
`,
    ['6:1 "duration" is missing → "scenario" needs the key "duration"'],
  ],
  [
    'a flow from an unknown machine',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: d, to: db, tcp: 1 } }
`,
    ['8:23 there is no pod, host or node "d" → did you mean "db"?'],
  ],
  [
    'a flow to an unknown machine',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: db, to: dbb, tcp: 1 } }
`,
    ['8:31 there is no pod, host or node "dbb" → did you mean "db"?'],
  ],
  [
    'a flow to an address that is none',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: db, to: 192.168.50, tcp: 1 } }
`,
    ['8:31 "192.168.50" is not an IPv4 address → four numbers from 0 to 255'],
  ],
  [
    'a flow of no protocol',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: db, to: db } }
`,
    ['8:12 this needs one of tcp, udp, icmp'],
  ],
  [
    'a connection without TCP',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: db, to: db, udp: 7, connection: persistent } }
`,
    ['8:43 "connection" is about TCP, and this flow is udp → leave "connection" out'],
  ],
  [
    'a flow that stops before it starts',
    `${DB}scenario:
  duration: 9s
  flows: { a: { from: db, to: db, udp: 7, start: 2s, stop: 1s } }
`,
    ['8:60 the flow stops before it starts → change "start" or "stop"'],
  ],
  [
    'a flow that starts after the end',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: db, to: db, udp: 7, start: 2s } }
`,
    ['8:50 this is after the end of the scenario → see "duration"'],
  ],
  [
    'a flow without a pause',
    `${DB}scenario:
  duration: 1s
  flows: { a: { from: db, to: db, udp: 7, every: 0s } }
`,
    ['8:50 expected a duration above zero with its unit, such as 250ms or 5s, found "0s"'],
  ],
];

/** Title, steps, the problem with its line counted from the first step. */
const STEPS: readonly (readonly [string, readonly string[], string])[] = [
  [
    'a step that is a text',
    ['fail worker01'],
    '1:7 expected a mapping of keys to values, found "fail worker01"',
  ],
  [
    'a step that says two things',
    ['{ at: 1s, fail: worker01, restore: worker01 }'],
    '1:7 "fail" and "restore" cannot be combined → make an entry of each',
  ],
  [
    'a misspelled step',
    ['{ at: 1s, fial: worker01 }'],
    '1:17 unknown key "fial" → did you mean "fail"?',
  ],
  [
    'a step without a time',
    ['{ fail: worker01 }'],
    '1:7 "at" is missing → this entry needs the key "at"',
  ],
  [
    'a time after the end',
    ['{ at: 61s, fail: worker01 }'],
    '1:13 61s is after the end of the scenario, 60s → change the time, or the "duration"',
  ],
  [
    'times that are not in order',
    ['{ at: 2s, fail: worker01 }', '{ at: 1s, restore: worker01 }'],
    '2:13 1s is before the step above, 2s → put the steps in order of time',
  ],
  [
    'an unknown node',
    ['{ at: 1s, fail: worker1 }'],
    '1:23 there is no host or node "worker1" → did you mean "worker01"?',
  ],
  [
    'an unknown way to fail',
    ['{ at: 1s, fail: worker01, how: power }'],
    '1:38 expected one of power-off, unplugged, agent-stopped, found "power"',
  ],
  [
    'an agent where there is none',
    ['{ at: 1s, fail: db, how: agent-stopped }'],
    '1:32 "db" is a host and runs no agent → use power-off or unplugged',
  ],
  [
    'an oc verb that does not exist',
    ['{ at: 1s, oc: "pach hostsubnet worker01 -p {}" }'],
    '1:21 oc has no command "pach" here → Did you mean "patch"? Known: get, describe, patch, delete, create, apply, replace, annotate, label, cordon, uncordon, wait, logs, api-resources.',
  ],
  [
    'an oc patch that is no JSON',
    [`{ at: 1s, oc: "patch hostsubnet worker01 --type=merge -p '{egressIPs}'" }`],
    `1:21 oc patch: unable to parse the patch: invalid character 'e' looking for beginning of object key string at offset 1, near: {egressIPs} → A patch is JSON in single quotes, for example: oc patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`,
  ],
  [
    'an oc command with an open quote',
    [`{ at: 1s, oc: "patch hostsubnet worker01 -p '{" }`],
    `1:21 a single quote is never closed at column 30 of: patch hostsubnet worker01 -p '{ → Add the closing '.`,
  ],
  [
    'an oc command about an unknown object',
    [`{ at: 1s, oc: "patch hostsubnet worker1 --type=merge -p '{}'" }`],
    '1:21 there is no node "worker1" → did you mean "worker01"?',
  ],
  [
    'an address for an unknown interface',
    ['{ at: 1s, addAddress: 192.168.50.120/24, to: db/eth1 }'],
    '1:52 there is no interface "db/eth1" → did you mean "db/eth0"?',
  ],
  [
    'an address that is on no subnet',
    ['{ at: 1s, addAddress: 192.168.51.120, to: db/eth0 }'],
    `1:29 192.168.51.120 needs a prefix length, for it is outside the segment's subnet → write 192.168.51.120/32 or its network's length`,
  ],
  [
    'an announcement of an unknown form',
    ['{ at: 1s, addAddress: 192.168.50.120, to: db, announce: both }'],
    '1:63 expected one of none, request, reply, found "both"',
  ],
  [
    'a prefix length where an address goes',
    ['{ at: 1s, removeAddress: 192.168.50.120/24, from: db }'],
    '1:32 expected an IPv4 address, such as 192.168.50.10, found "192.168.50.120/24"',
  ],
  [
    'an unknown cable',
    ['{ at: 1s, link: uplnk, state: down }'],
    '1:23 there is no host, node or link "uplnk" → did you mean "uplink"?',
  ],
  [
    'a link that is neither up nor down',
    ['{ at: 1s, link: uplink, state: broken }'],
    '1:38 expected one of up, down, found "broken"',
  ],
  [
    'a direction that does not exist',
    ['{ at: 1s, link: uplink, state: down, direction: left }'],
    '1:55 expected one of both, out, in, found "left"',
  ],
  [
    'an impairment of nothing',
    ['{ at: 1s, impair: lan }'],
    '1:7 this impairs nothing → add loss, latency, ..., or "clear: true"',
  ],
  [
    'an impairment that is misspelled',
    ['{ at: 1s, impair: lan, los: 10% }'],
    '1:30 unknown key "los" → did you mean "loss"?',
  ],
  [
    'an impairment of nobody',
    ['{ at: 1s, impair: lam, loss: 10% }'],
    '1:25 there is no host, node, link or segment "lam" → did you mean "lan"?',
  ],
  [
    'a partition where there are several segments',
    ['{ at: 1s, partition: [db] }'],
    '1:7 this needs a "segment", for the lab has several → one of lan, core',
  ],
  [
    'a partition with a stranger',
    ['{ at: 1s, partition: [db, mute], segment: lan }'],
    '1:33 "mute" is not on segment "lan" → there are: db, router, master01, worker01',
  ],
  [
    'a partition with one in two groups',
    ['{ at: 1s, partition: [[db], [db]], segment: lan }'],
    '1:36 "db" is in the partition twice',
  ],
  [
    'a partition of nobody',
    ['{ at: 1s, partition: [], segment: lan }'],
    '1:28 expected at least one machine, found []',
  ],
  [
    'a segment that cannot be healed',
    ['{ at: 1s, heal: lane }'],
    '1:23 there is no segment "lane" → did you mean "lan"?',
  ],
  [
    'an arping of an unknown mode',
    ['{ at: 1s, arping: 192.168.50.1, from: db, mode: -S }'],
    '1:55 expected one of -U, -A, -D, found "-S" → did you mean "-U"?',
  ],
  [
    'two arpings of one name',
    [
      '{ at: 1s, arping: 192.168.50.1, from: db, name: a }',
      '{ at: 1s, arping: 192.168.50.1, from: db, name: a }',
    ],
    '2:55 there is already an arping "a" → choose another name',
  ],
  [
    'a ping of a machine without an address',
    ['{ at: 1s, ping: mute, from: db }'],
    '1:23 "mute" has no address → name an address instead',
  ],
  [
    'a flow that cannot be started',
    ['{ at: 1s, start: cals }'],
    '1:24 there is no flow "cals" → did you mean "calls"?',
  ],
];

/** Title, expectation, the problem; the expectation begins in column 25. */
const EXPECTATIONS: readonly (readonly [string, string, string])[] = [
  [
    'a misspelled expectation',
    '{ hostsubnt: worker01, egressIPs: [] }',
    '1:27 unknown key "hostsubnt" → did you mean "hostsubnet"?',
  ],
  [
    'a HostSubnet of which nothing is expected',
    '{ hostsubnet: worker01 }',
    '1:25 this expectation checks nothing → add "egressIPs" or "egressCIDRs"',
  ],
  [
    'a HostSubnet of an unknown node',
    '{ hostsubnet: worker1, egressIPs: [] }',
    '1:39 there is no node "worker1" → did you mean "worker01"?',
  ],
  [
    'a NetNamespace of an unknown namespace',
    '{ netnamespace: shp, netid: 77 }',
    '1:41 there is no namespace "shp" → did you mean "shop"?',
  ],
  [
    'an oc command that changes something',
    '{ oc: "delete hostsubnet worker01", prints: "" }',
    '1:31 an expectation only looks, and "oc delete" changes something → use one of get, describe, logs, api-resources; make it a step otherwise',
  ],
  [
    'an oc command without an end',
    '{ oc: "get nodes -w", prints: "" }',
    '1:31 this command does not end by itself → leave out -w and -f',
  ],
  [
    'an oc command about nobody',
    '{ oc: "get hostsubnet worker1", prints: "" }',
    '1:31 there is no node "worker1" → did you mean "worker01"?',
  ],
  [
    'a holder that does not exist',
    '{ address: 192.168.50.120, heldBy: [worker01, nobdy] }',
    '1:71 there is no host, node or pod "nobdy" → known: db, router, mute, master01, worker01, web',
  ],
  [
    'a neighbor state that does not exist',
    '{ neighbor: db, address: 192.168.50.1, state: STALLE }',
    '1:71 expected one of INCOMPLETE, REACHABLE, STALE, DELAY, PROBE, FAILED, PERMANENT, found "STALLE" → did you mean "STALE"?',
  ],
  [
    'an owner of a MAC address that does not exist',
    '{ neighbor: db, address: 192.168.50.1, mac: routr }',
    '1:69 there is no host, node or pod "routr" → did you mean "router"?',
  ],
  [
    'an absent entry with a state',
    '{ neighbor: db, address: 192.168.50.1, absent: true, state: STALE }',
    '1:25 an entry that is absent has no mac and no state → keep "absent" alone',
  ],
  [
    'an unknown flow',
    '{ flow: call, lost: 0 }',
    '1:33 there is no flow "call" → did you mean "calls"?',
  ],
  [
    'a flow of which nothing is expected',
    '{ flow: calls }',
    '1:25 this expectation checks nothing → add one of answered, lost, longestOutage, source, ...',
  ],
  [
    'an outage without a unit',
    '{ flow: calls, longestOutage: "<25" }',
    '1:55 expected a comparison with a duration, such as "< 25s", found "<25"',
  ],
  [
    'a comparison with an unknown operator',
    '{ flow: calls, lost: "=< 3" }',
    '1:46 expected a number or a comparison, such as ">= 10", found "=< 3"',
  ],
  [
    'a loss above a hundred percent',
    '{ flow: calls, loss: "< 110%" }',
    '1:46 expected a comparison with a ratio, such as "< 10%", found "< 110%"',
  ],
  [
    'a window that is turned round',
    '{ flow: calls, lost: 0, between: [5s, 1s] }',
    '1:58 the second time must be after the first → swap them',
  ],
  [
    'a window with one end',
    '{ flow: calls, lost: 0, between: [5s] }',
    '1:58 expected a list of two times, found [5s]',
  ],
  [
    'two windows',
    '{ flow: calls, lost: 0, between: [1s, 5s], since: 1s }',
    '1:25 "between" and "since" cannot be combined → keep one of them',
  ],
  [
    'a frame with an unknown field',
    '{ frame: { arp: { opertion: reply } } }',
    '1:43 unknown key "opertion" → did you mean "operation"?',
  ],
  [
    'a frame that is two things',
    '{ frame: { arp: {}, tcp: {} } }',
    '1:34 no frame is arp and tcp at once → put what VXLAN carries into "inner"',
  ],
  [
    'a frame on an unknown port',
    '{ frame: { arp: {} }, on: db/eth9 }',
    '1:51 there is no interface "db/eth9" → did you mean "db/eth0"?',
  ],
  [
    'a frame with an unknown flag',
    '{ frame: { tcp: { flags: [sin] } } }',
    '1:51 expected one of fin, syn, rst, psh, ack, urg, found "sin" → did you mean "fin"?',
  ],
  [
    'a log of an unknown node',
    '{ log: offline, from: worker1 }',
    '1:47 there is no logger "worker1" → did you mean "worker01"?',
  ],
  [
    'an arping that was not',
    '{ arping: dad, verdict: free }',
    '1:35 there is no earlier arping "dad" → none is defined',
  ],
  [
    'a ping that was not',
    '{ ping: p, lost: 0 }',
    '1:33 there is no earlier ping "p" → none is defined',
  ],
  [
    'a port of an unknown machine',
    '{ fdb: lan, mac: db, behind: dbb }',
    '1:54 there is no host, node or segment "dbb" → did you mean "db"?',
  ],
];

describe('a topology with one mistake says where and what to do', () => {
  test('an unknown key far from any other is told what is known', () => {
    expect(problems(`${LAN}zzzzzz: 1\n`)).toEqual([
      expect.stringMatching(/^3:1 unknown key "zzzzzz" → known here: name, .*, scenario, explore$/),
    ]);
  });

  test.each(FILES)('%s', (_title, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});

/** Lines of a lab, counted from its first step. */
function fromFirstStep(problem: string): string {
  return problem.replace(/^\d+/, (line) => String(Number(line) - FIRST_STEP_LINE + 1));
}

describe('a scenario with one mistake says where and what to do', () => {
  test.each(STEPS)('%s', (_title, steps, expected) => {
    const text = labWith(steps.map((step) => `    - ${step}\n`).join(''));
    expect(problems(text).map(fromFirstStep)).toEqual([expected]);
  });

  test.each(EXPECTATIONS)('%s', (_title, expectation, expected) => {
    const text = labWith(`    - { at: 9s, expect: ${expectation} }\n`);
    expect(problems(text).map(fromFirstStep)).toEqual([expected]);
  });

  test('a step that says nothing is told what it could say', () => {
    expect(problems(labWith('    - { at: 1s }\n'))).toEqual([
      expect.stringMatching(
        /^29:7 this entry does not say what it is about → it needs one of: addAddress, .*, sysctl/,
      ),
    ]);
  });

  test('an expectation of nothing is told what it could be about', () => {
    expect(problems(labWith('    - { at: 1s, expect: {} }\n'))).toEqual([
      expect.stringMatching(/^29:25 this entry does .* it needs one of: arping, .*heldBy, .*ping/),
    ]);
  });
});
