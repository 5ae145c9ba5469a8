// Small labs made of other people's problems, whose right values were measured on Linux or read in the
// sources of the SDN. What they expect must hold.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runInMemory, topologyOf } from '../support/scenarios.ts';

const REPORTS = resolve(import.meta.dirname, '../fixtures/reports');

test.each([
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
])('%s', async (_title, file) => {
  const text = readFileSync(resolve(REPORTS, file), 'utf8');
  const { report } = await runInMemory(topologyOf(text, file));
  expect(report.expectations.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
  expect(report.expectations.length).toBeGreaterThan(0);
});
