// A ByteSink to a file. Each chunk is written at once and whole, in the order given: a capture
// format hands over whole blocks, so a file is readable up to its last chunk after a crash or kill.
// Writing is in place, not to a temporary name: an interrupted run must leave the frames it has
// seen where the user looks for them. What stood in the file before survives until the first byte.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { EgressLabError } from '../base/errors.ts';
import type { ByteSink } from '../capture/sink.ts';
import { errnoOf, explainErrno } from './errno.ts';

/** What a full or failing disk reports; anything else at opening is the user's path. */
const MACHINE_FAULTS: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'EIO',
]);

export class FileSink implements ByteSink {
  readonly path: string;
  readonly #file: string;
  readonly #created: boolean;
  #descriptor: number | null;
  #started = false;

  /**
   * Opens or creates `file`; `path` names it in messages, as the user wrote it.
   * @throws EgressLabError EGL_CAPTURE_UNWRITABLE.
   */
  constructor(file: string, path: string) {
    this.path = path;
    this.#file = file;
    try {
      const existing = openRegular(file);
      this.#created = existing === null;
      this.#descriptor = existing ?? openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o644);
    } catch (cause) {
      throw new EgressLabError(
        'EGL_CAPTURE_UNWRITABLE',
        `cannot write the capture ${path}: ${explainErrno(cause)}`,
        {
          hint: 'Give another directory with --capture-dir, or run with --no-capture.',
          fault: MACHINE_FAULTS.has(errnoOf(cause) ?? '') ? 'environment' : 'input',
          cause,
        },
      );
    }
  }

  /** Appends the whole chunk. @throws EgressLabError EGL_CAPTURE_WRITE when the disk refuses. */
  write(chunk: Uint8Array): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    try {
      if (!this.#started) {
        ftruncateSync(descriptor, 0);
        this.#started = true;
      }
      for (let written = 0; written < chunk.length; ) {
        written += writeSync(descriptor, chunk, written);
      }
    } catch (cause) {
      throw new EgressLabError(
        'EGL_CAPTURE_WRITE',
        `writing the capture ${this.path} failed: ${explainErrno(cause)}`,
        {
          hint: 'What was written before is readable. Free some space, or choose fewer ports under capture: in the topology.',
          fault: 'environment',
          cause,
        },
      );
    }
  }

  /** May be called twice. */
  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** Closes a sink that was never written to and leaves the file as it was found. */
  abandon(): void {
    this.close();
    if (this.#created && !this.#started) rmSync(this.#file, { force: true });
  }
}

/** A descriptor of a file that is there, null when there is none. Never waits for a pipe's reader. */
function openRegular(file: string): number | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new Error('it is not a regular file');
}
