// What was made outside the process and outlives it when it is killed: named namespaces. (TAP and TUN
// devices go with their descriptors.) Each run keeps a list in a file named after its process; the next
// start removes what the dead have left, and nothing else: a process is told from its successor by its
// start time, a namespace from another of the same name by its inode.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from '../make-directory.ts';
import { deleteNamespace, namespaceIdentity } from './network-namespace.ts';

/** What stands in a file. */
interface Ledger {
  readonly pid: number;
  /** In clock ticks since boot, /proc/<pid>/stat field 22. */
  readonly startTime: string;
  readonly namespaces: readonly { readonly name: string; readonly inode: number }[];
}

export class Leftovers {
  readonly #directory: string;
  #caretaker: ChildProcess | null = null;
  readonly #namespaces: { readonly name: string; readonly inode: number }[] = [];

  constructor(directory: string = stateDirectory()) {
    this.#directory = directory;
  }

  /** Removes what dead processes have left; returns the names of the namespaces. */
  removeThoseOfTheDead(): string[] {
    const removed: string[] = [];
    if (!existsSync(this.#directory)) return removed;
    for (const file of readdirSync(this.#directory)) {
      const path = join(this.#directory, file);
      const ledger = file.endsWith('.json') ? readLedger(path) : null;
      if (ledger === null || startTimeOf(ledger.pid) === ledger.startTime) continue;
      for (const { name, inode } of ledger.namespaces) {
        if (namespaceIdentity(name) !== inode) continue;
        deleteNamespace(name);
        removed.push(name);
      }
      rmSync(path, { force: true });
    }
    return removed;
  }

  /** Notes a namespace that this process has just made. */
  addNamespace(name: string): void {
    const inode = namespaceIdentity(name);
    if (inode === null) return;
    this.#namespaces.push({ name, inode });
    const pid = process.pid;
    const startTime = startTimeOf(pid) ?? '';
    const ledger: Ledger = { pid, startTime, namespaces: this.#namespaces };
    makeDirectory(this.#directory, 0o700);
    writeFileSync(this.#file(), `${JSON.stringify(ledger)}\n`, { mode: 0o600 });
  }

  /**
   * Leaves the undoing to a child of the present user, for soon we shall not be allowed to: it waits
   * until this process ends, however it ends.
   */
  handOver(): void {
    if (this.#namespaces.length === 0) return;
    const script = 'const { takeCare } = await import(process.argv[1]); takeCare(process.argv[2]);';
    const args = ['--input-type=module', '-e', script, import.meta.url, this.#file()];
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
    for (const { name, inode } of this.#namespaces.reverse()) {
      if (namespaceIdentity(name) === inode) deleteNamespace(name);
    }
    this.#namespaces.length = 0;
    rmSync(this.#file(), { force: true });
  }

  #file(): string {
    return join(this.#directory, `${process.pid}.json`);
  }
}

/** What the child does: waits for its input to end, then undoes what the file lists. */
export function takeCare(path: string): void {
  process.stdin.resume();
  process.stdin.on('end', () => {
    for (const { name, inode } of readLedger(path)?.namespaces ?? []) {
      if (namespaceIdentity(name) === inode) deleteNamespace(name);
    }
    rmSync(path, { force: true });
  });
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
