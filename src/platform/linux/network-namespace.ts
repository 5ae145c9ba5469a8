// Named network namespaces as iproute2 keeps them: files under /run/netns. A descriptor that is opened
// inside one belongs to it for good, so the process enters, opens and comes back at once.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../base/assert.ts';
import { EgressLabError } from '../../base/errors.ts';
import { ip, tryIp } from './ip-command.ts';
import { Errno, errnoName, Flags, libc } from './libc.ts';

const DIRECTORY = '/run/netns';
const CLONE_NEWNET = 0x4000_0000;
/** Of the calling thread: vitest runs tests in threads, and setns(2) moves one thread alone. */
const OWN = '/proc/thread-self/ns/net';

/** Whether `ip netns list` names it. */
export function namespaceExists(name: string): boolean {
  return existsSync(join(DIRECTORY, name));
}

/** Tells this namespace from another of the same name; null when there is none. */
export function namespaceIdentity(name: string): number | null {
  try {
    return statSync(join(DIRECTORY, name)).ino;
  } catch {
    return null;
  }
}

/** When a namespace was made, in milliseconds since 1970; null when there is none. */
export function namespaceTime(name: string): number | null {
  try {
    return statSync(join(DIRECTORY, name)).ctimeMs;
  } catch {
    return null;
  }
}

/** Makes a namespace with its loopback up. @throws EgressLabError EGL_ATTACH_CONFIGURE */
export function createNamespace(name: string): void {
  ip(null, 'netns', 'add', name);
  tryIp(name, 'link', 'set', 'dev', 'lo', 'up');
}

/** `ip netns delete`; nothing happens when it does not exist. */
export function deleteNamespace(name: string): void {
  tryIp(null, 'netns', 'delete', name);
}

/** Runs `action` with the calling thread in a namespace; null is where it is already. */
export function withinNamespace<T>(name: string | null, action: () => T): T {
  if (name === null) return action();
  const { open, close, setns, errno } = libc();
  const flags = Flags.CloseOnExec;
  const home = open(OWN, flags);
  const away = open(join(DIRECTORY, name), flags);
  try {
    if (home < 0 || away < 0) throw cannotEnter(name, errno());
    if (setns(away, CLONE_NEWNET) < 0) throw cannotEnter(name, errno());
    try {
      return action();
    } finally {
      assert(setns(home, CLONE_NEWNET) === 0, 'a thread may always go home');
    }
  } finally {
    if (away >= 0) close(away);
    if (home >= 0) close(home);
  }
}

function cannotEnter(name: string, errno: number): EgressLabError {
  const denied = errno === Errno.EPERM || errno === Errno.EACCES;
  return new EgressLabError(
    'EGL_ATTACH_NAMESPACE',
    `cannot enter the network namespace ${name}: ${errnoName(errno)}`,
    {
      hint: denied
        ? 'Entering a namespace needs CAP_SYS_ADMIN: run it with sudo, or leave `netns:` out.'
        : '`ip netns list` shows those that exist.',
      fault: 'environment',
    },
  );
}
