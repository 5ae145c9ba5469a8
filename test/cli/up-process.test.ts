// `egresslab up` as a process: how it ends, and what is left when it is killed. Runs dist/, which
// `npm test` builds first.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { program } from '../support/live-lab.ts';
import { readPcapng } from '../support/pcapng.ts';
import { requireTools } from '../support/tools.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

const LAB = `name: doomed
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
  namespaces: { default: { netid: 0 } }
  pods: { web: { namespace: default, node: master01 } }
capture: [db/eth0]
scenario:
  duration: 1h
  flows: { ping: { from: web, to: db, icmp: echo, every: 10ms } }
`;

let directory = '';
const children: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-up-'));
  writeFileSync(join(directory, 'doomed.yaml'), LAB);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Started {
  readonly process: ChildProcess;
  readonly text: { out: string; err: string };
  readonly exit: Promise<number | null>;
  /** Until this was printed; what follows it on the line. */
  readonly printed: (text: string) => Promise<string>;
}

function start(...argv: readonly string[]): Started {
  const env = { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: directory };
  const child = spawn(process.execPath, [MAIN, ...argv], { cwd: directory, env });
  children.push(child);
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  const exit = once(child, 'close').then(([code]) => code);
  const printed = async (wanted: string): Promise<string> => {
    for (;;) {
      const rest = text.out.split(wanted)[1];
      if (rest?.includes('\n') === true) return rest.split('\n', 1)[0] ?? '';
      if (child.exitCode !== null) throw new Error(`it ended: ${text.err}`);
      await once(child.stdout, 'data');
    }
  };
  return { process: child, text, exit, printed };
}

async function command(
  ...argv: readonly string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const { exit, text } = start(...argv);
  return { code: await exit, ...text };
}

test('Ctrl-C takes the kubeconfig and the entry along', async () => {
  const lab = start('up', 'doomed.yaml', '--quiet');
  const kubeconfig = await lab.printed('export KUBECONFIG=');
  expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
  expect((await command('oc', 'get', 'nodes')).out).toContain('master01   Ready');
  lab.process.kill('SIGINT');
  expect(await lab.exit, lab.text.err).toBe(0);
  expect(existsSync(kubeconfig)).toBe(false);
  expect((await command('status')).err).toContain('no lab is running');
});

const isNowhere = process.env.EGRESSLAB_NO_KUBECTL === '1';
const kubectl = isNowhere ? { skip: true, remark: ' (skipped)' } : requireTools('kubectl');

test.skipIf(kubectl.skip)(
  `kubectl needs no more than the line that up prints${kubectl.remark}`,
  async () => {
    const lab = start('up', 'doomed.yaml', '--quiet', '--no-capture');
    const kubeconfig = await lab.printed('export KUBECONFIG=');
    const environment = { HOME: directory, KUBECONFIG: kubeconfig };
    const nodes = await program('kubectl', ['get', 'nodes'], environment);
    expect(nodes.stderr).toBe('');
    expect(nodes.stdout).toMatch(
      /^NAME +STATUS +ROLES +AGE +VERSION\nmaster01 +Ready +master +23h +v1\.17\.1\n$/,
    );
    const patch = [
      'patch',
      'netnamespace',
      'default',
      '--type=merge',
      '-p',
      '{"egressIPs": ["192.168.50.120"]}',
    ];
    expect((await program('kubectl', patch, environment)).stdout).toBe(
      'netnamespace.network.openshift.io/default patched\n',
    );
    lab.process.kill('SIGTERM');
    expect(await lab.exit, lab.text.err).toBe(0);
    const late = await program('kubectl', ['get', 'nodes'], environment);
    expect(late.code).not.toBe(0);
  },
);

test('SIGTERM to what the supervisor how-to starts ends the lab in order', async () => {
  const howTo = readFileSync(
    join(import.meta.dirname, '../../docs/how-to/run-under-a-supervisor.md'),
    'utf8',
  );
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(howTo) ?? [];
  const [program = '', ...words] = line
    .replaceAll('/etc/egresslab/%i.yaml', 'doomed.yaml')
    .replaceAll('%i', 'doomed')
    .replaceAll('/var/lib/egresslab', 'kept')
    .split(' ');
  // As `npm install --global` leaves it: a link to the program in a directory of the path.
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  rmSync(join(bin, 'egresslab'), { force: true });
  symlinkSync(MAIN, join(bin, 'egresslab'));
  const nodes = dirname(process.execPath);
  const env = { PATH: `${bin}:${nodes}:/usr/bin:/bin`, XDG_RUNTIME_DIR: directory };
  const child = spawn(program, words, { cwd: directory, env, stdio: 'pipe' });
  children.push(child);
  const capture = join(directory, 'kept', 'doomed.pcapng');
  while (!existsSync(capture) || statSync(capture).size < 20_000) {
    if (child.exitCode !== null) throw new Error(`it ended: ${child.exitCode}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  // The process that was started is the lab itself, and no shell that would leave it behind.
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  // A running lab counts for the reader now and then; the last count is of all frames.
  const { packets, statistics } = readPcapng(readFileSync(capture));
  expect(statistics.at(-1)?.received).toBe(BigInt(packets.length));
  expect((await command('status')).err).toContain('no lab is running');
});

test('down ends a lab from elsewhere; --kubeconfig and --port are where they are asked for', async () => {
  const file = join(directory, 'mine.yaml');
  const lab = start('up', 'doomed.yaml', '--quiet', '--kubeconfig', 'mine.yaml', '--no-capture');
  expect(await lab.printed('export KUBECONFIG=')).toBe(file);
  expect((await command('down')).code).toBe(0);
  expect(await lab.exit, lab.text.err).toBe(0);
  expect(existsSync(file)).toBe(false);
});

test('a killed lab leaves a readable capture, and a kubeconfig that nobody falls for', async () => {
  const lab = start('up', 'doomed.yaml', '--quiet');
  const kubeconfig = await lab.printed('export KUBECONFIG=');
  const text = readFileSync(kubeconfig, 'utf8');
  const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? '';
  const capture = join(directory, 'captures', 'doomed.pcapng');
  while (!existsSync(capture) || statSync(capture).size < 20_000) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  lab.process.kill('SIGKILL');
  await lab.exit;
  expect(readPcapng(readFileSync(capture)).packets.length).toBeGreaterThan(100);
  const stale = join(directory, 'stale.yaml');
  copyFileSync(kubeconfig, stale);
  const token = join(directory, 'egresslab', 'doomed.d', 'token');
  const staleToken = readFileSync(token, 'utf8');

  // Another lab gets the very port: the old secrets open nothing there.
  const next = start(
    'up',
    'doomed.yaml',
    '--quiet',
    '--no-capture',
    '--lab',
    'next',
    '--port',
    port,
  );
  await next.printed('export KUBECONFIG=');
  expect(existsSync(kubeconfig), 'the leftovers of the killed lab are cleared away').toBe(false);
  const entry: unknown = JSON.parse(readFileSync(join(directory, 'egresslab', 'next.lab'), 'utf8'));
  expect(entry).toMatchObject({ port: Number(port) });
  expect(readFileSync(join(directory, 'egresslab', 'next.d', 'token'), 'utf8')).not.toBe(
    staleToken,
  );
  const authority =
    /certificate-authority-data: (\S+)/.exec(readFileSync(stale, 'utf8'))?.[1] ?? '';
  const { request } = await import('node:https');
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/version',
    ca: Buffer.from(authority, 'base64'),
    agent: false,
  });
  asked.end();
  await expect(once(asked, 'response')).rejects.toThrow(/certificate/);
  const unknown = await command('status', '--lab', 'doomed');
  expect(unknown.err).toContain('no lab "doomed" is running');
});

test('a port or a file that cannot be had ends it before it begins', async () => {
  writeFileSync(join(directory, 'config'), 'apiVersion: v1\n');
  const foreign = await command('up', 'doomed.yaml', '--no-capture', '--kubeconfig', 'config');
  expect(foreign.err).toContain('EGL_KUBECONFIG');
  expect(foreign.code).toBe(2);
  const port = await command('up', 'doomed.yaml', '--no-capture', '--port', '99999');
  expect(port.err).toContain('--port 99999 is not a port');
  expect(port.code).toBe(2);
  const name = await command('up', 'doomed.yaml', '--no-capture', '--lab', '../x');
  expect(name.err).toContain('EGL_LAB_NAME');
  expect(existsSync(join(directory, 'egresslab', 'doomed.lab'))).toBe(false);
});
