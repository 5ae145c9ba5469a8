// When a kernel timer really fires: never early, and later by up to an eighth, because the wheel that
// holds it is the coarser the longer it runs (kernel/time/timer.c, at HZ=250). A request is repeated
// after 1.00 to 1.04 s, DELAY ends after 5.0 to 5.26 s, REACHABLE up to 2 s late: fixtures 01b, 01c.
// Timers in one bucket fire in the reverse of the order in which they were armed, long ones first: that
// decides which of two neighbors is given up first.

import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import { millis, type Nanos } from '../../sim/time.ts';

/** One tick at HZ=250. */
export const JIFFY: Nanos = millis(4);
/** LVL_BITS: 64 buckets per level, of which the first holds no timer of the level. */
const LEVEL_SIZE = 63;
/** LVL_CLK_SHIFT: each level is eight times coarser. */
const LEVEL_SHIFT = 3;
const LEVELS = 9;

/** The moment at which a timer of `delay`, armed at `now`, fires. */
export function timerExpiry(now: Nanos, delay: Nanos): Nanos {
  const clock = Math.floor(now / JIFFY);
  const ticks = Math.ceil(delay / JIFFY);
  const granularity = 2 ** (LEVEL_SHIFT * levelOf(ticks));
  return (Math.floor((clock + ticks) / granularity) + 1) * granularity * JIFFY;
}

function levelOf(ticks: number): number {
  let level = 0;
  for (let limit = LEVEL_SIZE; level < LEVELS - 1 && ticks >= limit; level++) {
    limit *= 2 ** LEVEL_SHIFT;
  }
  return level;
}

/** Who is woken by a timer. */
export interface Expiring {
  expire(): void;
}

/** A timer that is armed. Give it to `TimerWheel.disarm`. */
export class WheelTimer {
  readonly owner: Expiring;
  readonly bucket: Bucket;
  readonly level: number;
  readonly background: boolean;

  constructor(owner: Expiring, bucket: Bucket, level: number, background: boolean) {
    this.owner = owner;
    this.bucket = bucket;
    this.level = level;
    this.background = background;
  }
}

/** All timers that fire at one moment, in the order in which they were armed. */
class Bucket {
  readonly expiry: Nanos;
  readonly timers: WheelTimer[] = [];
  /** Null while they fire. */
  task: Timer | null = null;

  constructor(expiry: Nanos) {
    this.expiry = expiry;
  }

  /** Takes out who is next: of the coarsest, the one that was armed last. */
  take(): WheelTimer | undefined {
    let next = this.timers.length - 1;
    for (let i = next - 1; i >= 0; i--) {
      if ((this.timers[i]?.level ?? 0) > (this.timers[next]?.level ?? 0)) next = i;
    }
    return next < 0 ? undefined : this.timers.splice(next, 1)[0];
  }
}

/** The timers of a host that are kept as Linux keeps them. */
export class TimerWheel {
  readonly #scheduler: Scheduler;
  /** By the moment at which they fire. */
  readonly #buckets = new Map<Nanos, Bucket>();
  readonly #fire = (bucket: Bucket): void => this.#expire(bucket);

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Wakes `owner` once, after `delay` and the slack. `background`: does not keep `advanceUntilIdle` going. */
  arm(delay: Nanos, owner: Expiring, background: boolean): WheelTimer {
    const expiry = timerExpiry(this.#scheduler.now, delay);
    return this.#enter(expiry, owner, levelOf(Math.ceil(delay / JIFFY)), background);
  }

  /** The same without slack, for machines that are no Linux. */
  armExactly(delay: Nanos, owner: Expiring, background: boolean): WheelTimer {
    return this.#enter(this.#scheduler.now + delay, owner, 0, background);
  }

  /** Forgets a timer; one that has fired is left alone. */
  disarm(timer: WheelTimer): void {
    const { bucket } = timer;
    const at = bucket.timers.indexOf(timer);
    if (at < 0) return;
    bucket.timers.splice(at, 1);
    if (bucket.task === null) return;
    const isDone = bucket.timers.length === 0;
    if (isDone) this.#buckets.delete(bucket.expiry);
    if (isDone) this.#scheduler.cancel(bucket.task);
    else if (!timer.background) this.#schedule(bucket);
  }

  #enter(expiry: Nanos, owner: Expiring, level: number, background: boolean): WheelTimer {
    let bucket = this.#buckets.get(expiry);
    if (bucket === undefined) {
      bucket = new Bucket(expiry);
      this.#buckets.set(expiry, bucket);
    }
    const timer = new WheelTimer(owner, bucket, level, background);
    bucket.timers.push(timer);
    if (bucket.task === null || !background) this.#schedule(bucket);
    return timer;
  }

  /** In the background if all of its timers are. */
  #schedule(bucket: Bucket): void {
    const background = bucket.timers.every((timer) => timer.background);
    if (bucket.task !== null) {
      if (bucket.task.background === background) return;
      this.#scheduler.cancel(bucket.task);
    }
    bucket.task = this.#scheduler.at(bucket.expiry, this.#fire, bucket, null, { background });
  }

  #expire(bucket: Bucket): void {
    this.#buckets.delete(bucket.expiry);
    bucket.task = null;
    for (;;) {
      const timer = bucket.take();
      if (timer === undefined) return;
      timer.owner.expire();
    }
  }
}
