// A ByteSink to a file. Each chunk is written at once and whole, in the order given: a capture
// format hands over whole blocks, so a file is readable up to its last chunk after a crash or kill.
// Writing is in place, not to a temporary name: an interrupted run must leave the frames it has
// seen where the user looks for them. What stood in the file before survives until the first byte.
//
// Nothing is written through a symbolic link, to a file that egresslab has not made, or to one that
// another lab is writing (see FileClaim).

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { EgressLabError } from '../base/errors.ts';
import { isOwnCapture } from '../capture/formats/index.ts';
import type { ByteSink } from '../capture/sink.ts';
import { errnoOf, explainErrno } from './errno.ts';
import { FileClaim } from './file-claim.ts';
import { type FileOwner, giveTo } from './file-owner.ts';

/** What a full or failing disk reports; anything else at opening is the user's path. */
const MACHINE_FAULTS: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'EIO',
  'EROFS',
]);

/** Enough of a capture to tell who made it. */
const HEAD_BYTES = 4096;

/** A file that is written in blocks. */
export class FileSink implements ByteSink {
  readonly path: string;
  readonly #file: string;
  readonly #created: boolean;
  readonly #claim: FileClaim;
  #descriptor: number | null;
  #written = 0;

  private constructor(file: string, path: string, claim: FileClaim, opened: Opened) {
    this.path = path;
    this.#file = file;
    this.#claim = claim;
    this.#created = opened.created;
    this.#descriptor = opened.descriptor;
  }

  /**
   * Opens or creates `file`; `path` names it in messages, as the user wrote it. Null when another
   * lab writes to it.
   * @throws EgressLabError EGL_CAPTURE_UNWRITABLE, EGL_CAPTURE_FOREIGN
   */
  static open(file: string, path: string, owner: FileOwner | null = null): FileSink | null {
    let claim: FileClaim | null = null;
    try {
      claim = FileClaim.take(file, owner);
      if (claim === null) return null;
      return new FileSink(file, path, claim, openRegular(file, path, owner));
    } catch (cause) {
      claim?.release();
      if (cause instanceof EgressLabError) throw cause;
      throw cannotOpen(path, cause);
    }
  }

  /** The same for who has no other name to give. @throws EgressLabError as `open`, and EGL_CAPTURE_BUSY */
  static openOnly(file: string, path: string, owner: FileOwner | null = null): FileSink {
    const sink = FileSink.open(file, path, owner);
    if (sink !== null) return sink;
    throw new EgressLabError('EGL_CAPTURE_BUSY', `another lab writes ${path}`, {
      hint: 'Give this one a file of its own.',
    });
  }

  /**
   * Appends the whole chunk. When the disk refuses, the file ends before it, with a whole block.
   * @throws EgressLabError EGL_CAPTURE_WRITE
   */
  write(chunk: Uint8Array): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    try {
      if (this.#written === 0) ftruncateSync(descriptor, 0);
      for (let written = 0; written < chunk.length; ) {
        written += writeSync(descriptor, chunk, written, chunk.length - written);
      }
      this.#written += chunk.length;
    } catch (cause) {
      cutTo(descriptor, this.#written);
      throw cannotWrite(this.path, cause);
    }
  }

  /** May be called twice. @throws EgressLabError EGL_CAPTURE_WRITE when a network disk refuses only now */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) return;
    this.#descriptor = null;
    try {
      closeSync(descriptor);
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    } finally {
      this.#claim.release();
    }
  }

  /** Closes a sink that was never written to and leaves the file as it was found. */
  abandon(): void {
    this.close();
    if (this.#created && this.#written === 0) rmSync(this.#file, { force: true });
  }

  /** Closes the file and removes it. @throws EgressLabError EGL_CAPTURE_WRITE */
  remove(): void {
    this.close();
    try {
      rmSync(this.#file, { force: true });
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }
}

interface Opened {
  readonly descriptor: number;
  readonly created: boolean;
}

/** Never waits for a pipe's reader. */
function openRegular(file: string, path: string, owner: FileOwner | null): Opened {
  const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDWR | careful);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | careful;
    descriptor = openSync(file, flags, 0o644);
    giveTo(descriptor, owner);
    return { descriptor, created: true };
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error('it is not a regular file');
    if (!isReplaceable(descriptor)) throw foreign(path);
    return { descriptor, created: false };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Whether nothing is lost with it: an empty regular file, or a capture of ours. */
export function isReplaceable(descriptor: number): boolean {
  if (!fstatSync(descriptor).isFile()) return false;
  const head = new Uint8Array(HEAD_BYTES);
  const length = readSync(descriptor, head, 0, HEAD_BYTES, 0);
  return length === 0 || isOwnCapture(head.subarray(0, length));
}

/** A full disk frees what is cut; one that fails altogether has done what it could. */
function cutTo(descriptor: number, length: number): void {
  try {
    ftruncateSync(descriptor, length);
  } catch {
    // The failure of the write is what is told.
  }
}

function foreign(path: string): EgressLabError {
  return new EgressLabError(
    'EGL_CAPTURE_FOREIGN',
    `${path} already exists and is not a capture that egresslab made`,
    { hint: 'Move it away, give another directory with --capture-dir, or run with --no-capture.' },
  );
}

/** What tells why a capture cannot begin. */
export function cannotOpen(path: string, cause: unknown): EgressLabError {
  return new EgressLabError(
    'EGL_CAPTURE_UNWRITABLE',
    `cannot write the capture ${path}: ${explainErrno(cause)}`,
    {
      hint: 'Give another directory with --capture-dir, or run with --no-capture.',
      fault: MACHINE_FAULTS.has(errnoOf(cause) ?? '') ? 'environment' : 'input',
      cause,
    },
  );
}

/** What tells that a capture ends early. */
export function cannotWrite(path: string, cause: unknown): EgressLabError {
  return new EgressLabError(
    'EGL_CAPTURE_WRITE',
    `writing the capture ${path} failed: ${explainErrno(cause)}`,
    {
      hint: 'What was written before is readable. Free some space, or capture fewer ports with --capture.',
      fault: 'environment',
      cause,
    },
  );
}
