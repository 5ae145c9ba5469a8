// Each quirk of OVN-Kubernetes shows its symptom in a lab, and switched off it does not: one scenario, run
// both ways, with the symptom as an expectation.

import { describe, expect, test } from 'vitest';
import { type QuirkName, quirkNames } from '../../../src/fabric/ovn-kubernetes/quirks.ts';
import { type OvnParts, runOvn } from '../../support/ovn-cluster.ts';

interface Case extends OvnParts {
  /** An expectation that holds when the quirk shows. */
  readonly symptom: string;
  /** Other quirks that would hide it. */
  readonly quirks?: string;
  /** When it is looked at. */
  readonly at: string;
  readonly seed?: number;
}

const LABEL = 'k8s.ovn.org/egress-assignable=""';
const UNLABEL = 'k8s.ovn.org/egress-assignable-';
const EIP = '192.168.50.120';
/** The IP is on w1 from the start, and w2 is a candidate from 2 s on. */
const ON_W1: OvnParts = { labeled: ['w1'] };
const W2_JOINS = `at: 2s, oc: 'label node w2 ${LABEL}'`;
const W1_LEAVES = `at: 5s, oc: 'label node w1 ${UNLABEL}'`;
const ASKS = `arping: ${EIP}, from: db, name: ask`;
const SECONDARY: OvnParts = {
  segments: ', san: { subnet: 10.1.0.0/24, latency: 50us }',
  hosts: `  store:
    interfaces: { eth0: { segment: san, address: 10.1.0.10/24 } }
    services: [{ udp: 7, app: echo }]`,
  nodes: { w1: 'interfaces: { enp2s0: { segment: san, address: 10.1.0.44/24 } }' },
};

const CASES: Readonly<Partial<Record<QuirkName, Case>>> = {
  'ovnk-no-garp': {
    ...ON_W1,
    profile: '4.14',
    duration: '8s',
    at: '7s',
    symptom: `frame: { arp: { gratuitous: true, senderIp: ${EIP} } }, on: db/eth0, count: 0`,
  },
  'ovnk-no-health': {
    ...ON_W1,
    steps: [W2_JOINS, 'at: 3s, fail: w1'],
    at: '20s',
    symptom: 'egressip: prod, nodes: [w1]',
  },
  'ovnk-shutdown-race': {
    ...ON_W1,
    steps: [W2_JOINS, 'at: 5s, fail: w1, how: agent-stopped', `at: 20s, ${ASKS}`],
    at: '22s',
    symptom: 'arping: ask, answeredBy: [w1, w2]',
  },
  'ovnk-stale-db-garp': {
    ...ON_W1,
    nodes: { w1: 'apiDelay: 6s' },
    duration: '36s',
    steps: [W2_JOINS, 'at: 8s, fail: w1', 'at: 25s, restore: w1'],
    at: '35s',
    symptom: `frame: { arp: { gratuitous: true, senderIp: ${EIP}, senderMac: w1 } }, on: db/eth0, since: 25s`,
  },
  'ovnk-zero-garp': {
    ...ON_W1,
    duration: '3s',
    at: '2s',
    symptom: 'frame: { arp: { senderIp: 0.0.0.0, targetIp: 0.0.0.0 } }, on: db/eth0',
  },
  'ovnk-accidental-defence': {
    ...ON_W1,
    profile: '4.14',
    nodes: { w1: 'apiDelay: 4s' },
    duration: '13s',
    steps: [W2_JOINS, W1_LEAVES],
    at: '12s',
    symptom: `frame: { arp: { operation: reply, senderIp: ${EIP}, senderMac: w1, targetIp: ${EIP} } }, on: w2/enp1s0`,
  },
  'ovnk-stale-binding': {
    quirks: 'ovnk-config-flap: false',
    ...ON_W1,
    duration: '12s',
    steps: [
      'at: 3s, fail: w3, how: agent-stopped',
      "at: 4s, oc: 'delete eip prod'",
      'at: 6s, restore: w3',
    ],
    at: '11s',
    symptom: 'flow: web, since: 8s, answered: 0',
  },
  'ovnk-stale-nexthop': {
    profile: '4.14',
    egressIPs:
      'prod: { egressIPs: [192.168.50.120, 192.168.50.121], namespaceSelector: { matchLabels: { env: prod } } }',
    flow: 'tcp: 5432, every: 100ms',
    duration: '22s',
    steps: ['at: 3s, fail: w1', "at: 4s, oc: 'delete node w1'"],
    at: '21s',
    symptom: 'flow: web, since: 15s, lost: ">= 1"',
  },
  'ovnk-restart-duplicate': {
    egressIPs: `a: { egressIPs: [${EIP}], namespaceSelector: {} }, b: { egressIPs: [${EIP}], namespaceSelector: {} }`,
    duration: '20s',
    steps: ['at: 5s, fail: m1', 'at: 6s, restore: m1'],
    at: '19s',
    symptom: 'egressip: b, nodes: [w1]',
  },
  'ovnk-conflict-stops-all': {
    ...ON_W1,
    duration: '6s',
    steps: [
      `at: 2s, oc: "patch eip prod --type=merge -p '{\\"spec\\": {\\"egressIPs\\": [\\"192.168.50.45\\", \\"192.168.50.121\\"]}}'"`,
    ],
    at: '5s',
    symptom: 'egressip: prod, nodes: []',
  },
  'ovnk-pod-ip-leak': {
    ...ON_W1,
    nodes: { w2: 'apiDelay: 3s' },
    duration: '12s',
    steps: [W2_JOINS, `at: 6s, oc: 'label node w1 ${UNLABEL}'`],
    at: '11s',
    symptom: 'frame: { ip: { from: 10.128.46.3 } }, on: db/eth0',
  },
  'ovnk-east-west-eip': {
    quirks: 'ovnk-node-snat-wins: false',
    ...ON_W1,
    profile: '4.10',
    pods: 'web: { namespace: shop, node: w1, labels: { app: web } }',
    duration: '6s',
    steps: ['at: 3s, ping: w2, from: web'],
    at: '5s',
    symptom: `frame: { icmp: echo-request, ip: { from: ${EIP} } }, on: w2/enp1s0`,
  },
  'ovnk-node-snat-wins': {
    ...ON_W1,
    profile: '4.10',
    pods: 'web: { namespace: shop, node: w1, labels: { app: web } }',
    duration: '5s',
    at: '4s',
    symptom: 'flow: web, source: 192.168.50.44',
  },
  'ovnk-stale-snat': {
    ...ON_W1,
    profile: '4.14',
    steps: [W2_JOINS, W1_LEAVES, `at: 10s, ${ASKS}`],
    duration: '13s',
    at: '12s',
    symptom: 'arping: ask, answeredBy: [w1, w2]',
  },
  'ovnk-edit-drops-sibling': {
    quirks: 'ovnk-stale-snat: false',
    profile: '4.10',
    egressIPs:
      'prod: { egressIPs: [192.168.50.120, 192.168.50.121], namespaceSelector: { matchLabels: { env: prod } } }',
    duration: '12s',
    steps: [
      `at: 4s, oc: "patch eip prod --type=merge -p '{\\"spec\\": {\\"egressIPs\\": [\\"192.168.50.120\\"]}}'"`,
    ],
    flow: 'tcp: 5432, every: 100ms',
    at: '11s',
    symptom: 'flow: web, since: 6s, answered: 0',
  },
  'ovnk-recovery-stuck': {
    ...ON_W1,
    profile: '4.10',
    duration: '35s',
    steps: [
      'at: 3s, fail: w1, how: unplugged',
      'at: 20s, restore: w1',
      "at: 21500ms, oc: 'label node w1 touched=yes'",
    ],
    at: '34s',
    symptom: 'egressip: prod, nodes: []',
  },
  'ovnk-standby-forgotten': {
    ...ON_W1,
    labeled: ['w1', 'w2'],
    egressIPs: `a: { egressIPs: [${EIP}], namespaceSelector: {}, podSelector: { matchLabels: { app: web } } }, b: { egressIPs: [192.168.50.121], namespaceSelector: {}, podSelector: { matchLabels: { app: shop } } }`,
    pods: 'web: { namespace: shop, node: w3, labels: { app: web } }, other: { namespace: shop, node: w3, labels: { app: shop } }',
    duration: '9s',
    flow: 'tcp: 5432, every: 100ms',
    steps: ["at: 4s, oc: 'label pod web -n shop app=shop --overwrite'"],
    at: '8s',
    symptom: 'flow: web, source: 192.168.50.46',
  },
  'ovnk-config-flap': {
    ...ON_W1,
    profile: '4.14',
    steps: ['at: 20s, fail: w1, how: agent-stopped', 'at: 21s, restore: w1'],
    at: '29s',
    symptom: `frame: { arp: { gratuitous: true, senderIp: ${EIP} } }, on: db/eth0, since: 21s`,
  },
  'ovnk-sync-removes-valid': {
    quirks: 'ovnk-config-flap: false',
    ...ON_W1,
    profile: '4.14',
    duration: '12s',
    steps: ['at: 4s, fail: w1, how: agent-stopped', 'at: 5s, restore: w1'],
    at: '11s',
    symptom: 'flow: web, since: 7s, answered: 0',
  },
  'ovnk-eip-wrong-link': {
    quirks: 'ovnk-zero-garp: false',
    ...SECONDARY,
    ...ON_W1,
    egressIPs: 'prod: { egressIPs: [10.1.0.120], namespaceSelector: {} }',
    duration: '5s',
    at: '4s',
    symptom: 'frame: { arp: { senderIp: 10.1.0.120 } }, on: db/eth0',
  },
  'ovnk-stale-mac-binding': {
    ...ON_W1,
    profile: '4.10',
    flow: 'udp: 7, every: 2s',
    duration: '700s',
    steps: [
      `at: 9s, addNeighbor: ${EIP}, to: db, mac: w1`,
      'at: 10s, setInterface: db/eth0, mac: 02:00:00:00:00:99',
    ],
    at: '699s',
    symptom: 'flow: web, since: 650s, answered: 0',
  },
  'ovnk-eip-in-host-cidrs': {
    ...ON_W1,
    duration: '10s',
    steps: [W2_JOINS, W1_LEAVES],
    at: '9s',
    symptom: 'egressip: prod, nodes: []',
  },
  'ovnk-secondary-early-lrp': {
    ...SECONDARY,
    labeled: [],
    egressIPs: 'prod: { egressIPs: [10.1.0.120], namespaceSelector: {} }',
    flow: 'udp: 7, every: 1s',
    flows: '    san: { from: web, to: store, udp: 7, start: 1900ms, stop: 2300ms, every: 5ms }',
    pods: 'web: { namespace: shop, node: w1, labels: { app: web } }',
    duration: '4s',
    steps: [`at: 2s, oc: 'label node w1 ${LABEL}'`],
    at: '3s',
    symptom: 'frame: { ip: { from: 10.128.44.3 } }, on: w1/enp2s0',
  },
  'ovnk-move-window-node-ip': {
    ...ON_W1,
    duration: '7s',
    flow: 'udp: 7, every: 1s',
    flows: '    busy: { from: web, to: db, udp: 7, start: 4950ms, stop: 5100ms, every: 1ms }',
    steps: [W2_JOINS, W1_LEAVES],
    at: '6s',
    symptom: 'frame: { udp: { to: 7 }, ip: { from: 192.168.50.46 } }, on: db/eth0',
  },
};

/** Their symptoms are no packets of a lab: the vectors of policies and of the allocator have them. */
const ELSEWHERE: readonly QuirkName[] = [
  'ovnk-reply-rerouted',
  'ovnk-secondary-narrows-nodes',
  'ovnk-statefulset-stale',
];

async function verdict(name: QuirkName, on: boolean): Promise<string> {
  const {
    at,
    quirks = '',
    seed = 1,
    steps = [],
    symptom,
    ...parts
  } = CASES[name] ?? { at: '', symptom: '' };
  const report = await runOvn(
    {
      ...parts,
      quirks: [`${name}: ${on}`, quirks].filter((each) => each !== '').join(', '),
      steps: [...steps, `at: ${at}, expect: { ${symptom} }`],
    },
    seed,
  );
  const [expectation, ...more] = report.expectations;
  expect(more).toEqual([]);
  expect(report.problems).toEqual([]);
  return expectation?.verdict ?? 'none';
}

describe('a quirk shows its symptom, and none when it is off', () => {
  test('every quirk is here, or in the vectors', () => {
    expect([...Object.keys(CASES), ...ELSEWHERE].sort()).toEqual([...quirkNames].sort());
  });

  test.each(Object.keys(CASES) as QuirkName[])('%s', async (name) => {
    expect({ on: await verdict(name, true), off: await verdict(name, false) }).toEqual({
      on: 'held',
      off: 'failed',
    });
  });
});
