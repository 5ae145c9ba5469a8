// NewReno congestion control: slow start and congestion avoidance (RFC 5681) from an initial window
// of ten segments (RFC 6928), fast recovery (RFC 6582), limited transmit (RFC 3042). As in Linux the
// window counts segments, whatever their length. Linux's default is CUBIC, which differs only on long
// fat paths; a lab's are short.

import { after } from './sequence.ts';

/** TCP_INIT_CWND, RFC 6928. */
const INITIAL_SEGMENTS = 10;
/** Duplicate acknowledgments that mean loss, RFC 5681. */
const DUPLICATE_THRESHOLD = 3;

/** `recovery`: the third duplicate acknowledgment said that one is missing. `loss`: the timer did. */
export type CongestionPhase = 'open' | 'recovery' | 'loss';

/** The congestion window of one connection, in segments. */
export class Congestion {
  phase: CongestionPhase = 'open';
  /** snd_cwnd: segments that may be in flight. */
  window: number = INITIAL_SEGMENTS;
  /** ssthresh, in segments. */
  threshold: number = Number.POSITIVE_INFINITY;
  #recover = 0;
  #duplicates = 0;
  /** snd_cwnd_cnt: segments acknowledged since the window grew last. */
  #counted = 0;

  /** The handshake is complete; `repeated`: its segments were lost more than once (tcp_init_transfer). */
  start(repeated: boolean, una: number): void {
    this.window = repeated ? 1 : INITIAL_SEGMENTS;
    this.#recover = una;
  }

  /** Segments that may be in flight now: two duplicates each let one new one out. */
  get allowance(): number {
    return this.phase === 'open' ? this.window + Math.min(this.#duplicates, 2) : this.window;
  }

  /** `acked` segments; `flight` were outstanding with them. True: the next segment is lost as well. */
  acknowledged(acked: number, una: number, flight: number): boolean {
    this.#duplicates = 0;
    if (this.phase === 'open') {
      if (after(una, this.#recover)) this.#recover = una;
      this.#grow(acked, flight);
      return false;
    }
    const complete = !after(this.#recover, una);
    if (this.phase === 'loss') {
      this.#grow(acked, flight);
      if (complete) this.phase = 'open';
      return false;
    }
    if (complete) {
      this.phase = 'open';
      this.window = this.threshold;
      return false;
    }
    this.window = Math.max(this.window - acked + 1, 1);
    return true;
  }

  /** One more duplicate acknowledgment. True: it is the one that starts fast retransmit. */
  duplicate(una: number, next: number): boolean {
    if (this.phase === 'recovery') this.window++;
    if (this.phase !== 'open') return false;
    this.#duplicates++;
    if (this.#duplicates < DUPLICATE_THRESHOLD) return false;
    // RFC 6582 3.2: not again for what an earlier recovery has sent twice.
    if (after(this.#recover, una)) return false;
    this.#enter('recovery', next);
    this.window = this.threshold + DUPLICATE_THRESHOLD;
    return true;
  }

  /** The retransmission timer has fired. */
  timedOut(next: number): void {
    if (this.phase !== 'loss') this.#enter('loss', next);
    this.window = 1;
    this.#counted = 0;
  }

  /** tcp_reno_ssthresh: half of the window, at least two. */
  #enter(phase: CongestionPhase, next: number): void {
    this.phase = phase;
    this.threshold = Math.max(this.window >> 1, 2);
    this.#recover = next;
    this.#duplicates = 0;
  }

  /** Grows only while the window is what limits the sender (RFC 7661; tcp_is_cwnd_limited). */
  #grow(acked: number, flight: number): void {
    const slowStart = this.window < this.threshold;
    if (slowStart && 2 * flight > this.window) {
      this.window = Math.min(this.window + acked, this.threshold);
    } else if (!slowStart && flight >= this.window) {
      // tcp_cong_avoid_ai: one more for each window's worth.
      this.#counted += acked;
      if (this.#counted < this.window) return;
      this.#counted -= this.window;
      this.window++;
    }
  }
}
