// A capture that appears whole or not at all: written beside its target under another name, which is claimed against
// other labs meanwhile, and renamed at the end. So it may be made from the file that it takes the place of.

import { closeSync, constants, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import type { ByteSink } from '../capture/sink.ts';
import { errnoOf } from './errno.ts';
import { FileClaim } from './file-claim.ts';
import { cannotOpen, cannotWrite, FileSink, isReplaceable } from './file-sink.ts';

/** Write, then `keep` or `discard`. */
export class CaptureDraft implements ByteSink {
  readonly #path: string;
  readonly #file: string;
  readonly #draft: string;
  readonly #claim: FileClaim;
  readonly #sink: FileSink;

  /**
   * `path` as the user gave it.
   * @throws EgressLabError EGL_CAPTURE_UNWRITABLE, EGL_CAPTURE_FOREIGN, EGL_CAPTURE_BUSY
   */
  constructor(path: string, workingDirectory: string) {
    this.#path = path;
    this.#file = resolve(workingDirectory, path);
    this.#draft = join(dirname(this.#file), `.${basename(this.#file)}.${process.pid}`);
    try {
      const claim = FileClaim.take(this.#file, null);
      if (claim === null) {
        throw new EgressLabError('EGL_CAPTURE_BUSY', `another lab writes ${path}`, {
          hint: 'Name another file.',
        });
      }
      this.#claim = claim;
    } catch (cause) {
      throw cause instanceof EgressLabError ? cause : cannotOpen(path, cause);
    }
    try {
      refuseForeign(this.#file, path);
      this.#sink = FileSink.openOnly(this.#draft, path);
    } catch (error) {
      this.#claim.release();
      throw error;
    }
  }

  write(chunk: Uint8Array): void {
    this.#sink.write(chunk);
  }

  close(): void {
    this.#sink.close();
  }

  /** Puts it where it belongs. @throws EgressLabError EGL_CAPTURE_WRITE */
  keep(): void {
    this.#sink.close();
    try {
      refuseForeign(this.#file, this.#path);
      renameSync(this.#draft, this.#file);
    } catch (cause) {
      rmSync(this.#draft, { force: true });
      throw cause instanceof EgressLabError ? cause : cannotWrite(this.#path, cause);
    } finally {
      this.#claim.release();
    }
  }

  /** As if nothing had been asked for. May be called after `keep`. */
  discard(): void {
    this.#sink.close();
    rmSync(this.#draft, { force: true });
    this.#claim.release();
  }
}

/** @throws EgressLabError EGL_CAPTURE_FOREIGN, EGL_CAPTURE_UNWRITABLE */
function refuseForeign(file: string, path: string): void {
  let descriptor: number;
  try {
    const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK;
    descriptor = openSync(file, constants.O_RDONLY | careful);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return;
    throw cannotOpen(path, cause);
  }
  try {
    if (isReplaceable(descriptor)) return;
    throw new EgressLabError('EGL_CAPTURE_FOREIGN', `${path} is not a file that egresslab made`, {
      hint: 'Name another file, or remove this one.',
    });
  } finally {
    closeSync(descriptor);
  }
}
