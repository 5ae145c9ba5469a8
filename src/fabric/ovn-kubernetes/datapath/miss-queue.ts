// What has no flow in the datapath yet goes through ovs-vswitchd (an upcall), one frame after the other:
// ARP questions, each of which is a flow of its own. Frames behind them on the same port wait, so that
// none overtakes another.

import type { Lane, Scheduler } from '../../../sim/scheduler.ts';
import { micros, type Nanos } from '../../../sim/time.ts';
import type { Frame, FrameArena } from '../../../wire/frame.ts';

/**
 * Of one upcall. Measured were 0.3 to 10 ms for all that is new to the datapath; what counts here is the
 * order that they leave, so an upcall takes a little longer than the way over a lab's cable and back.
 */
const UPCALL: Nanos = micros(13);

/** Frames that wait for userspace. */
export class MissQueue {
  readonly #scheduler: Scheduler;
  readonly #arena: FrameArena;
  readonly #lane: Lane;
  readonly #forward: (frame: Frame) => void;
  /** When the last frame in the queue is through. */
  #busyUntil: Nanos = 0;

  constructor(scheduler: Scheduler, arena: FrameArena, forward: (frame: Frame) => void) {
    this.#scheduler = scheduler;
    this.#arena = arena;
    this.#lane = scheduler.lane();
    this.#forward = forward;
  }

  /** Forwards a frame: at once, unless it is a miss or stands behind one. */
  take(frame: Frame, isMiss: boolean): void {
    const { now } = this.#scheduler;
    if (!isMiss && this.#busyUntil <= now) {
      this.#forward(frame);
      return;
    }
    this.#busyUntil = Math.max(now, this.#busyUntil) + (isMiss ? UPCALL : 0);
    this.#lane.push(this.#busyUntil, forward, this, this.#arena.keep(frame));
  }

  /** Called by the scheduler. */
  release(frame: Frame): void {
    this.#forward(frame);
  }
}

function forward(queue: MissQueue, frame: Frame): void {
  queue.release(frame);
}
