// A file that only its user may read: tokens, and what leads to them.

import { closeSync, constants, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { EgressLabError } from '../../base/errors.ts';
import { explainErrno } from '../errno.ts';

/**
 * Makes `file`, which must not be there, with mode 0600. One that cannot be written whole is removed again.
 * @throws EgressLabError EGL_RUNTIME_DIRECTORY
 */
export function writeSecret(file: string, text: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, flags, 0o600);
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(descriptor, bytes, at, bytes.length - at);
    }
  } catch (cause) {
    if (descriptor !== null) rmSync(file, { force: true });
    throw runtimeDirectoryError(file, cause);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Makes a directory for such files, in the place of what a killed lab has left. @throws EgressLabError EGL_RUNTIME_DIRECTORY */
export function makeSecretDirectory(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { mode: 0o700 });
  } catch (cause) {
    throw runtimeDirectoryError(directory, cause);
  }
}

/** What a lab cannot be run without could not be written. */
export function runtimeDirectoryError(file: string, cause: unknown): EgressLabError {
  return new EgressLabError(
    'EGL_RUNTIME_DIRECTORY',
    `cannot write ${file}: ${explainErrno(cause)}`,
    {
      hint: 'Free some space there, set XDG_RUNTIME_DIR to another directory, or use --no-server.',
      fault: 'environment',
      cause,
    },
  );
}
