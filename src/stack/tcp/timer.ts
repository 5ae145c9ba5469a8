// A timer that is moved far more often than it fires. Moving it later costs a number: the task in the
// heap stays where it is, finds on waking that it came too early, and goes back to sleep. It fires when
// the kernel's timer wheel would: a SYN is repeated after 1.000 to 1.032 s, and then every 1.024 s
// (fixture tcp-timers).

import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import { timerExpiry } from '../neighbor/timer-wheel.ts';

/** A timer that may be armed often at little cost: a later deadline costs no scheduling. */
export class LazyTimer {
  readonly #scheduler: Scheduler;
  readonly #expire: () => void;
  readonly #background: boolean;
  #deadline: Nanos = NEVER;
  #entry: Timer | null = null;

  /** `background`: does not keep `advanceUntilIdle` going. */
  constructor(scheduler: Scheduler, expire: () => void, background = false) {
    this.#scheduler = scheduler;
    this.#expire = expire;
    this.#background = background;
  }

  get armed(): boolean {
    return this.#deadline !== NEVER;
  }

  /** Fires once, `delay` and the slack of the wheel from now; an earlier appointment is forgotten. */
  arm(delay: Nanos): void {
    this.#appoint(timerExpiry(this.#scheduler.now, Math.max(0, delay)));
  }

  /** The same without slack: a timer of an application (hrtimer). */
  armExactly(delay: Nanos): void {
    this.#appoint(this.#scheduler.now + Math.max(0, delay));
  }

  #appoint(deadline: Nanos): void {
    this.#deadline = deadline;
    const entry = this.#entry;
    if (entry?.pending && entry.deadline <= this.#deadline) return;
    if (entry !== null) this.#scheduler.cancel(entry);
    this.#schedule();
  }

  /** Forgets the appointment. */
  disarm(): void {
    this.#deadline = NEVER;
  }

  /** The same for good: nothing stays in the scheduler. */
  cancel(): void {
    this.#deadline = NEVER;
    if (this.#entry !== null) this.#scheduler.cancel(this.#entry);
    this.#entry = null;
  }

  /** Called by the scheduler. */
  wake(): void {
    this.#entry = null;
    if (this.#deadline === NEVER) return;
    if (this.#deadline > this.#scheduler.now) {
      this.#schedule();
      return;
    }
    this.#deadline = NEVER;
    this.#expire();
  }

  #schedule(): void {
    const options = { background: this.#background };
    this.#entry = this.#scheduler.at(this.#deadline, wake, this, null, options);
  }
}

function wake(timer: LazyTimer): void {
  timer.wake();
}
