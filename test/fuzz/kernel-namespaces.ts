// The network namespaces of this tool: made with iproute2, gone when their process is. One that was
// killed leaves some behind; the next removes them.

import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';

/** All namespaces of this tool begin so, then comes the process. */
const PREFIX = 'eglx';
const ENVIRONMENT = { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' };

let count = 0;

/** A name that no other namespace has; the namespace is the caller's to make. */
export function namespaceName(): string {
  count++;
  return `${PREFIX}${process.pid}-${count}`;
}

/** Removes what a process that was killed has left behind; processes that live are left alone. */
export function removeLeftovers(): void {
  for (const name of namespaces()) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? 0);
    if (pid === 0 || pid === process.pid || isAlive(pid)) continue;
    run('ip', ['netns', 'delete', name]);
  }
}

/** For exits: every namespace of this very process. */
export function removeOwn(): void {
  for (const name of namespaces()) {
    if (name.startsWith(`${PREFIX}${process.pid}-`)) run('ip', ['netns', 'delete', name]);
  }
}

function namespaces(): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What a program prints. @throws Error with what the program said */
export function run(program: string, args: readonly string[], input = ''): string {
  return execFileSync(program, args, {
    input,
    encoding: 'utf8',
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** In the namespace that the calling thread is in. @throws Error when the kernel refuses */
export function setSysctl(name: string, value: number): void {
  writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, String(value));
}
