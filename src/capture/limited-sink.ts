// A capture that may grow to a bound only: a file that has reached its size ends, with its statistics, and is
// whole. What comes later goes into the next file, which shows the same interfaces, or is counted and left out.

import { assert } from '../base/assert.ts';
import type { Direction } from '../link/port.ts';
import type { Nanos } from '../sim/time.ts';
import type { Frame } from '../wire/frame.ts';
import type { CaptureSink, FormatSink, InterfaceInfo } from './sink.ts';

/** Where a capture ends, and what then. */
export interface CaptureLimit {
  /** A file that has so many octets or more takes no further frame; each takes one at least. */
  readonly octets: number;
  /** Opens the file after one that is closed and holds so many frames; null when there is to be none. */
  readonly next: ((frames: number) => FormatSink | null) | null;
  /** Called once, when there is no next file. */
  readonly onFull: () => void;
}

/** Passes frames on until the file is full. */
export class LimitedSink implements CaptureSink {
  readonly #limit: CaptureLimit;
  readonly #interfaces: InterfaceInfo[] = [];
  #file: FormatSink | null;
  #frames = 0;
  #missed = 0;

  constructor(first: FormatSink, limit: CaptureLimit) {
    this.#file = first;
    this.#limit = limit;
  }

  /** Frames in the file that is being written, or was last. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames that came when the capture was full. */
  get missed(): number {
    return this.#missed;
  }

  addInterface(info: InterfaceInfo): number {
    this.#file?.addInterface(info);
    return this.#interfaces.push(info) - 1;
  }

  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    direction: Direction | null,
    comments: readonly string[],
  ): void {
    if (this.#file !== null && this.#frames > 0 && this.#file.octets >= this.#limit.octets) {
      this.#turn(this.#file, at);
    }
    if (this.#file === null) {
      this.#missed++;
      return;
    }
    this.#frames++;
    this.#file.frame(interfaceId, at, frame, direction, comments);
  }

  flush(at: Nanos): void {
    this.#file?.flush(at);
  }

  close(at: Nanos): void {
    this.#file?.close(at);
    this.#file = null;
  }

  #turn(file: FormatSink, at: Nanos): void {
    file.close(at);
    const { next, onFull } = this.#limit;
    this.#file = next === null ? null : next(this.#frames);
    if (this.#file === null) {
      onFull();
      return;
    }
    this.#frames = 0;
    for (const [id, info] of this.#interfaces.entries()) {
      assert(this.#file.addInterface(info) === id, 'interfaces keep their numbers');
    }
    // A file is readable from its beginning on.
    this.#file.flush(at);
  }
}
