// What each kind of expectation becomes; what is not asked for is null.

import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/sim/time.ts';
import { type Comparisons, satisfies } from '../../src/topology/expectations/expectation.ts';
import { parseCidr, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC, parseMac } from '../../src/wire/mac-address.ts';
import { Flag } from '../../src/wire/tcp.ts';
import { parseOc } from '../support/kinds.ts';
import { expectation, labWith, sound } from './support.ts';

const ip = (text: string): unknown => parseIpv4(text);
const cidr = (text: string): unknown => parseCidr(text);
const DB_MAC = { mac: parseMac('02:00:00:00:00:0a'), owner: 'db/eth0' };
const MASTER_MAC = { mac: parseMac('02:00:00:00:01:41'), owner: 'master01/enp1s0' };
const AT_LEAST_ONE = [{ operator: '>=', value: 1 }];

const NO_FLOW_CHECKS = {
  window: null,
  sent: null,
  answered: null,
  lost: null,
  loss: null,
  longestOutage: null,
  source: null,
  sources: null,
  answering: null,
};
const ANY_FRAME = {
  sourceMac: null,
  destinationMac: null,
  direction: null,
  arp: null,
  ipSource: null,
  ipDestination: null,
  icmp: null,
  tcp: null,
  udp: null,
  vxlan: null,
  comment: null,
};
const ANY_ARP = {
  operation: null,
  senderMac: null,
  senderIp: null,
  targetMac: null,
  targetIp: null,
  gratuitous: null,
};

/** Title, YAML, what it becomes. */
const EXPECTATIONS: readonly (readonly [string, string, object])[] = [
  [
    'egress IPs of a node',
    '{ hostsubnet: worker01, egressIPs: [192.168.50.120] }',
    {
      kind: 'object',
      keyword: 'hostsubnet',
      wanted: { node: 'worker01', egressIps: ['192.168.50.120'], egressCidrs: null },
    },
  ],
  [
    'egress CIDRs of a node, none',
    '{ hostsubnet: worker01, egressCIDRs: [] }',
    {
      kind: 'object',
      keyword: 'hostsubnet',
      wanted: { node: 'worker01', egressIps: null, egressCidrs: [] },
    },
  ],
  [
    'a namespace',
    '{ netnamespace: shop, netid: 77, egressIPs: [] }',
    {
      kind: 'object',
      keyword: 'netnamespace',
      wanted: { namespace: 'shop', netid: 77, egressIps: [] },
    },
  ],
  ['a node', '{ node: worker01, ready: false }', { kind: 'node', node: 'worker01', ready: false }],
  [
    'one holder',
    '{ address: 192.168.50.120, heldBy: worker01 }',
    { kind: 'holders', address: ip('192.168.50.120'), machines: ['worker01'] },
  ],
  [
    'two holders',
    '{ address: 192.168.50.120, heldBy: [worker01, db] }',
    { kind: 'holders', address: ip('192.168.50.120'), machines: ['worker01', 'db'] },
  ],
  [
    'no holder',
    '{ address: 192.168.50.120, heldBy: nobody }',
    { kind: 'holders', address: ip('192.168.50.120'), machines: [] },
  ],
  [
    'a neighbor entry by its owner',
    '{ neighbor: router, address: 192.168.50.10, mac: db, state: [STALE, REACHABLE] }',
    {
      kind: 'neighbor',
      machine: 'router',
      interface: null,
      address: ip('192.168.50.10'),
      absent: false,
      mac: DB_MAC,
      states: ['STALE', 'REACHABLE'],
    },
  ],
  [
    'a neighbor entry of one interface by its address',
    '{ neighbor: router/eth0, address: 192.168.50.10, mac: "02:aa:00:00:00:01" }',
    {
      kind: 'neighbor',
      machine: 'router',
      interface: 'eth0',
      address: ip('192.168.50.10'),
      absent: false,
      mac: { mac: parseMac('02:aa:00:00:00:01'), owner: null },
      states: [],
    },
  ],
  [
    'a neighbor entry that is not there',
    '{ neighbor: web, address: 10.0.0.9, absent: true }',
    {
      kind: 'neighbor',
      machine: 'web',
      interface: null,
      address: ip('10.0.0.9'),
      absent: true,
      mac: null,
      states: [],
    },
  ],
  [
    'what a command prints, without blanks at line ends',
    '{ oc: "get hostsubnets -o name", prints: "one  \\n\\ntwo \\n" }',
    {
      kind: 'oc',
      command: parseOc('get hostsubnets -o name'),
      lines: ['one', '', 'two'],
    },
  ],
  [
    'everything about a flow',
    '{ flow: calls, sent: 9, answered: ">= 8", lost: "< 2", loss: "< 10%", longestOutage: "<= 1.5s", source: 192.168.50.120, sources: [192.168.50.120, 192.168.50.144], answering: true, between: [5s, 10s] }',
    {
      kind: 'flow',
      flow: 'calls',
      window: { from: seconds(5), to: seconds(10) },
      sent: [{ operator: '==', value: 9 }],
      answered: [{ operator: '>=', value: 8 }],
      lost: [{ operator: '<', value: 2 }],
      loss: [{ operator: '<', value: 0.1 }],
      longestOutage: [{ operator: '<=', value: seconds(1.5) }],
      source: ip('192.168.50.120'),
      sources: [ip('192.168.50.120'), ip('192.168.50.144')],
      answering: true,
    },
  ],
  [
    'a flow since a time, until it is checked',
    '{ flow: calls, lost: 0, since: 20s }',
    {
      ...NO_FLOW_CHECKS,
      kind: 'flow',
      flow: 'calls',
      window: { from: seconds(20), to: seconds(30) },
      lost: [{ operator: '==', value: 0 }],
    },
  ],
  [
    'an ARP frame that must be there',
    '{ frame: { arp: { operation: reply, senderIp: 192.168.50.10, senderMac: db, targetIp: 192.168.50.10, targetMac: broadcast, gratuitous: true } }, on: db/eth0 }',
    {
      kind: 'frame',
      match: {
        ...ANY_FRAME,
        arp: {
          operation: 'reply',
          senderIp: ip('192.168.50.10'),
          senderMac: DB_MAC,
          targetIp: ip('192.168.50.10'),
          targetMac: { mac: BROADCAST_MAC, owner: null },
          gratuitous: true,
        },
      },
      on: {
        text: 'db/eth0',
        position: { file: 'lab.yaml', line: 29, column: 175, path: 'scenario.steps[0].expect.on' },
      },
      window: null,
      count: AT_LEAST_ONE,
    },
  ],
  [
    'a frame that must not be there',
    '{ frame: { arp: {} }, count: 0, since: 1s }',
    {
      kind: 'frame',
      match: { ...ANY_FRAME, arp: ANY_ARP },
      on: null,
      window: { from: seconds(1), to: seconds(30) },
      count: [{ operator: '==', value: 0 }],
    },
  ],
  [
    'a TCP segment',
    '{ frame: { ip: { from: 10.0.0.0/8, to: 192.168.50.10 }, tcp: { to: 5432, flags: [syn, ack], without: rst }, direction: out } }',
    {
      kind: 'frame',
      match: {
        ...ANY_FRAME,
        direction: 'out',
        ipSource: cidr('10.0.0.0/8'),
        ipDestination: cidr('192.168.50.10/32'),
        tcp: {
          sourcePort: null,
          destinationPort: 5432,
          flagsSet: Flag.Syn | Flag.Ack,
          flagsClear: Flag.Rst,
        },
      },
      on: null,
      window: null,
      count: AT_LEAST_ONE,
    },
  ],
  [
    'what is inside VXLAN',
    '{ frame: { vxlan: { vni: 77, inner: { udp: { from: 53 }, ethernet: { from: web } } }, comment: announce } }',
    {
      kind: 'frame',
      match: {
        ...ANY_FRAME,
        vxlan: {
          vni: 77,
          inner: {
            ...ANY_FRAME,
            sourceMac: { mac: parseMac('0a:58:ac:11:00:02'), owner: 'web' },
            udp: { sourcePort: 53, destinationPort: null },
          },
        },
        comment: 'announce',
      },
      on: null,
      window: null,
      count: AT_LEAST_ONE,
    },
  ],
  [
    'an ICMP message by its name',
    '{ frame: { icmp: time-exceeded } }',
    {
      kind: 'frame',
      match: { ...ANY_FRAME, icmp: { type: 11, code: null } },
      on: null,
      window: null,
      count: AT_LEAST_ONE,
    },
  ],
  [
    'an ICMP message by its numbers',
    '{ frame: { icmp: { type: 3, code: 4 } } }',
    {
      kind: 'frame',
      match: { ...ANY_FRAME, icmp: { type: 3, code: 4 } },
      on: null,
      window: null,
      count: AT_LEAST_ONE,
    },
  ],
  [
    'a log line',
    '{ log: "Multiple nodes (192.168.50.144,", from: controller, count: "> 1, < 4" }',
    {
      kind: 'log',
      contains: 'Multiple nodes (192.168.50.144,',
      from: 'controller',
      window: null,
      count: [
        { operator: '>', value: 1 },
        { operator: '<', value: 4 },
      ],
    },
  ],
  [
    'a log line of anybody',
    '{ log: offline }',
    { kind: 'log', contains: 'offline', from: null, window: null, count: AT_LEAST_ONE },
  ],
  [
    'a log line of a pod by its name',
    '{ log: offline, from: sdn-8zhv7, count: 0 }',
    {
      kind: 'log',
      contains: 'offline',
      from: 'sdn-8zhv7',
      window: null,
      count: [{ operator: '==', value: 0 }],
    },
  ],
  [
    'where a switch sends',
    '{ fdb: lan, mac: master01, behind: master01 }',
    { kind: 'fdb', segment: 'lan', mac: MASTER_MAC, behind: 'master01' },
  ],
  [
    'what a switch does not know',
    '{ fdb: core, mac: db/eth0, behind: nowhere }',
    { kind: 'fdb', segment: 'core', mac: DB_MAC, behind: null },
  ],
];

describe('an expectation becomes', () => {
  test.each(EXPECTATIONS)('%s', (_title, text, expected) => {
    expect(expectation(text)).toEqual(expected);
  });

  test('what an arping found', () => {
    const before =
      '    - { at: 1s, arping: 192.168.50.120, from: router/eth0, mode: -D, name: dad }\n';
    expect(
      expectation('{ arping: dad, verdict: duplicate, answeredBy: [db, master01] }', before),
    ).toEqual({
      kind: 'arping',
      arping: 'dad',
      verdict: 'duplicate',
      answeredBy: [DB_MAC, MASTER_MAC],
    });
    expect(expectation('{ arping: dad, answeredBy: db }', before)).toEqual({
      kind: 'arping',
      arping: 'dad',
      verdict: null,
      answeredBy: [DB_MAC],
    });
  });

  test('how a ping fared', () => {
    const before = '    - { at: 1s, ping: db, from: web, count: 3 }\n';
    expect(expectation('{ ping: ping-1, answered: 3 }', before)).toEqual({
      kind: 'ping',
      ping: 'ping-1',
      sent: null,
      answered: [{ operator: '==', value: 3 }],
      lost: null,
    });
  });

  test('several at one time, each with its own place', () => {
    const text = labWith(
      '    - { at: 9s, expect: [{ flow: calls, lost: 0 }, { node: worker01, ready: true }] }\n',
    );
    const [only] = sound(text).scenario.steps;
    const found = only?.kind === 'expect' ? only.expectations : [];
    expect(found.map(({ text: words, position }) => [words, position.column])).toEqual([
      ['flow: calls, lost: 0', 26],
      ['node: worker01, ready: true', 52],
    ]);
  });
});

describe('a comparison', () => {
  const COMPARISONS: readonly (readonly [string, Comparisons])[] = [
    ['7', [{ operator: '==', value: 7 }]],
    ['"7"', [{ operator: '==', value: 7 }]],
    ['"= 7"', [{ operator: '==', value: 7 }]],
    ['"== 7"', [{ operator: '==', value: 7 }]],
    ['"!=7"', [{ operator: '!=', value: 7 }]],
    ['"<=7"', [{ operator: '<=', value: 7 }]],
    ['" >  7 "', [{ operator: '>', value: 7 }]],
  ];
  test.each(COMPARISONS)('%s is read', (text, expected) => {
    expect(expectation(`{ flow: calls, lost: ${text} }`)).toMatchObject({ lost: expected });
  });

  test.each([
    ['<', [false, false, true]],
    ['<=', [false, true, true]],
    ['>', [true, false, false]],
    ['>=', [true, true, false]],
    ['==', [false, true, false]],
    ['!=', [true, false, true]],
  ] as const)('%s holds for what is greater, equal, less: %s', (operator, expected) => {
    const holds = [3, 2, 1].map((actual) => satisfies(actual, [{ operator, value: 2 }]));
    expect(holds).toEqual(expected);
  });

  test('all parts must hold', () => {
    const between: Comparisons = [
      { operator: '>', value: 1 },
      { operator: '<', value: 3 },
    ];
    expect([1, 2, 3].map((actual) => satisfies(actual, between))).toEqual([false, true, false]);
  });
});
