// Small labs made of other people's problems, whose right values were measured on Linux or read in the
// sources of the SDN. What they expect must hold.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runInMemory, topologyOf } from '../support/scenarios.ts';

const REPORTS = resolve(import.meta.dirname, '../fixtures/reports');

const CASES: readonly (readonly [title: string, file: string, profile?: string])[] = [
  ['an answer leaves by the default route', 'ip-rule-two-uplinks/topology.yaml'],
  ['a rule sends it back by the uplink that was asked', 'ip-rule-two-uplinks/cured.yaml'],
  [
    'a rule counts from the moment it is added until it is removed',
    'ip-rule-two-uplinks/by-steps.yaml',
  ],
  [
    'a connection of which only the SYN-ACK was sent takes no redirect',
    'redirect-to-half-open/topology.yaml',
  ],
  [
    'a plain UDP server answers from the address that the route chooses',
    'udp-wildcard-reply/topology.yaml',
  ],
  ['a node’s own resolver sees pods, whatever their way out is', 'sdn-fixed-flows/topology.yaml'],
  ['so it does with release 4.3', 'sdn-fixed-flows/topology.yaml', 'v4.3'],
];

for (const [title, file, profile] of CASES) {
  test(title, async () => {
    const text = readFileSync(resolve(REPORTS, file), 'utf8');
    const changed =
      profile === undefined ? text : text.replace(/profile: \w+/, `profile: ${profile}`);
    const { report } = await runInMemory(topologyOf(changed, file));
    expect(report.expectations.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(report.expectations.length).toBeGreaterThan(0);
  });
}
