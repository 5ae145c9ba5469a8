// When an acknowledgment leaves that is owed (struct icsk_ack): at once for the first segments of a
// burst ("quick"), unless the application answers by itself ("pingpong"); else when its timer ends,
// after 40 ms or, where segments come slowly over a long way, up to the round-trip time.

import type { Scheduler } from '../../sim/scheduler.ts';
import { millis, type Nanos } from '../../sim/time.ts';
import { JIFFY } from '../neighbor/timer-wheel.ts';
import type { RttEstimator } from './rto.ts';
import { LazyTimer } from './timer.ts';

/** TCP_ATO_MIN and TCP_DELACK_MIN. */
const SHORTEST: Nanos = millis(40);
/** TCP_DELACK_MAX. */
const LONGEST: Nanos = millis(200);
/** TCP_MAX_QUICKACKS. */
const QUICK_LIMIT = 16;

/** Decides when one connection acknowledges what it owes. */
export class DelayedAck {
  /** An acknowledgment is owed (ICSK_ACK_SCHED). */
  due = false;
  /** Once, and before this instant ends (ICSK_ACK_NOW). */
  urgent = false;
  /** A short segment, or one with PSH, is among what was not acknowledged (ICSK_ACK_PUSHED). */
  pushed = false;
  /** There were two of them. */
  pushedTwice = false;
  readonly #scheduler: Scheduler;
  readonly #rtt: RttEstimator;
  readonly #timer: LazyTimer;
  /** Acknowledgments still to be sent at once. */
  #quick = 0;
  /** The application answers what it receives: its answers carry the acknowledgments (pingpong). */
  #interactive = false;
  /** How long to wait; 0 before the first data (ato). */
  #patience: Nanos = 0;
  /** The tick for which the timer was set; it fires at the next. */
  #timeout: Nanos = 0;
  /** When data last came (lrcvtime). */
  #heardAt: Nanos = 0;
  readonly #expired: () => void;

  /** `expired`: no answer came in time. */
  constructor(scheduler: Scheduler, rtt: RttEstimator, expired: () => void) {
    this.#scheduler = scheduler;
    this.#rtt = rtt;
    this.#expired = expired;
    this.#timer = new LazyTimer(scheduler, () => this.#expire());
  }

  /** Whether what is owed goes out at once (tcp_in_quickack_mode). */
  get isQuick(): boolean {
    return this.#quick > 0 && !this.#interactive;
  }

  /** The application is expected to answer. */
  get isInteractive(): boolean {
    return this.#interactive;
  }

  /** Data in order has come (tcp_event_data_recv). `quick`: acknowledgments to send at once if it is the first for long. */
  heard(quick: number): void {
    const { now } = this.#scheduler;
    const { rto } = this.#rtt;
    this.due = true;
    if (this.#patience === 0) {
      this.#grant(quick);
      this.#patience = SHORTEST;
    } else {
      const pause = now - this.#heardAt;
      if (pause <= SHORTEST / 2) this.#patience = (this.#patience + SHORTEST) / 2;
      else if (pause < this.#patience) this.#patience = Math.min(this.#patience / 2 + pause, rto);
      else if (pause > rto) this.#grant(quick);
    }
    this.#heardAt = now;
  }

  /** Something is wrong that the peer should learn of soon (tcp_enter_quickack_mode). */
  hasten(quick: number): void {
    this.#grant(quick);
    this.#interactive = false;
    this.#patience = SHORTEST;
  }

  /** The next acknowledgment goes out at once, for the window has grown. */
  keepQuick(): void {
    this.#quick |= 1;
  }

  /** Memory is scarce: no more acknowledgments than necessary. */
  calm(): void {
    this.#quick = 0;
  }

  /** The application is about to answer: the acknowledgment waits for it (CLOSE-WAIT, RFC 1122 4.2.3.2). */
  expectAnswer(): void {
    this.#interactive = true;
  }

  /** Lets it wait (tcp_send_delayed_ack). True if it should leave now after all. */
  wait(): boolean {
    const { now } = this.#scheduler;
    const { srtt } = this.#rtt;
    let delay = this.#patience;
    if (delay > SHORTEST) {
      const limit = srtt > 0 ? Math.max(srtt, SHORTEST) : LONGEST;
      delay = Math.min(delay, limit, LONGEST);
    }
    const tick = Math.floor(now / JIFFY) * JIFFY;
    const timeout = tick + Math.floor(delay / JIFFY) * JIFFY;
    if (this.#timer.armed) {
      if (this.#timeout <= tick + Math.floor(delay / 4 / JIFFY) * JIFFY) return true;
      if (this.#timeout <= timeout) return false;
    }
    this.#timeout = timeout;
    this.#timer.arm(delay);
    return false;
  }

  /** Called for every segment that carries an acknowledgment (tcp_event_ack_sent). `withData`: the application has spoken. */
  sent(withData: boolean): void {
    if (this.due && this.#quick > 0) {
      this.#quick--;
      if (this.#quick === 0) this.#patience = SHORTEST;
    }
    this.due = false;
    this.urgent = false;
    this.pushed = false;
    this.pushedTwice = false;
    this.#timer.disarm();
    if (withData && this.#scheduler.now - this.#heardAt < this.#patience) this.#interactive = true;
  }

  /** No timer stays behind. */
  stop(): void {
    this.#timer.cancel();
    this.due = false;
  }

  /** tcp_incr_quickack */
  #grant(quick: number): void {
    this.#quick = Math.max(this.#quick, Math.min(quick, QUICK_LIMIT));
  }

  /** tcp_delack_timer_handler: nobody answered, so nobody will next time. */
  #expire(): void {
    if (!this.due) return;
    const longer = Math.min(this.#patience * 2, this.#rtt.rto);
    this.#patience = this.#interactive ? SHORTEST : longer;
    this.#interactive = false;
    this.#expired();
  }
}
