// `egresslab compare`: two captures of one story under other names are the same; a packet more, another form and another
// time are found, each as what it is.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { runInMemory, topologyOf } from '../support/scenarios.ts';
import { fakeIo } from './fake-io.ts';

const directory = mkdtempSync(join(tmpdir(), 'egresslab-compare-'));
const LAB = join(import.meta.dirname, '../../topologies/garp-wrong-form.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs the lab with its text changed, and leaves the capture. */
async function record(name: string, change: (text: string) => string): Promise<void> {
  const topology = topologyOf(change(readFileSync(LAB, 'utf8')), 'lab.yaml');
  const { capture } = await runInMemory(topology);
  writeFileSync(join(directory, `${name}.pcapng`), capture);
}

interface Compared {
  readonly code: number;
  readonly found: {
    readonly paired: number;
    readonly roles: Readonly<Record<string, string>>;
    readonly counts: { readonly order: number; readonly form: number; readonly time: number };
    readonly differences: readonly { readonly text: string; readonly at: number }[];
  };
}

async function compare(...args: readonly string[]): Promise<Compared> {
  const io = fakeIo({ workingDirectory: directory });
  const code = await run(['compare', ...args, 'lab.pcapng', '--json'], io, runScenario);
  return { code, found: JSON.parse(io.out()) };
}

const elsewhere = (text: string): string => text.replaceAll('192.168.50.', '10.77.3.');

beforeAll(async () => {
  await record('lab', (text) => text);
  await record('elsewhere', elsewhere);
  await record('earlier', (text) => elsewhere(text).replaceAll('at: 9s', 'at: 8910ms'));
  await record('other-form', (text) => elsewhere(text).replaceAll('targetMac: broadcast, ', ''));
});

test('one story under other addresses is the same, and who is who is found', async () => {
  const { code, found } = await compare('elsewhere.pcapng');
  expect(found.differences).toEqual([]);
  expect(code).toBe(0);
  expect(found.roles).toMatchObject({
    '10.77.3.240': '192.168.50.240',
    '10.77.3.21': '192.168.50.21',
  });
  expect(found.paired).toBeGreaterThan(100);
});

test('what comes earlier, in another form or not at all is told as that', async () => {
  const earlier = await compare('earlier.pcapng');
  expect(earlier.code).toBe(1);
  expect(earlier.found.counts.time).toBeGreaterThan(0);
  expect(earlier.found.differences[0]?.at).toBeCloseTo(9, 0);
  const { counts, differences } = (await compare('other-form.pcapng')).found;
  expect(counts).toMatchObject({ order: 0, form: 1 });
  expect(differences[0]?.text).toContain('tha 0 / broadcast');
  const wrong = await compare('elsewhere.pcapng', '--map', '10.77.3.21=192.168.50.240');
  expect(wrong.code).toBe(1);
  expect(wrong.found.counts.order).toBeGreaterThan(10);
});

test('for people it tells the first difference with its frames; wrong options are refused', async () => {
  const io = fakeIo({ workingDirectory: directory });
  const code = await run(['compare', 'earlier.pcapng', 'lab.pcapng'], io, runScenario);
  expect(code).toBe(1);
  expect(io.out()).toContain('first difference, at 8.9');
  expect(io.out()).toContain('10.77.3.240 = 192.168.50.240');
  for (const option of [
    ['--map', 'x'],
    ['--tolerance', 'soon'],
  ]) {
    const refused = fakeIo({ workingDirectory: directory });
    expect(await run(['compare', 'a', 'b', ...option], refused, runScenario)).toBe(2);
    expect(refused.err()).toContain(option[0]);
  }
});
