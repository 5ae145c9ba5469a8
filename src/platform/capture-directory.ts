// Where the captures of one run go. The directory is made when it is missing; opening touches no
// byte of a capture that is there already (see FileSink), so input that turns out to be wrong
// between two captures leaves both as they were.

import { join, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import type { CaptureDestination, CaptureRequest } from '../scenario/run-options.ts';
import { CaptureRing } from './capture-ring.ts';
import { errnoOf, explainErrno } from './errno.ts';
import { removeDeadClaims } from './file-claim.ts';
import type { FileOwner } from './file-owner.ts';
import { FileSink } from './file-sink.ts';
import { makeDirectory } from './make-directory.ts';

/** More labs of one name in one directory at once than anybody runs. */
const MAXIMUM_NUMBER = 1000;

/** Opens capture files in one directory. */
export class CaptureDirectory {
  readonly #path: string;
  readonly #directory: string;
  readonly #owner: FileOwner | null;
  readonly #sinks: FileSink[] = [];
  readonly #rings: CaptureRing[] = [];

  /**
   * `path` as the user gave it, relative to `workingDirectory`. Nothing is made before `open`; then
   * what is made is `owner`'s, if there is one.
   */
  constructor(path: string, workingDirectory: string, owner: FileOwner | null = null) {
    this.#path = path;
    this.#directory = resolve(workingDirectory, path);
    this.#owner = owner;
  }

  /**
   * While another lab writes 'lab.pcapng' it is 'lab-2.pcapng', and so on. A ring begins with 'lab_00001.pcapng'.
   * @throws EgressLabError EGL_CAPTURE_DIRECTORY, EGL_CAPTURE_UNWRITABLE, EGL_CAPTURE_FOREIGN
   */
  open({ fileName, files = null }: CaptureRequest): CaptureDestination {
    this.#prepare();
    const dot = fileName.lastIndexOf('.');
    for (let number = 1; number <= MAXIMUM_NUMBER; number++) {
      const suffix = number === 1 ? '' : `-${number}`;
      const base = `${fileName.slice(0, dot)}${suffix}`;
      const extension = fileName.slice(dot);
      if (files !== null) {
        const ring = this.#openRing(base, extension, files);
        if (ring === null) continue;
        return { ...ring.next(), next: () => ring.next() };
      }
      const name = `${base}${extension}`;
      const path = join(this.#path, name);
      const sink = FileSink.open(join(this.#directory, name), path, this.#owner);
      if (sink === null) continue;
      this.#sinks.push(sink);
      return { path, sink };
    }
    throw new EgressLabError(
      'EGL_CAPTURE_UNWRITABLE',
      `${MAXIMUM_NUMBER} labs write ${join(this.#path, fileName)} already`,
      { hint: 'Give another directory with --capture-dir.', fault: 'environment' },
    );
  }

  /** Closes what is open and removes files that were made but never written to. May be called twice. */
  close(): void {
    for (const sink of this.#sinks) sink.abandon();
    for (const ring of this.#rings) ring.close();
  }

  #openRing(name: string, extension: string, files: number): CaptureRing | null {
    const place = {
      directory: this.#directory,
      shownDirectory: this.#path,
      name,
      extension,
      owner: this.#owner,
    };
    const ring = CaptureRing.open(place, files);
    if (ring !== null) this.#rings.push(ring);
    return ring;
  }

  #prepare(): void {
    try {
      makeDirectory(this.#directory, 0o777, this.#owner);
      removeDeadClaims(this.#directory);
    } catch (cause) {
      const readOnly = errnoOf(cause) === 'EROFS';
      throw new EgressLabError(
        'EGL_CAPTURE_DIRECTORY',
        `cannot use the capture directory ${this.#path}: ${explainErrno(cause)}`,
        {
          hint: 'Give another one with --capture-dir, or run with --no-capture.',
          fault: readOnly ? 'environment' : 'input',
          cause,
        },
      );
    }
  }
}
