// How to wait for frames. A NIC's driver decides that with `ethtool --coalesce` and net_dim; here it is
// three ways, by what came lately:
//
//   a stream   sleep for a fixed moment, whatever comes: no wake-up per frame for the sender. Not for
//              large frames: they are few, and TCP sends no more while they wait (tcp_limit_output_bytes)
//   something  wait for the next frame in this thread, which takes 0.02 ms to wake
//   nothing    wait in another thread, which takes 0.1 ms, and leaves this one to signals and sockets

import { micros, millis, type Nanos } from '../sim/time.ts';
import type { Poller } from './linux/poller.ts';
import { monotonicClock } from './realtime-driver.ts';

/** Frames per window that make a stream. */
const STREAM_FRAMES = 16;
/** Octets per frame, on average, from which on they are large: an MTU and more. */
const LARGE_FRAME = 2048;
const WINDOW: Nanos = millis(1);
/** How long the frames of a stream gather (rx-usecs). */
const COALESCE: Nanos = micros(60);
/** How long after a frame there is something. */
const ATTENTION: Nanos = millis(20);
/** A wait in this thread is cut short for the sake of signals, timers and sockets. */
const LONGEST_WAIT: Nanos = millis(1);

/** Decides how the driver waits for the next frame. */
export class InterruptModeration {
  readonly #poller: Poller;
  /** Of the window that began at `#windowStart`. */
  #frames = 0;
  #octets = 0;
  #windowStart: Nanos = 0;
  #isStream = false;
  #latest: Nanos = Number.NEGATIVE_INFINITY;

  constructor(poller: Poller) {
    this.#poller = poller;
  }

  /** So many frames, of so many octets together, have been read. */
  count(frames: number, octets: number): void {
    this.#frames += frames;
    this.#octets += octets;
  }

  /** Resolves when a descriptor is readable or broken, after `atMost`, after `ring`, or a little early. */
  async wait(atMost: Nanos): Promise<void> {
    const now = monotonicClock();
    this.#measure(now);
    if (this.#isStream && this.#coalesce(atMost)) return;
    if (now - this.#latest < ATTENTION) this.#poller.waitHere(Math.min(LONGEST_WAIT, atMost));
    else await this.#poller.wait(atMost);
  }

  #measure(now: Nanos): void {
    if (this.#frames > 0) this.#latest = now;
    const elapsed = now - this.#windowStart;
    if (elapsed < WINDOW) return;
    const isDense = this.#frames * WINDOW >= STREAM_FRAMES * elapsed;
    this.#isStream = isDense && this.#octets < this.#frames * LARGE_FRAME;
    this.#frames = 0;
    this.#octets = 0;
    this.#windowStart = now;
  }

  /** True if frames gathered. */
  #coalesce(atMost: Nanos): boolean {
    this.#poller.pause(Math.min(COALESCE, atMost));
    return this.#poller.waitHere(0);
  }
}
