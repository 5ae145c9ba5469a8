// A lab in real time among real programs: network namespaces with names of their own, processes that
// end with the test, everything removed on every way out. Skips with one line where it cannot run,
// never when EGRESSLAB_REQUIRE_KERNEL=1.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabService, runLive } from '../../src/cli/live-lab.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { FileSink } from '../../src/platform/file-sink.ts';
import type { RealtimeDriver } from '../../src/platform/realtime-driver.ts';
import type { RunReport } from '../../src/scenario/report.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { requireTools, type ToolState } from './tools.ts';

/** Like requireTools, for tests that also need root and /dev/net/tun. */
export function requireKernel(...tools: readonly string[]): ToolState {
  const requirement = requireTools('ip', ...tools);
  if (requirement.skip || process.env.EGRESSLAB_REQUIRE_KERNEL === '1') return requirement;
  const missing = missingRights();
  if (missing === null) return requirement;
  return { skip: true, remark: ` (skipped: ${missing})` };
}

function missingRights(): string | null {
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'needs /dev/net/tun';
  }
}

export interface Outcome {
  readonly code: number | null;
  /** stdout and stderr, as they came. */
  readonly text: string;
}

/** A lab that runs beside the test. */
export interface LiveLab {
  readonly lab: Lab;
  readonly driver: RealtimeDriver;
  /** Where the capture is once the lab has stopped. */
  readonly capture: string;
  stop(): Promise<RunReport>;
}

let sandboxes = 0;

export class Sandbox {
  /** Begins every name of this sandbox. */
  readonly prefix: string = `eglt${process.pid}x${sandboxes++}`;
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'egresslab-kernel-'));
  readonly #children = new Set<ChildProcess>();
  readonly #labs: LiveLab[] = [];

  /** A folder for files of the test. */
  get directory(): string {
    mkdirSync(this.#directory, { recursive: true });
    return this.#directory;
  }

  /** The full name of a namespace that tests and topologies call by a short one. */
  netns(name: string): string {
    return `${this.prefix}${name}`;
  }

  /** A namespace that the lab finds already there. */
  addNamespace(name: string): string {
    const full = this.netns(name);
    ip('netns', 'add', full);
    ip('-n', full, 'link', 'set', 'lo', 'up');
    return full;
  }

  /** Runs a program in a namespace (null: where the test is) to its end. */
  run(netns: string | null, argv: readonly string[], timeout = 30_000): Promise<Outcome> {
    const child = this.#spawn(netns, argv);
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      text += chunk;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ code, text });
      });
    });
  }

  /** Starts a program and waits for `ready` in what it prints. */
  start(netns: string | null, argv: readonly string[], ready: RegExp): Promise<Running> {
    const child = this.#spawn(netns, argv);
    return new Promise((resolve, reject) => {
      const running = new Running(child);
      const check = (): void => {
        if (ready.test(running.text)) resolve(running);
      };
      child.stdout?.on('data', check);
      child.stderr?.on('data', check);
      child.once('error', reject);
      child.once('close', (code) => {
        reject(new Error(`${argv.join(' ')} ended with ${code}: ${running.text}`));
      });
    });
  }

  /** Runs a topology in real time; `netns: x` in it becomes a namespace of this sandbox. */
  async up(yaml: string, options: { readonly capture?: boolean } = {}): Promise<LiveLab> {
    const text = yaml.replaceAll(/netns: (\w+)/g, (_all, name) => `netns: ${this.netns(name)}`);
    const { topology, diagnostics } = parseTopology(text, { file: 'lab.yaml' });
    if (topology === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    const abort = new AbortController();
    const capture = join(this.directory, `${topology.name}-${this.#labs.length}.pcapng`);
    const { service, started } = observer();
    const ended = runLive(
      topology,
      {
        seed: topology.seed,
        lagPolicy: 'best-effort',
        user: null,
        openEnded: true,
        services: [service],
        say: () => {},
        ...(options.capture === true
          ? { openCapture: () => ({ path: capture, sink: FileSink.openOnly(capture, capture) }) }
          : {}),
      },
      abort.signal,
    );
    const failed = ended.then(() => Promise.reject(new Error('the lab ended at once')));
    const { lab, driver } = await Promise.race([started, failed]);
    failed.catch(() => {});
    const live: LiveLab = {
      lab,
      driver,
      capture,
      stop: () => {
        abort.abort();
        return ended;
      },
    };
    this.#labs.push(live);
    return live;
  }

  /** Ends everything that was started here and removes everything that was made; may begin again. */
  async dispose(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.allSettled(this.#labs.splice(0).map((live) => live.stop()));
    for (const name of namespaces()) {
      if (name.startsWith(this.prefix)) ip('netns', 'delete', name);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #spawn(netns: string | null, argv: readonly string[]): ChildProcess {
    const inside = netns === null ? [] : ['ip', 'netns', 'exec', netns];
    const [program = '', ...args] = [...inside, ...argv];
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.directory,
      env: { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }
}

/** A program that goes on beside the test. */
export class Running {
  readonly process: ChildProcess;
  text = '';

  constructor(child: ChildProcess) {
    this.process = child;
    const collect = (chunk: Buffer): void => {
      this.text += String(chunk);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
  }

  /** Ends it as Ctrl-C does and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const closed = new Promise((resolve) => this.process.once('close', resolve));
    this.process.kill(signal);
    await closed;
  }
}

/** `ip …`, at once; for what the test itself sets up. */
export function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The named namespaces of this machine. */
export function namespaces(): string[] {
  try {
    return readdirSync('/run/netns').sort();
  } catch {
    return [];
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something holds; what it says when it never does is the failure's message. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 15_000,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await sleep(50);
  }
}

function observer(): {
  readonly service: LabService;
  readonly started: Promise<{ readonly lab: Lab; readonly driver: RealtimeDriver }>;
} {
  let tell: (value: { lab: Lab; driver: RealtimeDriver }) => void = () => {};
  const started = new Promise<{ lab: Lab; driver: RealtimeDriver }>((resolve) => {
    tell = resolve;
  });
  const service: LabService = { start: (lab, driver) => tell({ lab, driver }), stop: () => {} };
  return { service, started };
}
