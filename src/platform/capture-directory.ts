// Where the captures of one run go. The directory is made when it is missing; opening touches no
// byte of a capture that is there already (see FileSink), so input that turns out to be wrong
// between two captures leaves both as they were.

import { join, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import type { CaptureDestination, CaptureRequest } from '../scenario/run-options.ts';
import { explainErrno } from './errno.ts';
import { FileSink } from './file-sink.ts';
import { makeDirectory } from './make-directory.ts';

export class CaptureDirectory {
  readonly #path: string;
  readonly #directory: string;
  readonly #sinks: FileSink[] = [];

  /** `path` as the user gave it, relative to `workingDirectory`. Nothing is made before `open`. */
  constructor(path: string, workingDirectory: string) {
    this.#path = path;
    this.#directory = resolve(workingDirectory, path);
  }

  /** @throws EgressLabError EGL_CAPTURE_DIRECTORY, EGL_CAPTURE_UNWRITABLE. */
  open(request: CaptureRequest): CaptureDestination {
    try {
      makeDirectory(this.#directory);
    } catch (cause) {
      throw new EgressLabError(
        'EGL_CAPTURE_DIRECTORY',
        `cannot create the capture directory ${this.#path}: ${explainErrno(cause)}`,
        { hint: 'Give another one with --capture-dir, or run with --no-capture.', cause },
      );
    }
    const path = join(this.#path, request.fileName);
    const sink = new FileSink(join(this.#directory, request.fileName), path);
    this.#sinks.push(sink);
    return { path, sink };
  }

  /** Closes what is open and removes files that were made but never written to. May be called twice. */
  close(): void {
    for (const sink of this.#sinks) sink.abandon();
  }
}
