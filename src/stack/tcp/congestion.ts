// NewReno congestion control: slow start and congestion avoidance (RFC 5681) from an initial window
// of ten segments (RFC 6928), fast recovery (RFC 6582), limited transmit (RFC 3042). Linux's default
// is CUBIC, which differs only on long fat paths; a lab's are short.

import { after } from './sequence.ts';

/** TCP_INIT_CWND, RFC 6928. */
const INITIAL_SEGMENTS = 10;
/** Duplicate acknowledgments that mean loss, RFC 5681. */
const DUPLICATE_THRESHOLD = 3;

/** `recovery`: the third duplicate acknowledgment said that one is missing. `loss`: the timer did. */
export type CongestionPhase = 'open' | 'recovery' | 'loss';

/** The congestion window of one connection, in octets. */
export class Congestion {
  phase: CongestionPhase = 'open';
  /** Octets that may be in flight. */
  window: number;
  /** ssthresh, in octets. */
  threshold: number = Number.POSITIVE_INFINITY;
  mss: number;
  #recover = 0;
  #duplicates = 0;

  constructor(mss: number) {
    this.mss = mss;
    this.window = INITIAL_SEGMENTS * mss;
  }

  /** The handshake is complete; `repeated`: its segments were lost more than once (tcp_init_transfer). */
  start(mss: number, repeated: boolean, una: number): void {
    this.mss = mss;
    this.window = (repeated ? 1 : INITIAL_SEGMENTS) * mss;
    this.#recover = una;
  }

  /** Octets that may be in flight now: two duplicates each let one new segment out. */
  get allowance(): number {
    return this.phase === 'open'
      ? this.window + Math.min(this.#duplicates, 2) * this.mss
      : this.window;
  }

  /** `acked` new octets; `flight` was outstanding before them. True: the next segment is lost as well. */
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
      this.window = Math.min(this.threshold, Math.max(flight - acked, this.mss) + this.mss);
      return false;
    }
    this.window = Math.max(this.window - acked + this.mss, this.mss);
    return true;
  }

  /** One more duplicate acknowledgment. True: it is the one that starts fast retransmit. */
  duplicate(una: number, next: number, flight: number): boolean {
    if (this.phase === 'recovery') this.window += this.mss;
    if (this.phase !== 'open') return false;
    this.#duplicates++;
    if (this.#duplicates < DUPLICATE_THRESHOLD) return false;
    // RFC 6582 3.2: not again for what an earlier recovery has sent twice.
    if (after(this.#recover, una)) return false;
    this.#enter('recovery', next, flight);
    this.window = this.threshold + DUPLICATE_THRESHOLD * this.mss;
    return true;
  }

  /** The retransmission timer has fired. */
  timedOut(next: number, flight: number): void {
    if (this.phase !== 'loss') this.#enter('loss', next, flight);
    this.window = this.mss;
  }

  #enter(phase: CongestionPhase, next: number, flight: number): void {
    this.phase = phase;
    this.threshold = Math.max(flight / 2, 2 * this.mss);
    this.#recover = next;
    this.#duplicates = 0;
  }

  /** Grows only while the window is what limits the sender (RFC 7661; tcp_is_cwnd_limited). */
  #grow(acked: number, flight: number): void {
    const slowStart = this.window < this.threshold;
    if (slowStart && 2 * flight >= this.window) this.window += acked;
    else if (!slowStart && flight + this.mss > this.window) {
      this.window += Math.max(1, Math.floor((this.mss * Math.min(acked, this.mss)) / this.window));
    }
  }
}
