// What was made outside the process and outlives it when it is killed: named namespaces. (TAP and TUN
// devices go with their descriptors.) Each run keeps a list in a file named after its process; the next
// start removes what the dead have left, and nothing else: a process is told from its successor by its
// start time, a namespace from another of the same name by its inode. A namespace is noted before it is
// made, since the process may be killed right after; until its inode is known it is told by its time.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';
import { isRunning } from '../control/process-start.ts';
import { runtimeDirectoryError, writeSecret } from '../control/secret-file.ts';
import { makeDirectory } from '../make-directory.ts';
import {
  createNamespace,
  deleteNamespace,
  namespaceIdentity,
  namespaceTime,
} from './network-namespace.ts';

/** What stands in a file. */
interface Ledger {
  readonly pid: number;
  /** In clock ticks since boot, /proc/<pid>/stat field 22. */
  readonly startTime: string;
  readonly namespaces: readonly NotedNamespace[];
}

interface NotedNamespace {
  readonly name: string;
  /** Null when it was about to be made. */
  readonly inode: number | null;
  /** When it was noted, in milliseconds since 1970. */
  readonly notedAt: number;
}

/** The clock of files stands still between two ticks. */
const CLOCK_TICK_MILLISECONDS = 10;
/** Making a namespace takes less. */
const MAKING_MILLISECONDS = 10_000;

/** What one process has made that outlives it. */
export class Leftovers {
  readonly #directory: string;
  #caretaker: ChildProcess | null = null;
  readonly #namespaces: NotedNamespace[] = [];

  constructor(directory: string = stateDirectory()) {
    this.#directory = directory;
  }

  /** Removes what dead processes have left; returns the names of the namespaces. */
  removeThoseOfTheDead(): string[] {
    const removed: string[] = [];
    if (!existsSync(this.#directory)) return removed;
    for (const file of readdirSync(this.#directory)) {
      const path = join(this.#directory, file);
      const drafter = /^(\d+)\.json\.draft$/.exec(file)?.[1];
      if (drafter !== undefined && !isRunning(Number(drafter), null)) rmSync(path, { force: true });
      const ledger = file.endsWith('.json') ? readLedger(path) : null;
      if (ledger === null || startTimeOf(ledger.pid) === ledger.startTime) continue;
      for (const noted of ledger.namespaces) {
        if (!isStillThere(noted)) continue;
        deleteNamespace(noted.name);
        removed.push(noted.name);
      }
      rmSync(path, { force: true });
    }
    return removed;
  }

  /** Makes a namespace that goes when this process is gone. @throws EgressLabError EGL_ATTACH_CONFIGURE, EGL_RUNTIME_DIRECTORY */
  makeNamespace(name: string): void {
    const notedAt = Date.now();
    this.#namespaces.push({ name, inode: null, notedAt });
    this.#save();
    createNamespace(name);
    this.#namespaces.pop();
    this.#namespaces.push({ name, inode: namespaceIdentity(name), notedAt });
    this.#save();
  }

  /**
   * Leaves the undoing to a child of the present user, for soon we shall not be allowed to: it waits
   * until this process ends, however it ends.
   */
  handOver(): void {
    if (this.#namespaces.length === 0) return;
    const script = 'const { takeCare } = await import(process.argv[1]); takeCare(process.argv[2]);';
    // By its name: in the program's bundle this module stands beside the file that exports it.
    const here = new URL('./leftovers.js', import.meta.url).href;
    const args = ['--input-type=module', '-e', script, here, this.#file()];
    // In a session of its own: a Ctrl-C in the terminal is not for the child.
    const child = spawn(process.execPath, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.unref();
    this.#caretaker = child;
  }

  /** Undoes everything that was noted, last first. May be called twice. */
  async removeOwn(): Promise<void> {
    const caretaker = this.#caretaker;
    if (caretaker !== null) {
      this.#caretaker = null;
      this.#namespaces.length = 0;
      await new Promise<void>((resolve) => {
        if (caretaker.exitCode !== null) resolve();
        caretaker.ref();
        caretaker.once('exit', () => resolve());
        caretaker.stdin?.end();
      });
      return;
    }
    if (this.#namespaces.length === 0) return;
    for (const noted of this.#namespaces.reverse()) {
      if (isStillThere(noted)) deleteNamespace(noted.name);
    }
    this.#namespaces.length = 0;
    rmSync(this.#file(), { force: true });
  }

  /** Written beside and renamed: whoever reads it finds all of it, or the one before. */
  #save(): void {
    const pid = process.pid;
    const startTime = startTimeOf(pid) ?? '';
    const ledger: Ledger = { pid, startTime, namespaces: this.#namespaces };
    const file = this.#file();
    const draft = `${file}.draft`;
    try {
      makeDirectory(this.#directory, 0o700);
      rmSync(draft, { force: true });
      writeSecret(draft, `${JSON.stringify(ledger)}\n`);
      renameSync(draft, file);
    } catch (cause) {
      if (cause instanceof EgressLabError) throw cause;
      throw runtimeDirectoryError(file, cause);
    }
  }

  #file(): string {
    return join(this.#directory, `${process.pid}.json`);
  }
}

/** What the child does: waits for its input to end, then undoes what the file lists. */
export function takeCare(path: string): void {
  process.stdin.resume();
  process.stdin.on('end', () => {
    for (const noted of readLedger(path)?.namespaces ?? []) {
      if (isStillThere(noted)) deleteNamespace(noted.name);
    }
    rmSync(path, { force: true });
  });
}

/** Whether the namespace that was noted exists, and is no later one of that name. */
function isStillThere({ name, inode, notedAt }: NotedNamespace): boolean {
  if (inode !== null) return namespaceIdentity(name) === inode;
  const made = namespaceTime(name);
  return (
    made !== null &&
    made >= notedAt - CLOCK_TICK_MILLISECONDS &&
    made <= notedAt + MAKING_MILLISECONDS
  );
}

function readLedger(path: string): Ledger | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isLedger(value) ? value : null;
  } catch {
    return null;
  }
}

function isLedger(value: unknown): value is Ledger {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTime, namespaces } = value as Partial<Ledger>;
  return typeof pid === 'number' && typeof startTime === 'string' && Array.isArray(namespaces);
}

/** Null when no such process lives. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** The first that is ours: root of a user namespace is not root of the machine, so only trying tells. */
function stateDirectory(): string {
  const uid = process.geteuid?.() ?? 0;
  const runtime = process.env.XDG_RUNTIME_DIR ?? '';
  const candidates = [
    ...(uid === 0 ? ['/run/egresslab'] : []),
    ...(runtime === '' ? [] : [join(runtime, 'egresslab')]),
    join(tmpdir(), `egresslab-${uid}`),
  ];
  const last = join(tmpdir(), `egresslab-${uid}-${userNamespace()}`);
  return candidates.find(isOurs) ?? last;
}

function isOurs(directory: string): boolean {
  try {
    makeDirectory(directory, 0o700);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return statSync(directory).uid === process.geteuid?.();
  } catch {
    return false;
  }
}

/** Tells the users of one number in different user namespaces apart. */
function userNamespace(): string {
  return readlinkSync('/proc/self/ns/user').replace(/\D/g, '');
}
