// All problems of a file are told at once, and none of them twice under another name.

import { describe, expect, test } from 'vitest';
import { DIAGNOSTIC_LIMIT } from '../../src/schema/diagnostic.ts';
import { labWith, problems } from './support.ts';

describe('a file with many mistakes', () => {
  test('tells of wrong keys, wrong values and wrong names in one go, in the order of the file', () => {
    const text = `name: shop
descripton: a typo
segments:
  lan: { subnet: 192.168.50.0/24, latency: 50 }
hosts:
  db:
    interfaces: { eth0: { segment: lam, address: 192.168.50.10/24 } }
  web:
    interfaces: { eth0: { segment: lan, address: 192.168.51.11/24 } }
    services: [{ tcp: 80, app: whoam }]
  web:
    interfaces: {}
scenario:
  duration: 10
  flows:
    calls: { from: wep, to: db, tcp: 5432 }
  steps:
    - { at: 2s, fail: dp }
    - { at: 1s, expect: { flow: cals, lost: 0 } }
`;
    expect(problems(text).map((problem) => problem.replace(/ → .*/, ''))).toEqual([
      '2:1 unknown key "descripton"',
      '4:44 expected a duration with its unit, such as 250ms or 5s, found 50',
      '7:36 there is no segment "lam"',
      '9:50 192.168.51.11 is outside 192.168.50.0/24, the subnet of segment "lan"',
      '10:32 expected one of whoami, echo, discard, sink, chargen, found "whoam"',
      '11:3 "web" is given twice',
      '14:13 expected a duration above zero with its unit, such as 250ms or 5s, found 10',
      '16:20 there is no pod, host or node "wep"',
      '18:23 there is no host or node "dp"',
      '19:13 1s is before the step above, 2s',
      '19:33 there is no flow "cals"',
    ]);
  });

  test('tells of the right entry when an entry before it had to be left out', () => {
    const text = labWith(`    - { at: 1s, fial: db }
    - { at: 2s, fail: [] }
    - { at: 3s, fail: dbb }
    - { at: 4s, expect: [{ flow: calls, lost: few }, { flow: call, lost: 0 }] }
`);
    expect(problems(text).map((problem) => problem.replace(/ → .*/, ''))).toEqual([
      '29:17 unknown key "fial"',
      '30:23 expected the name of a host or node, found a list',
      '31:23 there is no host or node "dbb"',
      '32:47 expected a number or a comparison, such as ">= 10", found "few"',
      '32:62 there is no flow "call"',
    ]);
  });

  test('is not told to the end when it has no end', () => {
    const text = `name: x\nsegments:\n${Array.from({ length: 3000 }, (_, i) => `  s${i}: { subnett: 1 }\n`).join('')}`;
    const told = problems(text);
    expect(told).toHaveLength(DIAGNOSTIC_LIMIT + 1);
    expect(told.at(-1)).toMatch(/^\d+:\d+ and \d+ more problems from here on$/);
  });
});

const BASE = `name: x
segments: { lan: { subnet: 192.168.50.0/24 } }
`;

/** Title and a file in which much refers to the one thing that is wrong. */
const CASCADES: readonly (readonly [string, string])[] = [
  [
    'a segment',
    `name: x
segments: { lan: { subnet: 192.168.50.1/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }, gateway: 192.168.50.1 }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes: { worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, gateway: 192.168.50.1 } }
  namespaces: { shop: {} }
  pods: { web: { namespace: shop, node: worker01 } }
scenario:
  duration: 5s
  flows: { calls: { from: web, to: db, tcp: 80 } }
  steps:
    - { at: 1s, partition: [db], segment: lan }
    - { at: 1s, addAddress: 192.168.50.9, to: db }
    - { at: 2s, expect: { fdb: lan, mac: db, behind: db } }
`,
  ],
  [
    'an address',
    `${BASE}hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.51.10 } }, gateway: 192.168.50.1, routes: [{ to: 10.0.0.0/8, via: 192.168.50.1, src: 192.168.51.10 }] }
  web: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
scenario:
  duration: 5s
  flows: { calls: { from: web, to: db, tcp: 80 } }
  steps:
    - { at: 1s, ping: db, from: web, name: p }
    - { at: 2s, expect: [{ ping: p, lost: 0 }, { flow: calls, lost: 0 }, { neighbor: web, address: 192.168.50.10, mac: db }] }
`,
  ],
  [
    'a whole interface',
    `${BASE}hosts:
  db: { interfaces: { eth0: { sgment: lan } }, gateway: 192.168.50.1, firewall: [{ drop: { in: eth0 } }], sysctls: { net.ipv4.conf.eth0.arp_ignore: 1 } }
capture: [db/eth0]
scenario: { duration: 5s, steps: [{ at: 1s, link: db/eth0, state: down }, { at: 1s, arping: 192.168.50.1, from: db/eth0 }] }
`,
  ],
  [
    'a node',
    `${BASE}cluster:
  sdn: openshift-sdn
  segment: lan
  nodes: { worker01: { address: here, subnet: 10.11.0.0/23 } }
  namespaces: { shop: {} }
  pods: { web: { namespace: shop, node: worker01 } }
scenario:
  duration: 5s
  flows: { calls: { from: web, to: worker01, icmp: echo } }
  steps:
    - { at: 1s, fail: worker01 }
    - { at: 1s, oc: "patch hostsubnet worker01 --type=merge -p '{}'" }
    - { at: 2s, expect: [{ hostsubnet: worker01, egressIPs: [] }, { address: 192.168.50.9, heldBy: worker01 }] }
`,
  ],
  [
    'a pod subnet',
    `${BASE}cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/33 }
    worker02: { address: 192.168.50.145, subnet: 10.11.2.0/23 }
`,
  ],
  [
    'a namespace',
    `${BASE}cluster:
  sdn: openshift-sdn
  segment: lan
  nodes: { worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 } }
  namespaces: { shop: { netid: all } }
  pods: { web: { namespace: shop, node: worker01 } }
scenario: { duration: 5s, steps: [{ at: 1s, expect: { netnamespace: shop, egressIPs: [] } }] }
`,
  ],
  [
    'a flow',
    `${BASE}hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
scenario:
  duration: 5s
  flows: { calls: { from: db, to: db, tcp: 70000 } }
  steps: [{ at: 1s, start: calls }, { at: 2s, expect: { flow: calls, lost: 0 } }]
`,
  ],
  [
    'the end of the scenario',
    `${BASE}hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
scenario:
  duration: one minute
  flows: { calls: { from: db, to: db, tcp: 80, start: 1s, stop: 30s } }
  steps: [{ at: 1s, fail: db }, { at: 50s, restore: db }]
`,
  ],
  ['the name of the lab', 'name: "a b"\nsegments: { lan: {} }\n'],
  [
    'the SDN',
    `${BASE}cluster:
  sdn: ovn
  segment: lan
  nodes: { worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 } }
scenario: { duration: 5s, steps: [{ at: 1s, fail: worker01 }] }
`,
  ],
  [
    'the segment of the cluster',
    `${BASE}cluster:
  sdn: openshift-sdn
  segment: lam
  nodes: { worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, gateway: 192.168.50.1 } }
  namespaces: { shop: {} }
  pods: { web: { namespace: shop, node: worker01 } }
scenario: { duration: 5s, flows: { a: { from: web, to: worker01, icmp: echo } }, steps: [{ at: 1s, fail: worker01 }] }
`,
  ],
  [
    'an arping',
    `${BASE}hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
scenario: { duration: 5s, steps: [{ at: 1s, arping: 192.168.50.9, from: bd, name: dad }, { at: 2s, expect: { arping: dad, verdict: free } }] }
`,
  ],
];

describe('what refers to a mistake is not a second one', () => {
  test.each(CASCADES)('%s', (_title, text) => {
    expect(problems(text)).toHaveLength(1);
  });
});
