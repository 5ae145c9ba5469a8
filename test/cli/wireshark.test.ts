// The live wire in Wireshark: captures to a pipe while the lab runs, and labs in the list of interfaces, all
// tried with tshark. Runs dist/, which `npm test` builds first.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interfacesOf } from '../../src/cli/extcap/sentences.ts';
import { readPcapng } from '../support/pcapng.ts';
import { requireTools } from '../support/tools.ts';

const { skip, remark } = requireTools('tshark', 'mkfifo');
const MAIN = join(import.meta.dirname, '../../dist/main.js');

const LAB = `name: wire
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  web: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
capture: [db/eth0]
scenario:
  duration: 1h
  flows: { ping: { from: web, to: db, icmp: echo, every: 20ms } }
`;

let directory = '';
const children: ChildProcess[] = [];

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '', HOME: directory, XDG_RUNTIME_DIR: join(directory, 'run') };
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-wire-'));
  mkdirSync(join(directory, 'run'), { mode: 0o700 });
  writeFileSync(join(directory, 'wire.yaml'), LAB);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Ran {
  readonly process: ChildProcess;
  readonly said: { out: string; err: string };
  readonly code: Promise<number | null>;
}

function start(program: string, ...words: readonly string[]): Ran {
  const child = spawn(program, words, { cwd: directory, env: environment() });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return { process: child, said, code: once(child, 'close').then(([code]) => code) };
}

function egresslab(...words: readonly string[]): Ran {
  return start(process.execPath, MAIN, ...words);
}

/** Starts the lab and waits until commands find it. */
async function up(...words: readonly string[]): Promise<Ran> {
  const lab = egresslab('up', 'wire.yaml', '--no-capture', ...words);
  await expect.poll(() => lab.said.out, { timeout: 20_000 }).toContain('The lab is listening');
  return lab;
}

test('ports get values that a command line takes, and no two the same', () => {
  const ports = [
    { name: 'a/b:c', description: '' },
    { name: 'a/b_c', description: '' },
    { name: 'a/lo', description: '127.0.0.1' },
    { name: 'db/eth0', description: '10.0.0.1 {x}' },
  ];
  expect(interfacesOf('blue', ports).map(({ value }) => value)).toEqual([
    'egresslab-blue',
    'egresslab-blue-a.b_c',
    'egresslab-blue-db.eth0',
  ]);
});

describe.skipIf(skip)(`tshark${remark}`, () => {
  test('reads a lab on standard input, and the lab ends when it has enough', async () => {
    const command = `"${process.execPath}" "${MAIN}" up wire.yaml --no-server --capture-to - | tshark -r - -c 3 -T fields -e ip.dst`;
    const shell = start('sh', '-c', command);
    expect(await shell.code).toBe(0);
    const rows = shell.said.out.trim().split('\n');
    expect(rows).toContain('192.168.50.10');
    // What is said goes to the other output.
    expect(shell.said.err).toContain('nobody reads the capture any more');
    expect(shell.said.err).toContain('interrupted after');
  });

  test('reads a named pipe to its end, which is the end of the lab', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const lab = egresslab('up', 'wire.yaml', '--no-server', '--capture-to', 'pipe');
    const reader = start('tshark', '-l', '-r', 'pipe', '-T', 'fields', '-e', 'frame.number');
    await expect.poll(() => reader.said.out.length, { timeout: 20_000 }).toBeGreaterThan(20);
    lab.process.kill('SIGINT');
    expect(await lab.code).toBe(0);
    expect(await reader.code).toBe(0);
    const [, frames = ''] = /([\d,]+) frames on 1 port/.exec(lab.said.out) ?? [];
    expect(reader.said.out.trim().split('\n').at(-1)).toBe(frames.replaceAll(',', ''));
  });

  test('finds labs and their ports, survives a lab that is killed, and finds it again', async () => {
    const installed = egresslab('extcap', '--install');
    expect(await installed.code).toBe(0);
    expect(installed.said.out).toContain(directory);
    let lab = await up();
    const list = start('tshark', '-D');
    await list.code;
    expect(list.said.out).toContain('egresslab-wire (egresslab wire: what its topology captures)');
    expect(list.said.out).toContain(
      'egresslab-wire-db.eth0 (egresslab wire: db/eth0 (192.168.50.10))',
    );
    const reader = start('tshark', '-i', 'egresslab-wire-web.eth0', '-w', 'killed.pcapng');
    await expect.poll(() => capturedIn('killed.pcapng'), { timeout: 20_000 }).toBeGreaterThan(5);
    lab.process.kill('SIGKILL');
    expect(await reader.code).toBe(0);
    expect(
      readPcapng(readFileSync(join(directory, 'killed.pcapng'))).packets.length,
    ).toBeGreaterThan(5);

    lab = await up();
    const again = start(
      'tshark',
      '-i',
      'egresslab-wire',
      '-c',
      '4',
      '-T',
      'fields',
      '-e',
      'frame.interface_name',
    );
    expect(await again.code).toBe(0);
    expect(new Set(again.said.out.trim().split('\n'))).toEqual(new Set(['db/eth0']));
    lab.process.kill('SIGINT');
    expect(await lab.code).toBe(0);
    // The list is old by now: it says so, and tshark does not wait for ever.
    const late = start('tshark', '-i', 'egresslab-wire', '-c', '1');
    expect(await late.code).not.toBe(0);

    const removed = egresslab('extcap', '--uninstall');
    expect(await removed.code).toBe(0);
    expect(removed.said.out).toContain('Removed');
  });
});

/** Frames in a file that may be in the middle of being written. */
function capturedIn(name: string): number {
  try {
    return readPcapng(readFileSync(join(directory, name))).packets.length;
  } catch {
    return 0;
  }
}

test('extcap leaves a program of somebody else alone', async () => {
  mkdirSync(join(directory, 'other'));
  writeFileSync(join(directory, 'other/egresslab'), '#!/bin/sh\n');
  const refused = egresslab('extcap', '--install', '--folder', 'other');
  expect(await refused.code).toBe(2);
  expect(refused.said.err).toContain('exists and is not of egresslab');
});
