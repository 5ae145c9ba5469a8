// `expect: { oc: ..., prints: ... }`: what holds, and what is shown when it does not.

import { expect, test } from 'vitest';
import type { ExpectationReport } from '../../src/scenario/report.ts';
import { runInMemory, topologyOf } from '../support/scenarios.ts';

async function checked(command: string, prints: readonly string[]): Promise<ExpectationReport> {
  const text = `name: oc-expectation
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressIPs: [192.168.50.120] }
    worker02: { address: 192.168.50.145, subnet: 10.8.2.0/23 }
scenario:
  duration: 2s
  steps:
    - at: 1s
      expect:
        oc: ${command}
        prints: |
${prints.map((line) => `          ${line}`).join('\n')}
`;
  const { report } = await runInMemory(topologyOf(text, 'lab.yaml'));
  const [only] = report.expectations;
  if (only === undefined) throw new Error('nothing was checked');
  expect(report.timeline.filter(({ kind }) => kind === 'oc-command')).toEqual([]);
  return only;
}

const TABLE = [
  'NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS   EGRESS IPS',
  'worker01   worker01   192.168.50.144   10.11.0.0/23                  [192.168.50.120]',
  'worker02   worker02   192.168.50.145   10.8.2.0/23',
];

test('holds when every line is the same but for blanks at its end; looking is no command typed', async () => {
  expect(await checked('get hostsubnets', TABLE)).toMatchObject({ verdict: 'held', saw: [] });
});

test('names the first line that differs and shows what was printed', async () => {
  const wanted = TABLE.map((line) => line.replace('.120', '.121'));
  const { saw, verdict } = await checked('get hostsubnets', wanted);
  expect(verdict).toBe('failed');
  expect(saw).toEqual([
    'printed 3 lines, line 2 is another',
    ...TABLE.map((line) => `printed: ${line}`),
  ]);
});

test('says when lines are missing', async () => {
  const { saw } = await checked('get hostsubnets', [...TABLE, 'worker03']);
  expect(saw[0]).toBe('printed 3 lines, too few');
});

test('what the command complains of counts, too', async () => {
  const line = 'Error from server (NotFound): pods "none" not found';
  expect(await checked('get pod none', [line])).toMatchObject({ verdict: 'held' });
});
