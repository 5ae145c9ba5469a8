// A capture for a reader who may be slower than the lab. A full queue costs frames and never time: what
// is left out is counted, and the next frame that gets through says so in a comment.

import type { Direction } from '../link/port.ts';
import type { Nanos } from '../sim/time.ts';
import type { Frame } from '../wire/frame.ts';
import type { CaptureSink, InterfaceInfo } from './sink.ts';

/** Leaves frames out while the reader lags; interfaces and statistics always pass. */
export class LossySink implements CaptureSink {
  readonly #sink: CaptureSink;
  readonly #isFull: () => boolean;
  #missed = 0;
  /** Of them, those that no comment has told of. */
  #untold = 0;

  /** `isFull` is asked before each frame. */
  constructor(sink: CaptureSink, isFull: () => boolean) {
    this.#sink = sink;
    this.#isFull = isFull;
  }

  /** Frames that were left out. */
  get missed(): number {
    return this.#missed;
  }

  addInterface(info: InterfaceInfo): number {
    return this.#sink.addInterface(info);
  }

  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    direction: Direction | null,
    comments: readonly string[],
  ): void {
    if (this.#isFull()) {
      this.#missed++;
      this.#untold++;
    } else if (this.#untold === 0) {
      this.#sink.frame(interfaceId, at, frame, direction, comments);
    } else {
      const told = `egresslab: ${this.#untold} frames before this one are missing: they were not read in time`;
      this.#untold = 0;
      this.#sink.frame(interfaceId, at, frame, direction, [...comments, told]);
    }
  }

  flush(at: Nanos): void {
    this.#sink.flush(at);
  }

  close(at: Nanos): void {
    this.#sink.close(at);
  }
}
