// Lets lab time pass as fast as real time does: sleep until something is due or the kernel has
// something to say, then run what is due. Everything below `lab` is the code of virtual time; a task
// still runs with `now` equal to its own deadline, however late the process gets round to it.
//
// Falling behind follows a named policy, as in ns-3's RealtimeSimulatorImpl: best-effort tells the
// lag and catches up, strict stops.

import { EgressLabError } from '../base/errors.ts';
import type { DriverEvents } from '../lab/events.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import { formatSeconds, millis, type Nanos, NEVER, seconds } from '../sim/time.ts';

/** What to do about lag beyond the limit. */
export type LagPolicy = 'best-effort' | 'strict';
/** The policies, as `--lag` names them. */
export const LAG_POLICIES: readonly LagPolicy[] = ['best-effort', 'strict'];

/** ns-3 stops at the same lag (RealtimeSimulatorImpl HardLimit). */
export const DEFAULT_LAG_LIMIT: Nanos = millis(100);
/** How often a lab that cannot keep up says so. */
const LAG_REPORT_INTERVAL: Nanos = seconds(10);
/** Lab time that is made up for at a stretch, so that signals and sockets get their turn meanwhile. */
const CATCH_UP_SLICE: Nanos = millis(20);
/** Real time spent on frames before the event loop gets its turn. */
const BUSY_SLICE: Nanos = millis(4);

/** Where the driver waits, and what may wake it: a plain timer, or the descriptors of kernel devices. */
export interface Doorbell {
  /** Resolves after so long, or sooner: when input is there or `ring` was called. NEVER is allowed. */
  wait(atMost: Nanos): Promise<void>;
  /** Takes in what has arrived, some of it; true if there may be more. */
  serve(): boolean;
  /** Ends a `wait` that is under way, or the next one. */
  ring(): void;
}

/** How a lab is driven in real time. */
export interface RealtimeOptions {
  readonly scheduler: Scheduler;
  readonly events: Emitter<DriverEvents>;
  readonly doorbell: Doorbell;
  readonly lagPolicy?: LagPolicy;
  readonly lagLimit?: Nanos;
  /** Nanoseconds that rise steadily. */
  readonly clock?: () => Nanos;
  /** What the clock showed at lab time zero; now, when not given. */
  readonly origin?: Nanos;
}

/** Integer nanoseconds; exact for 104 days of uptime, then by the microsecond. */
export function monotonicClock(): Nanos {
  return Math.round(performance.now() * 1e6);
}

/** Waits until the next instant of the lab, or until the kernel has a frame. */
export class RealtimeDriver {
  readonly #scheduler: Scheduler;
  readonly #events: Emitter<DriverEvents>;
  readonly #doorbell: Doorbell;
  readonly #lagPolicy: LagPolicy;
  readonly #lagLimit: Nanos;
  readonly #clock: () => Nanos;
  /** What the clock showed at lab time zero. */
  readonly #origin: Nanos;
  #worstLag: Nanos = 0;
  #lagReported = Number.NEGATIVE_INFINITY;

  /** Lab time goes on from where it stands, from now on. */
  constructor(options: RealtimeOptions) {
    this.#scheduler = options.scheduler;
    this.#events = options.events;
    this.#doorbell = options.doorbell;
    this.#lagPolicy = options.lagPolicy ?? 'best-effort';
    this.#lagLimit = options.lagLimit ?? DEFAULT_LAG_LIMIT;
    this.#clock = options.clock ?? monotonicClock;
    this.#origin = options.origin ?? this.#clock() - this.#scheduler.now;
  }

  /** Lab time as the clock on the wall has it; the lab itself may be a little behind. */
  get now(): Nanos {
    return this.#clock() - this.#origin;
  }

  /** How late the latest task was, at worst so far. */
  get worstLag(): Nanos {
    return this.#worstLag;
  }

  /**
   * Runs the lab until the signal is aborted.
   * @throws EgressLabError EGL_REALTIME_LAG under the strict policy, and what stops a lab.
   */
  async run(signal: AbortSignal): Promise<void> {
    const ring = (): void => this.#doorbell.ring();
    signal.addEventListener('abort', ring);
    try {
      // Building the lab took time; that lag does not count.
      if (this.now > this.#scheduler.now) this.#scheduler.advanceTo(this.now);
      let turnDue = this.#clock() + BUSY_SLICE;
      while (!signal.aborted) {
        this.#work(turnDue);
        const wait = this.#scheduler.nextDeadline() - this.now;
        if (wait > 0 && !this.#moreInput) await this.#doorbell.wait(wait);
        // A wait may end without having let signals, timers and sockets have their turn.
        if (this.#clock() < turnDue) continue;
        await nextTurn();
        turnDue = this.#clock() + BUSY_SLICE;
      }
    } finally {
      signal.removeEventListener('abort', ring);
    }
  }

  /**
   * Does something to the lab from outside (an API request, a command), in its present instant; what
   * follows from it at once has happened when this returns.
   */
  perform<T>(action: () => T): T {
    this.#catchUp();
    const result = action();
    this.#catchUp();
    this.#doorbell.ring();
    return result;
  }

  #moreInput = false;

  /** Runs what is due and takes in what the kernel has sent, alternately, until there is a lull. */
  #work(end: Nanos): void {
    do {
      this.#catchUp();
      this.#moreInput = this.#doorbell.serve();
      // Frames that came in stand in this very instant: they reach the far side before the lab waits.
      this.#catchUp();
    } while (this.#moreInput && this.#clock() < end);
  }

  #catchUp(): void {
    const scheduler = this.#scheduler;
    const target = this.now;
    const due = scheduler.nextDeadline();
    if (due === NEVER || due > target) {
      if (target > scheduler.now) scheduler.advanceTo(target);
      return;
    }
    const lag = target - due;
    if (lag > this.#lagLimit) this.#fallBehind(lag);
    this.#worstLag = Math.max(this.#worstLag, lag);
    scheduler.advanceTo(Math.max(scheduler.now, Math.min(target, due + CATCH_UP_SLICE)));
  }

  #fallBehind(lag: Nanos): void {
    const { now } = this;
    if (this.#lagPolicy === 'strict') {
      throw new EgressLabError(
        'EGL_REALTIME_LAG',
        `the lab is ${formatSeconds(lag)} s behind real time at ${formatSeconds(now)} s`,
        {
          hint: 'The machine is too slow or too busy for this lab: make it smaller, capture less, or allow it with --lag best-effort.',
          fault: 'environment',
        },
      );
    }
    if (now - this.#lagReported < LAG_REPORT_INTERVAL) return;
    this.#lagReported = now;
    this.#events.emit('realtime', 'realtime-lag', { lag });
  }
}

/** Lets signals, timers and sockets have their turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** For a lab without kernel devices: nothing but time and `ring` wakes it. */
export class TimerDoorbell implements Doorbell {
  #wake: (() => void) | null = null;
  #rung = false;

  wait(atMost: Nanos): Promise<void> {
    return new Promise((resolve) => {
      const milliseconds = Math.min(Math.max(1, Math.ceil(atMost / 1e6)), LONGEST_TIMEOUT);
      const timer = setTimeout(() => this.#wake?.(), this.#rung ? 0 : milliseconds);
      this.#rung = false;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  serve(): boolean {
    return false;
  }

  ring(): void {
    if (this.#wake === null) this.#rung = true;
    else this.#wake();
  }
}

/** setTimeout takes 32 bits of milliseconds. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
