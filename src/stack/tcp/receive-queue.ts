// Octets in order that the application has not been given yet: usually one piece for the rest of this
// instant, more while it is paused. Parallel arrays, so that nothing is allocated per segment. Small
// pieces cost no memory of their own as long as the buffer of the one before has room for them
// (tcp_try_coalesce).

import type { Frame } from '../../wire/frame.ts';
import { type SocketMemory, tailRoom, trueSize } from './socket-memory.ts';

/** What is in order and waits for the application. */
export class ReceiveQueue {
  readonly #frames: Frame[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  /** What is given back when the piece has been read. */
  readonly #charges: number[] = [];
  readonly #memory: SocketMemory;
  #head = 0;
  #octets = 0;
  /** What still fits into the buffer of the newest piece. */
  #room = 0;

  constructor(memory: SocketMemory) {
    this.#memory = memory;
  }

  /** All octets that wait. */
  get octets(): number {
    return this.#octets;
  }

  get isEmpty(): boolean {
    return this.#head === this.#frames.length;
  }

  /** A length of 0 is that of a FIN. `joins`: the piece begins with its segment, so that it may be copied behind the one before. */
  push(frame: Frame, offset: number, length: number, joins: boolean): void {
    const last = this.#charges.length - 1;
    const charge = trueSize(frame.length);
    this.#memory.prepare(charge);
    if (joins && length <= this.#room && !this.isEmpty) {
      this.#room -= length;
      this.#charges.push(this.#charges[last] ?? 0);
      this.#charges[last] = 0;
    } else {
      this.#room = tailRoom(frame.length, offset + length - frame.start);
      this.#memory.charge(charge);
      this.#charges.push(charge);
    }
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
    this.#memory.release(this.#charges[this.#head] ?? 0);
    this.#head++;
    this.#octets -= length;
    if (this.isEmpty) this.#reset();
    if (length > 0) take(frame, offset, length);
  }

  clear(): void {
    while (this.#head < this.#charges.length) {
      this.#memory.release(this.#charges[this.#head++] ?? 0);
    }
    this.#reset();
  }

  #reset(): void {
    this.#frames.length = 0;
    this.#offsets.length = 0;
    this.#lengths.length = 0;
    this.#charges.length = 0;
    this.#head = 0;
    this.#octets = 0;
    this.#room = 0;
  }
}
