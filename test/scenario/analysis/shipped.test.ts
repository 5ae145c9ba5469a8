// What the analysis says of labs that come along.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderAnalysis } from '../../../src/cli/render/analysis.ts';
import { createStyle } from '../../../src/cli/render/style.ts';
import type { Analysis } from '../../../src/scenario/analysis/model.ts';
import type { RunReport } from '../../../src/scenario/report.ts';
import { runInMemory, topologyOf } from '../../support/scenarios.ts';

async function run(name: string): Promise<RunReport & { readonly analysis: Analysis }> {
  const file = new URL(`../../../topologies/${name}.yaml`, import.meta.url);
  const { report } = await runInMemory(topologyOf(readFileSync(file, 'utf8'), `${name}.yaml`));
  const { analysis } = report;
  if (analysis === null) throw new Error('no analysis');
  return { ...report, analysis };
}

function causes({ flows }: Analysis, name: string): string[] {
  return flows.find(({ flow }) => flow === name)?.stages.map(({ cause }) => cause) ?? [];
}

test('automatic: a clean failover, and the outage as a chain of causes', async () => {
  const { analysis } = await run('automatic');
  const [address] = analysis.addresses;
  expect(address?.duplicates).toEqual([]);
  expect(address?.moves).toMatchObject([{ from: 'worker02', to: 'worker01', clean: true }]);
  expect(address?.holdings.map(({ machine, how, end }) => [machine, how, end])).toEqual([
    ['worker02', 'claimed', 'power-off'],
    ['worker01', 'claimed', null],
  ]);
  expect(address?.announcements.map(({ machine, form }) => [machine, form])).toEqual([
    ['worker02', 'reply'],
    ['worker02', 'request'],
    ['worker01', 'reply'],
    ['worker01', 'request'],
  ]);
  expect(causes(analysis, 'web-to-db')).toEqual([
    'probe-not-failed',
    'being-moved',
    'no-usable-ip',
    'retry-pending',
  ]);
  expect(analysis.flows[0]?.ended).toBe(
    'mywebserver got a way out as 192.168.50.120, and db believed the announcement of worker01',
  );
});

test('duplicate-ip: a conflict with both MACs', async () => {
  const { analysis } = await run('duplicate-ip');
  const [window] = analysis.addresses[0]?.duplicates ?? [];
  expect(window).toMatchObject({ kind: 'conflict', machines: ['worker01', 'printer'], from: 12e9 });
  expect(new Set(window?.macs).size).toBe(2);
  for (const mac of window?.macs ?? []) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(window?.answers.every((count) => count > 0)).toBe(true);
  expect(causes(analysis, 'web-to-db')).toContain('duplicate-holder');
});

test('garp-lost: a black hole by announcements that were lost, ended by failed probes', async () => {
  const { analysis } = await run('garp-lost');
  // Whether a request is under way at the moment of repair is a matter of milliseconds.
  const stood = causes(analysis, 'web-to-db').filter((cause) => cause !== 'retry-pending');
  expect(stood.at(-1)).toBe('announcement-lost');
  expect(analysis.flows.find(({ flow }) => flow === 'web-to-db')?.ended).toBe(
    'the probes of router failed, it sent a broadcast request, and worker01 answered',
  );
  const [address] = analysis.addresses;
  const lost = address?.announcements.filter(({ machine }) => machine === 'worker01') ?? [];
  expect(lost.map(({ heardBy }) => heardBy)).toEqual([[], []]);
  expect(address?.blackHoles.map(({ cause }) => cause)).toContain('announcement-lost');
});

test.each([
  ['sdn-no-garp', 'web-to-db', 'no-announcement'],
  ['l2-heal-no-reannounce', 'clerk', 'no-announcement'],
  ['sdn-stale-address-after-restart', 'web-to-db', 'duplicate-holder'],
  ['sdn-two-eips-one-node', 'web-to-db', 'no-usable-ip'],
  ['sdn-ecmp-flow-flip', 'web-to-db', 'nat-state-missing'],
  ['garp-locktime', 'veteran-240', 'locktime'],
  ['fdb-before-arp', 'service', 'switch-table-stale'],
])('%s: %s was stopped by %s', async (name, flow, cause) => {
  const { analysis } = await run(name);
  expect(causes(analysis, flow)).toContain(cause);
});

test.each(['automatic', 'duplicate-ip', 'l2-flip-flop', 'router-4h-arp'])(
  'the picture of %s is plain ASCII, a hundred columns wide at most',
  async (name) => {
    const report = await run(name);
    const lines = renderAnalysis(report, 200, createStyle(false));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      expect(line.length).toBeLessThanOrEqual(100);
    }
  },
);

test('a picture in full', async () => {
  const lines = renderAnalysis(await run('duplicate-ip'), 100, createStyle(false));
  expect(lines.slice(0, 7).join('\n')).toMatchInlineSnapshot(`
    "192.168.50.120 over time
                        |0 s                |15 s               |30 s               |45 s          60 s|
      a = worker01       AaaAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      b = printer                       bBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      gateway believes    aaaaaaaaaaaaaaabbbbbbbbbaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      conflict                          ################################################################
      web-to-db         -----------------xxxxxxxxxx--xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
  `);
});
