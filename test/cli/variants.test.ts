// Variants of one topology (`--set`, `--matrix`, `--seeds`) and what two reports differ in, with real labs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { fakeIo } from './fake-io.ts';

const LAB = `name: lab
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  b.c: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
scenario:
  duration: 20s
  flows: { ping: { from: a, to: b.c, icmp: echo, every: 100ms } }
  steps:
    - { at: 5s, fail: b.c, how: "\${how:-power-off}" }
    - { at: 10s, restore: b.c }
    - { at: 20s, expect: { flow: ping, lost: "< 60" } }
`;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-variants-'));
  writeFileSync(join(directory, 'lab.yaml'), LAB);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function egresslab(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const io = fakeIo({ workingDirectory: directory });
  const code = await run(argv, io, runScenario);
  return { code, out: io.out(), err: io.err() };
}

test('all combinations with all seeds are played, and one table says what they differ in', async () => {
  const matrix = ['--matrix', 'how=power-off,unplugged', '--matrix', 'segments.lan.loss=0%,30%'];
  const { code, out } = await egresslab('run', 'lab.yaml', ...matrix, '--seeds', '1..2');
  const [header = '', ...rows] = out.split('\n').filter((line) => !line.startsWith(' '));
  expect(header).toMatch(/^HOW +SEGMENTS\.LAN\.LOSS +SEED +RESULT +WHAT DIFFERS$/);
  const first = rows
    .filter((row) => row !== '')
    .map((row) => row.split(/ +/).slice(0, 4).join(' '));
  expect(first).toEqual([
    'power-off 0% 1 passed',
    'power-off 0% 2 passed',
    'power-off 30% 1 failed',
    'power-off 30% 2 failed',
    'unplugged 0% 1 passed',
    'unplugged 0% 2 passed',
    'unplugged 30% 1 failed',
    'unplugged 30% 2 failed',
  ]);
  expect(out).toContain('ping causes: machine-down');
  expect(out).toContain('ping causes: no-carrier');
  expect(code).toBe(1);
});

test('a program gets every run with its facts', async () => {
  const { code, out } = await egresslab('run', 'lab.yaml', '--seeds', '4,7', '--json');
  const { runs } = JSON.parse(out);
  expect(runs).toMatchObject([
    { set: {}, seed: 4, outcome: 'passed', facts: { 'ping answered by': 'b.c' } },
    { set: {}, seed: 7, outcome: 'passed' },
  ]);
  expect(code).toBe(0);
});

test('the difference of two reports is a table, and exit code 1', async () => {
  for (const [file, ...more] of [['a'], ['b', '--set', 'hosts.b.c.interfaces.eth0.loss=100%']]) {
    const { out } = await egresslab('run', 'lab.yaml', '--no-capture', '--json', ...more);
    writeFileSync(join(directory, `${file}.json`), out);
  }
  const same = await egresslab('diff', 'a.json', 'a.json');
  expect(same).toMatchObject({ code: 0, out: 'the two runs tell the same\n' });
  const { code, out } = await egresslab('diff', 'a.json', 'b.json');
  expect(code).toBe(1);
  expect(out).toMatch(/^ +a\.json +b\.json$/m);
  expect(out).toMatch(/^outcome +passed +failed$/m);
  expect(out).toMatch(/^ping answered +\d+ +0$/m);
  const json = JSON.parse((await egresslab('diff', 'a.json', 'b.json', '--json')).out);
  expect(json.differences[0]).toEqual({ what: 'outcome', before: 'passed', after: 'failed' });
});

test.each([
  [['--set', 'segments.lam.loss=1%'], 2, 'there is no segments.lam'],
  [['--set', 'segments.lan.loss=much'], 2, 'expected a probability'],
  [['--set', 'scenario.steps.9.at=1s'], 2, 'the first of its 3 entries is scenario.steps.0'],
  [['--set', 'name.first=x'], 2, 'name is one value'],
  [['--seeds', '5..1'], 2, 'are no seeds'],
  [['--seeds', '1..99999'], 2, 'are no seeds'],
  [['--matrix', 'nothing'], 2, 'is not NAME=value'],
  [['--matrix', 'how=power-off', '--seeds', '4294967296'], 2, 'are no seeds'],
])('%s is refused, with what to do', async (options, code, message) => {
  const refused = await egresslab('run', 'lab.yaml', '--no-capture', ...options);
  expect(refused.code).toBe(code);
  expect(refused.err).toContain(message);
});

test('what is no report is said to be none', async () => {
  writeFileSync(join(directory, 'x.json'), '{"schemaVersion": 2}');
  const { code, err } = await egresslab('diff', 'x.json', 'x.json');
  expect(code).toBe(2);
  expect(err).toContain('x.json is not a run report of this version');
});
