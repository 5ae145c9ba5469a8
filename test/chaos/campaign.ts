// Kills labs at random moments and looks at what they leave: every capture must be readable to its end,
// and after the next command nothing else may be left.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/sim/random.ts';
import { readPcapng } from '../support/pcapng.ts';

export const CHAOS_KINDS = ['run', 'up', 'namespace', 'two'] as const;
/** What is killed: a run, a live lab, one with a network namespace of its own, one or both of two at once. */
export type ChaosKind = (typeof CHAOS_KINDS)[number];

export interface ChaosOptions {
  /** The program: dist/main.js. */
  readonly main: string;
  readonly kills: number;
  readonly seed: number;
  readonly kinds: readonly ChaosKind[];
  readonly onKill?: (kill: Kill) => void;
}

/** One kill and what was found after it. */
export interface Kill {
  readonly number: number;
  readonly kind: ChaosKind;
  readonly afterMilliseconds: number;
  /** Empty when all is well. */
  readonly findings: readonly string[];
}

export interface ChaosResult {
  readonly kills: readonly Kill[];
  readonly captures: number;
  readonly frames: number;
}

/** A lab is up after half a second, on a busy machine after two: kills come before and after. */
const LATEST_MILLISECONDS = 4000;
/** What ends by itself must do so by then. */
const PATIENCE_MILLISECONDS = 20_000;

const lab = (name: string, duration: string, attach = ''): string => `name: ${name}
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
${attach}
scenario:
  duration: ${duration}
  flows: { ping: { from: web, to: db, icmp: echo, every: 1ms } }
`;

/** Does what was asked for in a directory of its own, which is gone afterwards. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const directory = mkdtempSync(join(tmpdir(), 'egresslab-chaos-'));
  try {
    return await new Campaign(options, directory).run();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

class Campaign {
  readonly #options: ChaosOptions;
  readonly #directory: string;
  readonly #random: Random;
  readonly #namespace = `eglc${process.pid}`;
  readonly #running = new Set<ChildProcess>();
  #captures = 0;
  #frames = 0;

  constructor(options: ChaosOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
    this.#random = new Random(options.seed);
    mkdirSync(join(directory, 'runtime'), { mode: 0o700 });
    const tap = `attach: [{ tap: t0, segment: lan, netns: ${this.#namespace}, address: 192.168.50.2/24 }]`;
    writeFileSync(join(directory, 'run.yaml'), lab('run', '1h'));
    writeFileSync(join(directory, 'next.yaml'), lab('next', '10ms'));
    writeFileSync(join(directory, 'up.yaml'), lab('up', '1h'));
    writeFileSync(join(directory, 'namespace.yaml'), lab('namespace', '1h', tap));
  }

  async run(): Promise<ChaosResult> {
    const kills: Kill[] = [];
    try {
      for (let number = 0; number < this.#options.kills; number++) {
        const kind = this.#random.pick(this.#options.kinds);
        const afterMilliseconds = this.#random.integer(0, LATEST_MILLISECONDS);
        const findings = await this.#kill(kind, afterMilliseconds);
        const kill = { number, kind, afterMilliseconds, findings };
        kills.push(kill);
        this.#options.onKill?.(kill);
      }
    } finally {
      for (const child of this.#running) child.kill('SIGKILL');
      spawnSync('ip', ['netns', 'delete', this.#namespace], { stdio: 'ignore' });
    }
    return { kills, captures: this.#captures, frames: this.#frames };
  }

  async #kill(kind: ChaosKind, after: number): Promise<string[]> {
    const findings: string[] = [];
    const verb = kind === 'run' ? 'run' : 'up';
    const file = kind === 'two' ? 'up.yaml' : `${kind}.yaml`;
    const first = this.#start(verb, file, '--quiet');
    const second = kind === 'two' ? this.#start(verb, file, '--quiet') : null;
    await sleep(after);
    const firstEnd = ended(first);
    first.kill('SIGKILL');
    await firstEnd;
    if (second !== null) findings.push(...(await this.#endOther(second)));
    findings.push(...this.#readCaptures());
    findings.push(...(await this.#next()));
    findings.push(...this.#leftovers());
    rmSync(join(this.#directory, 'captures'), { recursive: true, force: true });
    return findings;
  }

  /** Of two labs the other is killed as well, or goes on unharmed and ends when it is asked to. */
  async #endOther(other: ChildProcess): Promise<string[]> {
    const end = ended(other);
    if (this.#random.chance(0.5)) {
      other.kill('SIGKILL');
      await end;
      return [];
    }
    await sleep(LATEST_MILLISECONDS);
    other.kill('SIGTERM');
    const code = await end;
    // While the program is being loaded a signal ends it at once.
    const atOnce = code === null && other.signalCode === 'SIGTERM';
    return code === 0 || atOnce ? [] : [`the other lab ended with ${code ?? other.signalCode}`];
  }

  #readCaptures(): string[] {
    const directory = join(this.#directory, 'captures');
    if (!existsSync(directory)) return [];
    return readdirSync(directory).flatMap((name) => {
      const file = join(directory, name);
      if (name.endsWith('.lock') || readFileSync(file).length === 0) return [];
      this.#captures++;
      try {
        const frames = readPcapng(readFileSync(file)).packets.length;
        this.#frames += frames;
        return this.#readWithTshark(file, frames).map((finding) => `${name}: ${finding}`);
      } catch (error) {
        return [`${name}: ${String(error)}`];
      }
    });
  }

  #readWithTshark(file: string, frames: number): string[] {
    const { error, status, stdout, stderr } = spawnSync(
      'capinfos',
      ['-M', '-T', '-r', '-c', file],
      { encoding: 'utf8' },
    );
    const whole = spawnSync(
      'tshark',
      ['-n', '-r', file, '-c', '200', '-T', 'fields', '-e', 'frame.number'],
      {
        encoding: 'utf8',
      },
    );
    // The strict reader alone where Wireshark is not installed.
    if (error !== undefined || whole.error !== undefined) return [];
    const counted = Number(stdout.trim().split('\t').at(-1));
    const shown = whole.stdout.trim() === '' ? 0 : whole.stdout.trim().split('\n').length;
    return [
      ...(status === 0 && counted === frames ? [] : [`capinfos ${status}: ${stdout}${stderr}`]),
      ...(whole.status === 0 && shown === Math.min(frames, 200) ? [] : [`tshark: ${whole.stderr}`]),
    ];
  }

  /** The next command: it must work, and clear everything away. */
  async #next(): Promise<string[]> {
    const run = this.#start('run', 'next.yaml', '--quiet');
    const status = this.#start('status');
    const [code, statusCode] = await Promise.all([ended(run), ended(status)]);
    return [
      ...(code === 0 ? [] : [`the next run ended with ${code}`]),
      ...(statusCode === 2 ? [] : [`status ended with ${statusCode} where no lab runs`]),
    ];
  }

  #leftovers(): string[] {
    const runtime = join(this.#directory, 'runtime/egresslab');
    const entries = existsSync(runtime) ? readdirSync(runtime) : [];
    const directory = join(this.#directory, 'captures');
    const captures = existsSync(directory) ? readdirSync(directory) : [];
    const namespaces = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout ?? '';
    return [
      ...entries.map((name) => `left in the runtime directory: ${name}`),
      ...captures.filter((name) => name.endsWith('.lock')).map((name) => `left: ${name}`),
      ...(namespaces.includes(this.#namespace) ? ['the namespace was left'] : []),
    ];
  }

  #start(...argv: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [this.#options.main, ...argv], {
      cwd: this.#directory,
      env: {
        PATH: process.env.PATH ?? '',
        XDG_RUNTIME_DIR: join(this.#directory, 'runtime'),
      },
      stdio: 'ignore',
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }
}

/** The exit code, or null for a process that a signal ended or that had to be killed. */
async function ended(child: ChildProcess): Promise<number | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MILLISECONDS);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(timer);
  return child.exitCode;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
