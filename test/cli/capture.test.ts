// egresslab capture, in this process: what it prints, what it writes, how it ends.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { type LiveLab, startLiveLab } from '../support/live-lab.ts';
import { readPcapng } from '../support/pcapng.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

const TEXT = `name: wire
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  web: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
capture: [db/eth0]
scenario:
  duration: 1h
  flows: { ping: { from: web, to: db, icmp: echo, every: 10ms } }
`;

let live: LiveLab;
let directory = '';
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-capture-'));
  live = await startLiveLab(topology(), { withScenario: true });
});
afterEach(async () => {
  await live.stop();
  rmSync(directory, { recursive: true });
});

function topology(): Topology {
  const { topology: parsed } = parseTopology(TEXT, { file: 'wire.yaml' });
  if (parsed === null) throw new Error('the topology of this test is broken');
  return parsed;
}

function capture(io: FakeIo, ...words: readonly string[]): Promise<number> {
  return run(['capture', ...words], io, () => Promise.reject(new Error('no scenario here')));
}

function io(isTerminal: boolean): FakeIo {
  return fakeIo({ isTerminal, environment: live.environment, workingDirectory: directory });
}

test('on a terminal it prints lines, until Ctrl-C, and then looks no more', async () => {
  const terminal = io(true);
  const code = capture(terminal);
  await expect.poll(terminal.out).toContain('192.168.50.11 > 192.168.50.10: ICMP echo request');
  const observed = observerOf('db/eth0');
  expect(observed).not.toBe(null);
  expect(terminal.signal('SIGINT')).toBe(true);
  expect(await code).toBe(0);
  expect(terminal.err()).toMatch(/^\d+ frames captured\n$/);
  await expect.poll(() => observerOf('db/eth0')).not.toBe(observed);
});

test('a pipe gets pcapng: the ports that were named, comments unless they are unwanted', async () => {
  const pipe = io(false);
  const code = capture(pipe, 'web/eth0', 'drops', '-q');
  const packets = (): number =>
    pipe.octets().length === 0 ? 0 : readPcapng(pipe.octets()).packets.length;
  await expect.poll(packets).toBeGreaterThan(3);
  pipe.signal('SIGTERM');
  expect(await code).toBe(0);
  expect(readPcapng(pipe.octets()).interfaces.map(({ name }) => name)).toEqual([
    'web/eth0',
    'drops',
  ]);
  expect(pipe.err()).toBe('');
});

test('a file is whole when the lab ends, and of the format of its name', async () => {
  const first = io(false);
  const written = capture(first, '-w', 'all.pcapng', '*');
  const text = capture(io(false), '-w', 'all.txt', '--no-comments');
  await expect.poll(() => size('all.pcapng') > 2000 && size('all.txt') > 500).toBe(true);
  await live.server.stop();
  expect(await written).toBe(0);
  expect(await text).toBe(0);
  const { packets, statistics } = readPcapng(readFileSync(join(directory, 'all.pcapng')));
  expect(first.err()).toBe(`${packets.length} frames captured\n`);
  expect(statistics.length).toBeGreaterThan(0);
  expect(readFileSync(join(directory, 'all.txt'), 'utf8')).toContain('ICMP echo');
});

function observerOf(name: string): unknown {
  return live.lab.ports().find((port) => port.name === name)?.observer;
}

function size(name: string): number {
  try {
    return readFileSync(join(directory, name)).length;
  } catch {
    return 0;
  }
}

test('a port that does not exist is an error, and so are octets on a terminal', async () => {
  const wrong = io(false);
  expect(await capture(wrong, 'bd/eth0')).toBe(2);
  expect(wrong.err()).toContain('EGL_UNKNOWN_PORT');
  const terminal = io(true);
  expect(await capture(terminal, '-w', '-')).toBe(2);
  expect(terminal.err()).toContain('a capture is not for a terminal');
});
