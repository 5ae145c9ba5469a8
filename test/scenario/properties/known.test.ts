// Each property that the lab knows, broken by hand in one lab and held in the same lab without that hand.

import { describe, expect, test } from 'vitest';
import { runScenario } from '../../../src/scenario/run.ts';
import { parseTopology } from '../../../src/topology/parse.ts';
import { PROPERTY_NAMES, type PropertyName } from '../../../src/topology/properties/words.ts';

interface Case {
  /** With a bound, if it is not the usual one. */
  readonly property: string;
  readonly duration?: string;
  readonly options?: string;
  /** What stands in every variant of the lab. */
  readonly flow?: string;
  readonly namespaces?: string;
  readonly nodes?: readonly [worker02: string, worker03: string];
  /** What breaks it. */
  readonly steps: readonly string[];
  /** What happens in both. */
  readonly always?: readonly string[];
  readonly saw: RegExp;
  /** What keeps it instead of `steps`, where something must be there. */
  readonly kept?: { readonly nodes?: readonly [string, string] };
}

const SNAT = '{ from: 192.168.50.120, to: ';
const STATIC = ['egressIPs: [192.168.50.120]', ''] as const;

const CASES: Readonly<Record<PropertyName, Case>> = {
  'never-two-answer': {
    property: 'never-two-answer',
    steps: ['at: 10s, addAddress: 192.168.50.120, to: worker03'],
    saw: /^worker02 and worker03 answer for 192\.168\.50\.120, from 10\.0/,
  },
  'two-answer-for-good': {
    property: 'two-answer-for-good<20s',
    steps: ['at: 10s, addAddress: 192.168.50.120, to: worker03'],
    saw: /worker02 and worker03 answer/,
  },
  'no-node-ip': {
    property: 'no-node-ip',
    flow: 'udp: 7, every: 100ms',
    steps: ['at: 10s, fail: worker01', 'at: 20s, restore: worker01'],
    saw: /web is seen from 192\.168\.50\.1, the address of worker01/,
  },
  'no-foreign-ip': {
    property: 'no-foreign-ip',
    namespaces: ', blue: { netid: 11, egressIPs: [192.168.50.121] }',
    steps: [`at: 10s, addSnat: ${SNAT}192.168.50.121 }, on: router/eth1`],
    saw: /web is seen from 192\.168\.50\.121, which blue asks for/,
  },
  'no-pod-ip-on-the-wire': {
    property: 'no-pod-ip-on-the-wire',
    steps: [`at: 10s, addSnat: ${SNAT}10.128.0.99 }, on: router/eth1`],
    saw: /web is seen from 10\.128\.0\.99, the address of a pod/,
  },
  'fail-closed': {
    property: 'fail-closed',
    flow: 'udp: 7, every: 100ms',
    always: ['at: 10s, fail: worker02'],
    steps: ['at: 20s, fail: worker01', 'at: 25s, restore: worker01'],
    saw: /web is seen from 192\.168\.50\.1 while nobody holds/,
  },
  outage: {
    property: 'outage<15s',
    steps: ['at: 10s, fail: worker02'],
    saw: /^web is not answered, from 1[01]\./,
  },
  'replies-return': {
    property: 'replies-return',
    flow: 'udp: 7, every: 1s',
    steps: ['at: 10s, addNeighbor: 192.168.50.120, mac: "02:00:00:00:00:99", to: router/eth0'],
    saw: /the server sees the requests of web, and no answer returns/,
  },
  'dark-for-good': {
    property: 'dark-for-good<20s',
    steps: ['at: 10s, fail: worker02'],
    saw: /web stays unanswered/,
  },
  'beliefs-converge': {
    property: 'beliefs-converge<20s',
    steps: ['at: 10s, addNeighbor: 192.168.50.120, mac: worker03, to: router/eth0'],
    saw: /^router believes that \S+ has 192\.168\.50\.120, which worker02 holds/,
  },
  'api-agrees-with-wire': {
    property: 'api-agrees-with-wire<20s',
    steps: ['at: 10s, removeAddress: 192.168.50.120, from: worker02'],
    saw: /nobody holds 192\.168\.50\.120, which the API lists on worker02/,
  },
  'no-dead-holder': {
    property: 'no-dead-holder<5s',
    nodes: [
      'egressCIDRs: [192.168.50.0/24], egressIPs: [192.168.50.120]',
      'egressCIDRs: [192.168.50.0/24]',
    ],
    steps: ['at: 10s, fail: worker02'],
    saw: /the API lists 192\.168\.50\.120 on worker02, which is dead/,
  },
  'no-false-offline': {
    property: 'no-false-offline<20s',
    nodes: ['egressCIDRs: [192.168.50.0/24]', 'egressCIDRs: [192.168.50.0/24]'],
    steps: ['at: 10s, addRoute: 192.168.50.3/32, type: blackhole, on: master01'],
    saw: /controller takes worker03 for dead, which is whole/,
  },
  'siblings-apart': {
    property: 'siblings-apart<10s',
    steps: [
      `at: 10s, oc: "patch netnamespace red --type=merge -p '{\\"egressIPs\\":[\\"192.168.50.120\\",\\"192.168.50.121\\"]}'"`,
      `at: 11s, oc: "patch hostsubnet worker02 --type=merge -p '{\\"egressIPs\\":[\\"192.168.50.120\\",\\"192.168.50.121\\"]}'"`,
    ],
    saw: /192\.168\.50\.120 and 192\.168\.50\.121 of red are both on worker02/,
  },
  balanced: {
    property: 'balanced<20s',
    // One active IP on a node without egressCIDRs, and the allocator never moves the others.
    namespaces:
      ', n1: { egressIPs: [192.168.50.121] }, n2: { egressIPs: [192.168.50.122] }, n3: { egressIPs: [192.168.50.123] }, n4: { egressIPs: [192.168.50.124] }',
    nodes: [
      'egressCIDRs: [192.168.50.128/25, 192.168.50.120/29], egressIPs: [192.168.50.121, 192.168.50.122, 192.168.50.123, 192.168.50.124]',
      '',
    ],
    always: [
      `at: 2s, oc: "patch hostsubnet worker01 --type=merge -p '{\\"egressIPs\\":[\\"192.168.50.120\\"]}'"`,
    ],
    steps: [
      `at: 10s, oc: "patch hostsubnet worker03 --type=merge -p '{\\"egressCIDRs\\":[\\"192.168.50.120/29\\"]}'"`,
    ],
    saw: /worker03 has 0 of 4 egress IPs/,
  },
  'no-loop': {
    property: 'no-loop',
    steps: [
      'at: 10s, addRoute: 203.0.113.0/24, via: 192.168.50.1, on: router',
      'at: 11s, ping: 203.0.113.9, from: db',
    ],
    saw: /(router|worker01) drops packets whose TTL is used up/,
  },
};

function labOf(each: Case, steps: readonly string[]): string {
  const { duration = '45s', flow = 'tcp: 80, every: 1s', namespaces = '', nodes = STATIC } = each;
  const [worker02, worker03] = nodes;
  const lines = [...(each.always ?? []), ...steps].map((line) => `    - { ${line} }`);
  return `name: broken
segments:
  lan: { subnet: 192.168.50.0/24, latency: 50us }
  far: { subnet: 10.60.0.0/24, latency: 50us }
hosts:
  router:
    forwarding: true
    interfaces: { eth0: { segment: lan, address: 192.168.50.254 }, eth1: { segment: far, address: 10.60.0.1 } }
  db:
    interfaces: { eth0: { segment: far, address: 10.60.0.2 } }
    services: [{ tcp: 80, app: whoami }, { udp: 7, app: echo }]
    routes: [{ to: default, via: 10.60.0.1 }]
cluster:
  fabric: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.9, routes: [{ to: default, via: 192.168.50.254 }] }
    worker01: { address: 192.168.50.1, routes: [{ to: default, via: 192.168.50.254 }] }
    worker02: { address: 192.168.50.2, routes: [{ to: default, via: 192.168.50.254 }], ${worker02} }
    worker03: { address: 192.168.50.3, routes: [{ to: default, via: 192.168.50.254 }], ${worker03} }
  namespaces: { red: { netid: 10, egressIPs: [192.168.50.120] }${namespaces} }
  pods: { web: { namespace: red, node: worker01 } }
scenario:
  duration: ${duration}
  flows: { web: { from: web, to: db, ${flow}, start: 5s } }
  steps:
${lines.join('\n')}
    - { at: ${duration}, expect: { property: "${each.property}" } }
`;
}

async function verdict(
  text: string,
): Promise<{ readonly verdict: string; readonly saw: readonly string[] }> {
  const { diagnostics, topology } = parseTopology(text, { file: 'broken.yaml' });
  expect(diagnostics).toEqual([]);
  if (topology === null) throw new Error('it is sound');
  const { expectations } = await runScenario(topology);
  const [only] = expectations;
  if (only === undefined) throw new Error('one was expected');
  return only;
}

describe('every property', () => {
  test.each(PROPERTY_NAMES)('%s is broken, and tells by what', async (name) => {
    const each = CASES[name];
    const found = await verdict(labOf(each, each.steps));
    expect(found.verdict).toBe('failed');
    expect(found.saw.join('\n')).toMatch(each.saw);
  });

  test.each(PROPERTY_NAMES)('%s holds where nobody breaks it', async (name) => {
    expect(await verdict(labOf(CASES[name], []))).toMatchObject({ verdict: 'held', saw: [] });
  });
});
