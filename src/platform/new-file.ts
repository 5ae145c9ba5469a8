// A file that was not there before.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { errnoOf, explainErrno } from './errno.ts';

/**
 * Writes `text` to `path`, relative to `workingDirectory`; never over something.
 * @throws EgressLabError EGL_USAGE, EGL_FILE_EXISTS, EGL_FILE_UNWRITABLE
 */
export function writeNewFile(path: string, workingDirectory: string, text: string): void {
  if (path === '' || path === '-') {
    throw new EgressLabError('EGL_USAGE', `"${path}" is not the name of a new file`, {
      hint: 'Name a file that does not exist yet.',
    });
  }
  try {
    writeFileSync(resolve(workingDirectory, path), text, { flag: 'wx' });
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') {
      throw new EgressLabError('EGL_FILE_EXISTS', `${path} already exists`, {
        hint: 'Name a file that does not exist, or remove this one.',
        cause,
      });
    }
    throw new EgressLabError(
      'EGL_FILE_UNWRITABLE',
      `cannot write ${path}: ${explainErrno(cause)}`,
      {
        hint: 'Check the path and its permissions.',
        cause,
      },
    );
  }
}
