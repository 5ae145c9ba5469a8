// Giving up root: once the devices are open nothing needs it any more.

import { execFileSync } from 'node:child_process';
import { EgressLabError } from '../../base/errors.ts';

/** A user of this machine, as passwd(5) has it. */
export interface Person {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Looks a user up (passwd(5), or the sources that nsswitch names). @throws EgressLabError EGL_UNKNOWN_USER */
export function personNamed(name: string): Person {
  let entry: string;
  try {
    entry = execFileSync('getent', ['passwd', '--', name], { encoding: 'utf8' });
  } catch (cause) {
    throw new EgressLabError('EGL_UNKNOWN_USER', `there is no user "${name}" on this machine`, {
      hint: 'Choose one from `getent passwd`, or leave --user out.',
      cause,
    });
  }
  const [login = name, , uid = '', gid = ''] = entry.trim().split(':');
  return { name: login, uid: Number(uid), gid: Number(gid) };
}

/** From now on the process has that user's rights and no others. @throws EgressLabError EGL_CANNOT_DROP */
export function becomeUser({ name, uid, gid }: Person): void {
  if (process.getuid?.() === uid && process.geteuid?.() === uid) return;
  try {
    process.setgroups?.([gid]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (cause) {
    throw new EgressLabError('EGL_CANNOT_DROP', `cannot become ${name}: only root may`, {
      hint: 'Start it with sudo, or leave --user out.',
      fault: 'environment',
      cause,
    });
  }
}
