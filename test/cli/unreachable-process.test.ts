// Commands at a lab whose process has been stopped: they end in a few seconds and say what to do. Runs
// dist/, which `npm test` builds first.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { fakeIo } from './fake-io.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const LAB = `name: deaf
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
`;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-deaf-'));
  writeFileSync(join(directory, 'deaf.yaml'), LAB);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a lab that has been stopped is reported as one that does not answer, and can be ended by force', async () => {
  const env = { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: directory };
  const command = async (...words: readonly string[]) => {
    const io = fakeIo({ environment: { XDG_RUNTIME_DIR: directory } });
    const code = await run(words, io, () => Promise.reject(new Error('no scenario here')));
    return { code, stdout: io.out(), stderr: io.err() };
  };
  const lab = spawn(process.execPath, [MAIN, 'up', join(directory, 'deaf.yaml'), '-q'], {
    cwd: directory,
    env,
    stdio: 'ignore',
  });
  const ended = once(lab, 'exit');
  const runtime = join(directory, 'egresslab');
  while (!existsSync(join(runtime, 'deaf.d', 'token'))) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  while ((await command('status')).code !== 0);
  // One command is under way, others come later.
  const underWay = command('ping', 'db', '192.168.50.99', '--count', '1000');
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
  lab.kill('SIGSTOP');
  const results = await Promise.all([
    underWay,
    command('status'),
    command('down'),
    command('arp', 'db'),
    command('link', 'db/eth0', 'down'),
    command('down', '--all'),
  ]);
  for (const { code, stderr } of results) {
    expect(code).toBe(3);
    expect(stderr).toContain('EGL_LAB_UNREACHABLE');
    expect(stderr).toContain('egresslab down --force --lab deaf');
  }
  const forced = await command('down', '--all', '--force');
  expect(forced).toMatchObject({ code: 0, stderr: '' });
  await ended;
  expect(readdirSync(runtime)).toEqual([]);
  expect(await command('down', '--all')).toMatchObject({ code: 0, stdout: 'no lab is running\n' });
});
