// Where running labs leave their names: $XDG_RUNTIME_DIR/egresslab, or a directory of the user's own
// below the temporary one (XDG Base Directory Specification). It holds secrets, so it must be ours
// alone, no matter who made it.

import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';

/** `process.env`, or what a test puts in its place. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Where labs of this user are, whether or not there are any. */
export function runtimeDirectory(environment: EnvironmentVariables): string {
  const { XDG_RUNTIME_DIR: given = '' } = environment;
  if (given !== '' && isWritable(given)) return join(given, 'egresslab');
  return join(tmpdir(), `egresslab-${userId() ?? userInfo().username}`);
}

/** The same, made if it is missing. @throws EgressLabError EGL_RUNTIME_DIRECTORY */
export function claimRuntimeDirectory(environment: EnvironmentVariables): string {
  const directory = runtimeDirectory(environment);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    // It exists, or cannot be made: what counts is what is there.
  }
  if (isOursAlone(directory)) return directory;
  const message = `${directory} is not a directory that only you can enter`;
  throw new EgressLabError('EGL_RUNTIME_DIRECTORY', message, {
    hint: 'Remove it, or set XDG_RUNTIME_DIR to a directory of your own.',
    fault: 'environment',
  });
}

/** Whether it is a directory, no link, owned by us, closed to others. */
export function isOursAlone(directory: string): boolean {
  try {
    const found = lstatSync(directory);
    const owner = userId();
    const ours = owner === null || found.uid === owner;
    return found.isDirectory() && ours && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function userId(): number | null {
  return process.getuid?.() ?? null;
}
