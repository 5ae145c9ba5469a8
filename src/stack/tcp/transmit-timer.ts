// The one timer of a sender, and what it is set for: retransmission (RFC 6298), tail loss probe (Linux
// tcp_schedule_loss_probe: after two round trips, and 200 ms more for a single segment whose
// acknowledgment may be delayed), or window probe (tcp_probe0_when).

import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import { JIFFY } from '../neighbor/timer-wheel.ts';
import { MAXIMUM_RTO, MINIMUM_RTO, type RttEstimator } from './rto.ts';
import type { SentSegment } from './sent-queue.ts';
import { LazyTimer } from './timer.ts';

/** TCP_TIMEOUT_MIN: two ticks. */
const TAIL_LOSS_SLACK: Nanos = 2 * JIFFY;

/** What is done when the timer ends. */
export type TimerPurpose = 'retransmit' | 'tail-loss' | 'window-probe';

/** The one timer of the sending half. */
export class TransmitTimer {
  /** What it was set for last. */
  purpose: TimerPurpose = 'retransmit';
  readonly #scheduler: Scheduler;
  readonly #rtt: RttEstimator;
  readonly #timer: LazyTimer;
  /** How often the interval of the window probes has been doubled. */
  #probeBackoff = 0;

  constructor(scheduler: Scheduler, rtt: RttEstimator, expired: () => void) {
    this.#scheduler = scheduler;
    this.#rtt = rtt;
    this.#timer = new LazyTimer(scheduler, expired);
  }

  get armed(): boolean {
    return this.#timer.armed;
  }

  /** A whole timeout from now. */
  retransmission(): void {
    this.#arm('retransmit', this.#rtt.rto);
  }

  /** What is left of the timeout of a segment; false if it is over. */
  remainder(segment: SentSegment): boolean {
    const remaining = segment.sentAt + this.#rtt.rto - this.#scheduler.now;
    if (remaining > 0) this.#arm('retransmit', remaining);
    return remaining > 0;
  }

  /** What is left of the timeout of a segment, a tick at least. */
  goOn(segment: SentSegment): void {
    if (!this.remainder(segment)) this.#arm('retransmit', JIFFY);
  }

  /** Something new has left: `first` is the oldest of `count` segments in flight. */
  afterSending(first: SentSegment, count: number, mayProbeTail: boolean): void {
    if (mayProbeTail) {
      const delay = this.#tailLossDelay(count);
      const remaining = first.sentAt + this.#rtt.rto - this.#scheduler.now;
      this.#arm('tail-loss', remaining > 0 ? Math.min(delay, remaining) : delay);
    } else if (!this.armed || this.purpose === 'window-probe') {
      this.retransmission();
    }
  }

  /** Something was acknowledged, and `count` segments are still in flight. */
  afterProgress(count: number, mayProbeTail: boolean): void {
    if (count === 0) this.#timer.disarm();
    else if (!mayProbeTail) this.retransmission();
    else this.#arm('tail-loss', Math.min(this.#tailLossDelay(count), this.#rtt.rto));
  }

  /** The peer's window is closed: ask later; with `again`, twice as late as last time. */
  windowProbe(again: boolean): void {
    if (again) this.#probeBackoff++;
    const base = Math.max(this.#rtt.base, MINIMUM_RTO);
    this.#arm('window-probe', Math.min(base * 2 ** this.#probeBackoff, MAXIMUM_RTO));
  }

  /** The peer's window is open. */
  windowOpened(): void {
    this.#probeBackoff = 0;
    if (this.purpose === 'window-probe') this.#timer.disarm();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #tailLossDelay(count: number): Nanos {
    return 2 * this.#rtt.srtt + (count === 1 ? MINIMUM_RTO : TAIL_LOSS_SLACK);
  }

  #arm(purpose: TimerPurpose, delay: Nanos): void {
    this.purpose = purpose;
    this.#timer.arm(delay);
  }
}
