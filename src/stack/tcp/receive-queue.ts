// Octets in order that the application has not been given yet: usually one piece for the rest of this
// instant, more while it is paused. Parallel arrays, so that nothing is allocated per segment.

import type { Frame } from '../../wire/frame.ts';

export class ReceiveQueue {
  readonly #frames: Frame[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  #head = 0;
  #octets = 0;

  /** All octets that wait. */
  get octets(): number {
    return this.#octets;
  }

  get isEmpty(): boolean {
    return this.#head === this.#frames.length;
  }

  push(frame: Frame, offset: number, length: number): void {
    this.#frames.push(frame);
    this.#offsets.push(offset);
    this.#lengths.push(length);
    this.#octets += length;
  }

  /** Takes the oldest piece out and hands it on. */
  shift(take: (frame: Frame, offset: number, length: number) => void): void {
    const frame = this.#frames[this.#head];
    const offset = this.#offsets[this.#head];
    const length = this.#lengths[this.#head];
    if (frame === undefined || offset === undefined || length === undefined) return;
    this.#head++;
    this.#octets -= length;
    if (this.isEmpty) this.clear();
    take(frame, offset, length);
  }

  clear(): void {
    this.#frames.length = 0;
    this.#offsets.length = 0;
    this.#lengths.length = 0;
    this.#head = 0;
    this.#octets = 0;
  }
}
