// Campaigns as processes: killed, resumed, cut into slices and merged. Runs dist/, which `npm test` builds first.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SMALL } from '../explore/support.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const FINDINGS_EXIT = 1;

let directory: string;
const children: ChildProcess[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-explore-'));
  writeFileSync(join(directory, 'small.yaml'), SMALL);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

function explore(...words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'explore', ...words], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** The table of findings that a campaign prints at its end. */
async function findingsOf(...words: readonly string[]): Promise<readonly string[]> {
  const child = explore(...words);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  expect(await once(child, 'close'), text).toEqual([FINDINGS_EXIT, null]);
  return text.split('\n').filter((line) => /^\d{3}-/.test(line));
}

const campaign = (runs: number): readonly string[] => [
  'small.yaml',
  ...['--properties', 'outage<10s', '--faults', 'power', '--threads', '1', '--until', '60s'],
  ...['--runs', `${runs}`],
];

test('a campaign that was killed has, once resumed, the findings of one that was not', async () => {
  const whole = await findingsOf(...campaign(130), '--out', 'whole');
  expect(whole).not.toEqual([]);
  const first = join(directory, 'killed/results/00000000.jsonl');
  const child = explore(...campaign(130), '--out', 'killed');
  while (!existsSync(first)) {
    expect(child.exitCode).toBe(null);
    await sleep(5);
  }
  child.kill('SIGKILL');
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  const kept = readFileSync(first, 'utf8').trim().split('\n').length;
  expect(kept).toBe(100);
  expect(await findingsOf(...campaign(130), '--out', 'killed', '--resume')).toEqual(whole);
});

test('slices that were merged have each finding once, and each is a topology that fails', async () => {
  for (const slice of ['1/2', '2/2']) {
    await findingsOf(...campaign(20), '--slice', slice, '--out', `part-${slice[0]}`);
  }
  const merged = await findingsOf('merge', 'part-1', 'part-2', '--out', 'all');
  const names = merged.map((line) => line.split(/\s/)[0] ?? '');
  expect(new Set(names).size).toBe(names.length);
  const [name = ''] = names;
  const topology = join('all/findings', name, 'topology.yaml');
  const run = spawn(process.execPath, [MAIN, 'run', topology, '-q', '--no-capture'], {
    cwd: directory,
    stdio: 'ignore',
  });
  children.push(run);
  expect(await once(run, 'exit')).toEqual([1, null]);
});
