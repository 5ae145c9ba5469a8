// Where running labs leave their names: $XDG_RUNTIME_DIR/egresslab, or a directory of the user's own
// below the temporary one (XDG Base Directory Specification). It holds secrets, so it must be ours
// alone, whoever made it.

import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** All places where labs of this user may be, best first. */
export function runtimeDirectories(environment: EnvironmentVariables): string[] {
  const { XDG_RUNTIME_DIR: given } = environment;
  const fallback = join(tmpdir(), `egresslab-${userId() ?? userInfo().username}`);
  return given === undefined || given === '' ? [fallback] : [join(given, 'egresslab'), fallback];
}

/** The first of these that is, or can be made, a directory of ours alone. @throws EgressLabError EGL_RUNTIME_DIRECTORY */
export function claimRuntimeDirectory(environment: EnvironmentVariables): string {
  const directories = runtimeDirectories(environment);
  for (const directory of directories) {
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch {
      // It exists, or can not be made: what counts is what is there.
    }
    if (isOursAlone(directory)) return directory;
  }
  throw new EgressLabError(
    'EGL_RUNTIME_DIRECTORY',
    `no private directory for the running lab: tried ${directories.join(' and ')}`,
    {
      hint: 'Set XDG_RUNTIME_DIR to a directory that only you can enter.',
      fault: 'environment',
    },
  );
}

/** A directory, no link, owned by us, closed to others. */
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

function userId(): number | null {
  return process.getuid?.() ?? null;
}
