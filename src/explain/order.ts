// Frames of one file in the order of time: interfaces that are captured at once are written up to some 200 ms late
// (dumpcap). Holds a second of frames, at most a bounded number, and hands the oldest on.

import { FrameRecord } from '../capture/reading/record.ts';
import type { Nanos } from '../sim/time.ts';

const WINDOW: Nanos = 1_000_000_000;
const FRAME_LIMIT = 20_000;

/** A frame that waits for its turn. */
export interface WaitingFrame {
  at: Nanos;
  readonly record: FrameRecord;
}

/** The frames of one file that are not handed on yet. */
export class FrameOrder {
  /** Frames that came so late that younger ones had been handed on. */
  late = 0;
  readonly #waiting: WaitingFrame[] = [];
  #head = 0;
  #newest: Nanos = Number.NEGATIVE_INFINITY;
  #handed: Nanos = Number.NEGATIVE_INFINITY;
  #spare: WaitingFrame[] = [];

  add(record: FrameRecord, at: Nanos): void {
    const waiting = this.#waiting;
    const slot = this.#spare.pop() ?? { at: 0, record: new FrameRecord() };
    slot.at = at;
    slot.record.copy(record);
    let place = waiting.length;
    waiting.push(slot);
    for (; place > this.#head; place--) {
      const before = waiting[place - 1];
      if (before === undefined || before.at <= at) break;
      waiting[place] = before;
      waiting[place - 1] = slot;
    }
    if (at > this.#newest) this.#newest = at;
    if (at < this.#handed) this.late++;
  }

  /** The oldest frame if nothing older can come, or `ended`; valid until the next call. */
  peek(ended: boolean): WaitingFrame | null {
    const first = this.#waiting[this.#head];
    if (first === undefined) return null;
    const isFull = this.#waiting.length - this.#head > FRAME_LIMIT;
    return ended || isFull || this.#newest - first.at >= WINDOW ? first : null;
  }

  /** Takes what `peek` gave. */
  take(): void {
    const first = this.#waiting[this.#head];
    if (first === undefined) return;
    this.#handed = Math.max(this.#handed, first.at);
    this.#spare.push(first);
    this.#head++;
    if (this.#head > 4_096 && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
