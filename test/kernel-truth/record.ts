// The other direction: runs the scripts of the fixtures against the kernel of this machine and shows
// where it differs from what was measured, so that a future kernel's changes are seen. Needs root and
// the tools of the scripts. They make namespaces called gt-<number>-* and remove them by themselves;
// whatever happens here, those that this run has made are looked for once more at the end.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIXTURES } from './project.ts';

const SCRIPTS = new URL('scripts/', FIXTURES);
/** What common.sh and the analyses call. */
const TOOLS = [
  'bash',
  'python3',
  'ip',
  'bridge',
  'iptables',
  'nft',
  'tcpdump',
  'tshark',
  'arping',
  'conntrack',
  'ethtool',
  'ping',
  'sysctl',
] as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** So many scripts at a time, as in their run-all.sh: more would disturb each other's times. */
const AT_ONCE = 2;

/** Runs the scripts of these scenarios. 0: the kernel does as the fixtures say; 1: not; 2: can't run. */
export async function record(names: readonly string[]): Promise<number> {
  const obstacle = findObstacle();
  if (obstacle !== null) {
    print(`cannot record: ${obstacle}`);
    return 2;
  }
  const before = namespaces();
  const folder = mkdtempSync(join(tmpdir(), 'kernel-truth-'));
  const running = new Set<ChildProcess>();
  const waiting = [...names];
  let differing = 0;
  const stop = (): void => {
    waiting.length = 0;
    for (const child of running) child.kill('SIGTERM');
  };
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const verdict = await runScript(folder, name, running);
      if (verdict !== null) differing++;
      print(`${name}: ${verdict ?? 'as measured'}`);
    }
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    // The scripts write beside themselves, and in a fresh copy nothing old can be in the way.
    cpSync(fileURLToPath(SCRIPTS), folder, { recursive: true });
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    removeNamespaces(before);
    rmSync(folder, { recursive: true, force: true });
  }
  print(`${names.length} scenarios, ${differing} not as measured`);
  return differing === 0 ? 0 : 1;
}

function findObstacle(): string | null {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  if (!existsSync(SCRIPTS)) return `the scripts are not in ${fileURLToPath(SCRIPTS)}`;
  const missing = TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0);
  return missing.length === 0 ? null : `missing tools: ${missing.join(', ')}`;
}

/** Null: all checks held and the result equals the fixture. Else why not, in lines. */
async function runScript(
  folder: string,
  name: string,
  running: Set<ChildProcess>,
): Promise<string | null> {
  const child = spawn('bash', [join(folder, `${name}.sh`)], {
    cwd: folder,
    env: { ...process.env, GT_OUT: join(folder, 'out'), GT_EXPECT: join(folder, 'expect') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (exitCode, by) => resolve([exitCode, by]));
  });
  running.delete(child);
  if (signal !== null || code === 130 || code === 143) return 'interrupted';
  const skipped = /skipped.*/.exec(text)?.[0];
  if (skipped !== undefined) return skipped;
  const made = join(folder, 'expect', `${name}.expect.json`);
  if (!existsSync(made)) return `failed with ${code}\n${indent(lastLines(text))}`;
  const failed = text.split('\n').filter((line) => /FAILED|Error/.test(line));
  const difference = compare(folder, name, made);
  const verdict = [...failed, ...difference].map(indent).join('\n');
  return verdict === '' ? null : `differs\n${verdict}`;
}

/** `gt.py compare`: what is not equal, within the tolerances of the fixture. */
function compare(folder: string, name: string, made: string): string[] {
  const fixture = fileURLToPath(new URL(`${name}.expect.json`, FIXTURES));
  const result = spawnSync(
    'python3',
    [join(folder, 'gt.py'), 'compare', fixture, made, '--lines', '40'],
    {
      encoding: 'utf8',
    },
  );
  if (result.status === 0) return [];
  const kernels = [fixture, made].map(
    (file) => (JSON.parse(readFileSync(file, 'utf8')) as { kernel: string }).kernel,
  );
  const lines = result.stdout
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const onlyTimes = lines.slice(0, -1).every((line) => / time [\d.]+ vs /.test(line));
  const hint = onlyTimes
    ? ['only times differ: is the machine busy? `--record` with a name repeats one']
    : [];
  return [`fixture: ${kernels[0]}, here: ${kernels[1]}`, ...hint, ...lines];
}

/** The names of the scripts' namespaces that exist now. */
function namespaces(): Set<string> {
  const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout ?? '';
  const names = listed.split('\n').map((line) => line.split(' ')[0] ?? '');
  return new Set(names.filter((name) => name.startsWith('gt-')));
}

/** Those that a script which was killed may have left behind, with what runs in them. */
function removeNamespaces(before: ReadonlySet<string>): void {
  for (const name of namespaces()) {
    if (before.has(name)) continue;
    const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? '';
    for (const pid of pids.split('\n').map(Number)) if (pid > 1) terminate(pid);
    spawnSync('ip', ['netns', 'del', name]);
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
