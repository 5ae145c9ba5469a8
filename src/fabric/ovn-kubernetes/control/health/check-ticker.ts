// The five-second ticker of the reachability check. Like a Go ticker it keeps one tick that comes while a
// pass still runs, and loses the others (clustermanager/egressip_controller.go:627-700).

import type { Scheduler, Timer } from '../../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../../sim/time.ts';

/** How often nodes are checked. */
export const CHECK_INTERVAL: Nanos = seconds(5);

/** Starts a pass every interval. */
export class CheckTicker {
  readonly #scheduler: Scheduler;
  readonly #interval: Nanos;
  readonly #pass: (done: () => void) => void;
  #timer: Timer | null = null;
  #busy = false;
  #waiting = false;

  /** @param pass one check of all nodes; `done` is called once */
  constructor(
    scheduler: Scheduler,
    pass: (done: () => void) => void,
    interval: Nanos = CHECK_INTERVAL,
  ) {
    this.#scheduler = scheduler;
    this.#pass = pass;
    this.#interval = interval;
  }

  /** The first tick comes after `first`, one interval if not given. */
  start(first: Nanos = this.#interval): void {
    this.#timer = this.#scheduler.after(first, tick, this, null, { background: true });
  }

  stop(): void {
    if (this.#timer !== null) this.#scheduler.cancel(this.#timer);
    this.#timer = null;
  }

  /** Called by the timer. */
  tick(): void {
    this.start();
    if (this.#busy) this.#waiting = true;
    else this.#run();
  }

  #run(): void {
    this.#busy = true;
    this.#pass(() => {
      this.#busy = false;
      if (!this.#waiting || this.#timer === null) return;
      this.#waiting = false;
      this.#run();
    });
  }
}

function tick(ticker: CheckTicker): void {
  ticker.tick();
}
