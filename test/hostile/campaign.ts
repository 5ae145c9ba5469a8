// A lab as a process, a hostile client, and an honest one beside it: how often the honest one was served,
// and how much memory the lab took at most.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Force, HostileClient, send, type Target } from './hostile-client.ts';

/** What came of an attack. */
export interface Outcome {
  readonly seconds: number;
  readonly opened: number;
  /** Honest requests, and how many of them were answered as they should be. */
  readonly asked: number;
  readonly served: number;
  /** The slowest honest request. */
  readonly slowestMilliseconds: number;
  /** What the lab answered to deep JSON, large annotations and patches that copy themselves. */
  readonly answers: ReadonlyMap<number, number>;
  /** The lab's largest resident set. */
  readonly peakMegabytes: number;
}

/** One request that a user would make; whether it was answered. */
export type Honest = (target: Target, kubeconfig: string) => Promise<boolean>;

/** `kubectl get nodes`. */
export const kubectl: Honest = (_target, kubeconfig) =>
  new Promise((resolve) => {
    const environment = { PATH: process.env.PATH ?? '', HOME: tmpdir(), KUBECONFIG: kubeconfig };
    const words = ['get', 'nodes', '--request-timeout=10s'];
    execFile('kubectl', words, { env: environment, timeout: 20_000 }, (error, stdout) =>
      resolve(error === null && stdout.includes('worker01')),
    );
  });

/** The same as a plain request, where kubectl is missing. */
export const plainRequest: Honest = async (target) => {
  const path = '/api/v1/nodes/worker01';
  const code = await send(target, { method: 'GET', path, headers: {} }, '').catch(() => 0);
  return code === 200;
};

/** Attacks `egresslab up automatic` for so long. @param main the program, dist/main.js */
export async function attackLab(
  main: string,
  seconds: number,
  force: Force,
  honest: Honest,
): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'egresslab-hostile-'));
  const env = { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: directory };
  const lab = spawn(process.execPath, [main, 'up', 'automatic', '-q'], {
    cwd: directory,
    env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  try {
    const { kubeconfig, target } = await entryOf(directory, lab);
    const client = new HostileClient(target, force);
    const attack = client.run();
    const end = performance.now() + seconds * 1000;
    let asked = 0;
    let served = 0;
    let slowest = 0;
    while (performance.now() < end) {
      const before = performance.now();
      asked++;
      if (await honest(target, kubeconfig)) served++;
      slowest = Math.max(slowest, performance.now() - before);
      await pause(200);
    }
    const peak = peakMegabytes(lab);
    client.stop();
    await attack;
    return {
      seconds,
      opened: client.opened,
      asked,
      served,
      slowestMilliseconds: Math.round(slowest),
      answers: client.answers,
      peakMegabytes: peak,
    };
  } finally {
    lab.kill('SIGTERM');
    if (lab.exitCode === null) await once(lab, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function entryOf(
  directory: string,
  lab: ChildProcess,
): Promise<{ target: Target; kubeconfig: string }> {
  const file = join(directory, 'egresslab', 'automatic.lab');
  for (;;) {
    if (lab.exitCode !== null) throw new Error(`the lab ended: ${lab.exitCode}`);
    await pause(50);
    const entry = readEntry(file);
    if (typeof entry?.port !== 'number') continue;
    const { certificateFile, kubeconfig, port, tokenFile } = entry;
    const token = readFileSync(String(tokenFile), 'utf8');
    const certificate = readFileSync(String(certificateFile), 'utf8');
    return { target: { port, token, certificate }, kubeconfig: String(kubeconfig) };
  }
}

function readEntry(file: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** VmHWM (proc_pid_status(5)). */
function peakMegabytes({ pid }: ChildProcess): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(text)?.[1]) / 1024);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
