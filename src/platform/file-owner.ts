// Whose a new file is. Under sudo(8) the files that somebody asked for are theirs and not root's.

import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';

/** Who is to own what is made. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Who called sudo, by SUDO_UID and SUDO_GID; null for whoever is not root, or is root by other means. */
export function sudoCaller(
  environment: Readonly<Record<string, string | undefined>>,
): FileOwner | null {
  const { SUDO_UID: uid = '', SUDO_GID: gid = '' } = environment;
  if (process.geteuid?.() !== 0) return null;
  if (!/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) return null;
  return { uid: Number(uid), gid: Number(gid) };
}

/** Gives an open file of ours away. Only root may, and root by then may be who we were. */
export function giveTo(descriptor: number, owner: FileOwner | null): void {
  if (owner === null || process.geteuid?.() !== 0) return;
  fchownSync(descriptor, owner.uid, owner.gid);
}

/** The same for a directory that was just made; never through a symbolic link that took its place. */
export function giveDirectoryTo(path: string, owner: FileOwner | null): void {
  if (owner === null || process.geteuid?.() !== 0) return;
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags);
  try {
    if (fstatSync(descriptor).uid === 0) giveTo(descriptor, owner);
  } finally {
    closeSync(descriptor);
  }
}
