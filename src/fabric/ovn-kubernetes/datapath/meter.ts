// A meter of Open vSwitch, by which OVN-Kubernetes protects ovn-controller (copp): so many packets of a kind
// reach it in a second, with as many more at once (lib/dpif-netdev.c).

import type { Scheduler } from '../../../sim/scheduler.ts';
import type { Nanos } from '../../../sim/time.ts';

/** Counts packets of one kind per second. */
export class Meter {
  readonly #scheduler: Scheduler;
  #rate = 0;
  #tokens = 0;
  #filledAt: Nanos = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Packets per second; 0: everything passes. */
  setRate(rate: number): void {
    this.#rate = rate;
    this.#tokens = rate;
    this.#filledAt = this.#scheduler.now;
  }

  /** Takes one packet; false: it is dropped. */
  pass(): boolean {
    if (this.#rate === 0) return true;
    const { now } = this.#scheduler;
    const gained = ((now - this.#filledAt) * this.#rate) / 1e9;
    this.#tokens = Math.min(this.#rate, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
