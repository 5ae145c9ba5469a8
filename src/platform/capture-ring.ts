// A ring of capture files in one directory: automatic_00001.pcapng, automatic_00002.pcapng and so on, as dumpcap
// numbers them, of which the last ones stay. The ring is claimed as a whole (see FileClaim), so that two labs
// never write into one; what an earlier ring of the same name has left goes when this one writes its first octet.

import { closeSync, constants, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteSink } from '../capture/sink.ts';
import { errnoOf } from './errno.ts';
import { FileClaim } from './file-claim.ts';
import type { FileOwner } from './file-owner.ts';
import { cannotOpen, FileSink, isReplaceable } from './file-sink.ts';

const DIGITS = 5;

/** Where a ring is, and how its files are called. */
export interface RingPlace {
  /** Absolute. */
  readonly directory: string;
  /** The same as the user wrote it. */
  readonly shownDirectory: string;
  readonly name: string;
  /** With the dot. */
  readonly extension: string;
  readonly owner: FileOwner | null;
}

/** Opens one file after the other, and removes the oldest. */
export class CaptureRing {
  readonly #place: RingPlace;
  readonly #files: number;
  readonly #claim: FileClaim;
  #sinks: FileSink[] = [];
  #number = 0;
  #isClear = false;

  private constructor(place: RingPlace, files: number, claim: FileClaim) {
    this.#place = place;
    this.#files = files;
    this.#claim = claim;
  }

  /** Null when another lab writes a ring of this name. @throws EgressLabError EGL_CAPTURE_UNWRITABLE */
  static open(place: RingPlace, files: number): CaptureRing | null {
    const { directory, extension, name, owner, shownDirectory } = place;
    try {
      const claim = FileClaim.take(join(directory, `${name}_ring${extension}`), owner);
      return claim === null ? null : new CaptureRing(place, files, claim);
    } catch (cause) {
      throw cannotOpen(join(shownDirectory, `${name}_ring${extension}`), cause);
    }
  }

  /** The next file. @throws EgressLabError EGL_CAPTURE_UNWRITABLE, EGL_CAPTURE_FOREIGN, EGL_CAPTURE_BUSY */
  next(): { readonly path: string; readonly sink: ByteSink } {
    const { directory, owner, shownDirectory } = this.#place;
    const name = this.#fileName(++this.#number);
    const path = join(shownDirectory, name);
    const sink = FileSink.openOnly(join(directory, name), path, owner);
    this.#sinks.push(sink);
    if (this.#sinks.length > this.#files) this.#sinks.shift()?.remove();
    return {
      path,
      sink: {
        write: (chunk) => {
          this.#clear();
          sink.write(chunk);
        },
        close: () => sink.close(),
      },
    };
  }

  /** Closes what is open and removes what was made but never written to. May be called twice. */
  close(): void {
    for (const sink of this.#sinks) sink.abandon();
    this.#claim.release();
  }

  #fileName(number: number): string {
    const { extension, name } = this.#place;
    return `${name}_${String(number).padStart(DIGITS, '0')}${extension}`;
  }

  /** Removes what an earlier ring has left, once; only captures that egresslab made. */
  #clear(): void {
    if (this.#isClear) return;
    this.#isClear = true;
    const { directory, extension, name } = this.#place;
    const own = new Set(Array.from({ length: this.#number }, (_, at) => this.#fileName(at + 1)));
    for (const each of readdirSync(directory)) {
      const isPart = each.startsWith(`${name}_`) && each.endsWith(extension) && !own.has(each);
      if (!isPart) continue;
      const number = each.slice(name.length + 1, -extension.length);
      if (/^\d{5,15}$/.test(number)) removeOwn(join(directory, each));
    }
  }
}

function removeOwn(file: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A link, or a file of somebody else: it stays.
    if (errnoOf(error) === null) throw error;
    return;
  }
  try {
    if (isReplaceable(descriptor)) rmSync(file, { force: true });
  } finally {
    closeSync(descriptor);
  }
}
