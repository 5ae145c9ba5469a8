// That a file is being written, and by whom: two labs in one directory must not write to one file. Each
// writer leaves a file of its own beside the target and then looks for those of others: whichever of two
// looks last sees the other, so at most one of them goes ahead. What a killed process has left is
// recognized by its number and start, and removed by whoever looks next.

import { closeSync, constants, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning, processStart } from './control/process-start.ts';
import { type FileOwner, giveTo } from './file-owner.ts';

/** Behind the name of the target: process, its start, and a number within the process. */
const SUFFIX = /^\.(?<pid>\d+)-(?<start>\d+)-(?<number>\d+)\.lock$/;
/** Where there is no /proc a process has no known start. */
const UNKNOWN_START = '0';

let claims = 0;

/** The right to write to one file, until it is released or the process ends. */
export class FileClaim {
  readonly #lock: string;

  private constructor(lock: string) {
    this.#lock = lock;
  }

  /** Claims `file`; null when somebody else writes to it. @throws the error of open(2) or readdir(2) */
  static take(file: string, owner: FileOwner | null): FileClaim | null {
    const directory = dirname(file);
    const prefix = `.${basename(file)}`;
    const own = `${prefix}.${process.pid}-${processStart(process.pid) ?? UNKNOWN_START}-${claims++}.lock`;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const descriptor = openSync(join(directory, own), flags, 0o600);
    try {
      giveTo(descriptor, owner);
    } finally {
      closeSync(descriptor);
    }
    const claim = new FileClaim(join(directory, own));
    try {
      if (!hasOthers(directory, prefix, own)) return claim;
    } catch (error) {
      claim.release();
      throw error;
    }
    claim.release();
    return null;
  }

  /** May be called twice. */
  release(): void {
    rmSync(this.#lock, { force: true });
  }
}

/** Removes what killed processes have left in a directory. */
export function removeDeadClaims(directory: string): void {
  for (const name of readdirSync(directory)) {
    const suffix = /^\..*(\.\d+-\d+-\d+\.lock)$/.exec(name)?.[1];
    if (suffix !== undefined && !isAlive(suffix)) rmSync(join(directory, name), { force: true });
  }
}

function hasOthers(directory: string, prefix: string, own: string): boolean {
  return readdirSync(directory).some((name) => {
    if (name === own || !name.startsWith(prefix)) return false;
    return isAlive(name.slice(prefix.length));
  });
}

function isAlive(suffix: string): boolean {
  const { pid = '', start = '' } = SUFFIX.exec(suffix)?.groups ?? {};
  return pid !== '' && isRunning(Number(pid), start === UNKNOWN_START ? null : start);
}
