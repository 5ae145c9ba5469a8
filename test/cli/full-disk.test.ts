// `egresslab run` and `up` on a disk that fills up: a small tmpfs in a mount namespace of their own. Runs
// dist/, which `npm test` builds first.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPcapng } from '../support/pcapng.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

const LAB = `name: full
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 192.168.50.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 192.168.50.2/24 } } }
scenario:
  duration: 20s
  flows: { ping: { from: a, to: b, icmp: echo, every: 5ms, size: 1000 } }
  steps:
    - { at: 20s, expect: { flow: ping, answered: 4000 } }
`;

const unshare = ['--user', '--map-root-user', '--mount', '--propagation', 'private'];
const canUnshare = spawnSync('unshare', [...unshare, 'true']).status === 0;
const remark = canUnshare ? '' : ' (skipped: no user namespaces here)';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-full-'));
  writeFileSync(join(directory, 'full.yaml'), LAB);
  for (const name of ['small', 'kept', 'runtime']) mkdirSync(join(directory, name));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `egresslab` with `size` of room in `where`; what is left there is copied to kept/. */
async function onSmallDisk(
  where: string,
  size: string,
  ...argv: readonly string[]
): Promise<Ended> {
  const script = [
    `mount -t tmpfs -o size=${size} none ${where}`,
    'timeout 20 "$@"; code=$?',
    `cp -a ${where}/. kept/`,
    'exit $code',
  ].join('\n');
  const child = spawn(
    'unshare',
    [...unshare, 'sh', '-c', script, 'sh', process.execPath, MAIN, ...argv],
    {
      cwd: directory,
      env: { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: join(directory, 'runtime') },
    },
  );
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...text };
}

describe.skipIf(!canUnshare)(`a full disk${remark}`, () => {
  test('ends a run with a whole capture of what was seen, exit code 3, and says so', async () => {
    const { code, out, err } = await onSmallDisk(
      'small',
      '200k',
      'run',
      'full.yaml',
      '--capture-dir',
      'small',
    );
    expect(err + out).toContain('writing the capture small/full.pcapng failed: no space left');
    expect(out).toContain('the lab stops');
    expect(code).toBe(3);
    expect(readdirSync(join(directory, 'kept'))).toEqual(['full.pcapng']);
    expect(
      readPcapng(readFileSync(join(directory, 'kept/full.pcapng'))).packets.length,
    ).toBeGreaterThan(50);
  });

  test('does not end a run that was told to go on', async () => {
    const { code, out } = await onSmallDisk(
      'small',
      '200k',
      'run',
      'full.yaml',
      '--capture-dir',
      'small',
      '--on-capture-failure',
      'continue',
      '--json',
    );
    const report = JSON.parse(out);
    expect(report.outcome).toBe('passed');
    expect(report.problems).toMatchObject([{ code: 'EGL_CAPTURE_WRITE', fault: 'environment' }]);
    expect(report.timeline).toContainEqual(
      expect.objectContaining({ source: 'capture', kind: 'capture-ended' }),
    );
    expect(code).toBe(3);
    readPcapng(readFileSync(join(directory, 'kept/full.pcapng')));
  });

  test('ends a live lab in order: nothing is left of it but its capture', async () => {
    const { code, out, err } = await onSmallDisk(
      'small',
      '200k',
      'up',
      'full.yaml',
      '--capture-dir',
      'small',
    );
    expect(err).not.toContain('    at ');
    expect(out).toContain('EGL_CAPTURE_WRITE');
    expect(code).toBe(3);
    readPcapng(readFileSync(join(directory, 'kept/full.pcapng')));
    expect(readdirSync(join(directory, 'kept'))).toEqual(['full.pcapng']);
    expect(readdirSync(join(directory, 'runtime/egresslab'))).toEqual([]);
  });

  test('for the secrets of a live lab is told before it begins', async () => {
    for (const size of ['8k', '12k']) {
      const { code, err } = await onSmallDisk(
        'runtime',
        size,
        'up',
        'full.yaml',
        '--no-capture',
        '--no-scenario',
      );
      expect(err, size).toContain('EGL_RUNTIME_DIRECTORY');
      expect(err, size).toContain('no space left on the device');
      expect(code, size).toBe(3);
      expect(readdirSync(join(directory, 'kept', 'egresslab')), size).toEqual([]);
    }
  });
});
