// The pages that the build made for browsers: dist/web, beside src/ and dist/.

import { readFileSync } from 'node:fs';
import { EgressLabError } from '../base/errors.ts';
import { errnoOf } from './errno.ts';

/** A file of dist/web. @throws EgressLabError EGL_FILE_NOT_FOUND when the package was not built */
export function webAsset(name: string): Buffer {
  try {
    return readFileSync(new URL(`../../dist/web/${name}`, import.meta.url));
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw cause;
    throw new EgressLabError('EGL_FILE_NOT_FOUND', `there is no file dist/web/${name}`, {
      hint: 'Run `npm run build` in the clone of egresslab.',
      cause,
    });
  }
}
