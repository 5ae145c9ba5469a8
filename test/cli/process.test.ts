// What only a real process shows: pipes that close, signals, exit codes. Runs dist/, which `npm test`
// builds first; on its own, `npm run build` before it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPcapng } from '../support/pcapng.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/** Computes for minutes if nobody stops it. */
const LONG = `name: long
segments:
  lan: { subnet: 192.168.50.0/24 }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 192.168.50.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 192.168.50.2/24 } } }
capture: [b/eth0]
scenario:
  duration: 100h
  flows: { ping: { from: a, to: b, icmp: echo, every: 10ms } }
  steps:
    - { at: 1s, arping: 192.168.50.2, from: a/eth0 }
`;

let directory = '';
let child: ChildProcess | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-process-'));
  writeFileSync(join(directory, 'long.yaml'), LONG);
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Started {
  readonly process: ChildProcess;
  readonly text: { out: string; err: string };
  readonly exit: Promise<number | null>;
}

function start(...argv: readonly string[]): Started {
  const started = spawn(process.execPath, [MAIN, ...argv], { cwd: directory });
  child = started;
  const text = { out: '', err: '' };
  started.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  started.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  return { process: started, text, exit: once(started, 'close').then(([code]) => code) };
}

test('the exit code of the process is that of the command', async () => {
  expect(await start('--version').exit).toBe(0);
  expect(await start('run', 'none.yaml').exit).toBe(2);
});

test('a reader that goes away is noticed, and is no error', async () => {
  const { process: started, text, exit } = start('schema');
  started.stdout?.destroy();
  expect(await exit).toBe(141);
  expect(text.err).toBe('note: nobody reads the output any more; the rest of it is lost\n');
});

test.each([['--json'], ['--no-color']])(
  'a full disk below the output (%s) is no success',
  async (option) => {
    writeFileSync(join(directory, 'short.yaml'), LONG.replace('100h', '2s'));
    const full = openSync('/dev/full', 'w');
    const argv = ['run', 'short.yaml', option];
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...argv], {
      cwd: directory,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(stderr).toContain('EGL_OUTPUT: cannot write the output: no space left on the device');
    expect(status).toBe(3);
    expect(
      readPcapng(readFileSync(join(directory, 'captures/long.pcapng'))).statistics.length,
    ).toBe(1);
  },
);

test('a current directory that was deleted is told in plain words, by who needs one', () => {
  const gone = (...argv: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(
      'sh',
      [
        '-c',
        'mkdir gone && cd gone && rmdir ../gone && exec "$@"',
        'sh',
        process.execPath,
        MAIN,
        ...argv,
      ],
      {
        cwd: directory,
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: directory },
      },
    );
  const run = gone('run', 'automatic');
  expect(run.stderr).toContain('EGL_WORKING_DIRECTORY: the current directory was deleted');
  expect(run.status).toBe(2);
  expect(gone('--version').status).toBe(0);
  expect(gone('status').stderr).toContain('EGL_NO_LAB');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s closes the capture, tells what was seen so far, and exits with %i',
  async (signal, code) => {
    const { process: started, text, exit } = start('run', 'long.yaml');
    while (!text.out.includes('arping')) await once(started.stdout ?? started, 'data');
    started.kill(signal);
    expect(await exit, text.err).toBe(code);
    expect(text.err).toContain('closing the captures');
    expect(text.out).toContain('interrupted after');
    const capture = readPcapng(readFileSync(join(directory, 'captures', 'long.pcapng')));
    expect(capture.packets.length).toBeGreaterThan(100);
    expect(capture.statistics.length, 'it ends as a finished capture does').toBe(1);
  },
);

test('runs at once in one directory each write a capture of their own, whole', async () => {
  writeFileSync(
    join(directory, 'short.yaml'),
    LONG.replace('100h', '20s').replace(': long', ': short'),
  );
  const runs = ['1', '2', '9', '9'].map((seed) => start('run', 'short.yaml', '-q', '--seed', seed));
  expect(await Promise.all(runs.map(({ exit }) => exit))).toEqual([0, 0, 0, 0]);
  const captures = join(directory, 'captures');
  const names = readdirSync(captures);
  // The topology's own seed is 1. The two of seed 9 may have met or not.
  expect(names).toEqual(
    expect.arrayContaining(['short-seed2.pcapng', 'short-seed9.pcapng', 'short.pcapng']),
  );
  for (const name of names) {
    const capture = readPcapng(readFileSync(join(captures, name)));
    expect(capture.statistics.length, name).toBe(1);
    expect(capture.packets.length, name).toBeGreaterThan(3000);
  }
});

test('"-" is standard input: judged, run, and never passed over', async () => {
  const feed = (text: string, ...argv: readonly string[]): Started => {
    const started = start(...argv);
    started.process.stdin?.end(text);
    return started;
  };
  const wrong = readFileSync(
    join(import.meta.dirname, '../fixtures/reports/validate-stdin/topology.yaml'),
    'utf8',
  );
  const judged = feed(wrong, 'validate', '-');
  expect(await judged.exit).toBe(2);
  expect(judged.text.out).toContain('-:7:3: "a" is given twice');
  expect(judged.text.out).toContain('there is no pod, host or node "b"');
  const listed = feed(wrong, 'validate', '-', '--json');
  expect(await listed.exit).toBe(2);
  expect(JSON.parse(listed.text.out).files).toMatchObject([{ file: '-', valid: false }]);
  expect(await feed('', 'validate', '-').exit).toBe(2);
  expect(await feed(wrong, 'validate', '-', '-').exit).toBe(2);
  const short = LONG.replace('100h', '2s').replace('every: 10ms', `every: "\${EVERY}"`);
  const run = feed(short, 'run', '-', '--set', 'EVERY=500ms', '--quiet', '--no-capture');
  expect(await run.exit, run.text.err).toBe(0);
});

test.each(['run', 'up'])(
  'a signal while %s builds a large lab ends the process as any other, and leaves nothing',
  async (command) => {
    const hosts = Array.from({ length: 4000 }, (_, at) => {
      const address = `10.0.${1 + Math.floor(at / 250)}.${1 + (at % 250)}`;
      return `  h${at}: { interfaces: { eth0: { segment: lan, address: ${address} } } }\n`;
    }).join('');
    const text = `name: large\nsegments: { lan: { subnet: 10.0.0.0/16 } }\nhosts:\n${hosts}`;
    writeFileSync(join(directory, 'large.yaml'), text);
    const { exit, process: large } = start(command, 'large.yaml', '-q', '--no-color');
    setTimeout(() => large.kill('SIGTERM'), 600);
    expect(await exit).toBe(null);
    expect(large.signalCode).toBe('SIGTERM');
    expect(readdirSync(directory).sort()).toEqual(['large.yaml', 'long.yaml']);
  },
);
