// The gratuitous ARPs of ovn-controller: one series for each address that its gateway router holds, from
// one second after it came (controller/pinctrl.c, send_garp_rarp). Its packet thread sleeps until the
// next one is due, and hears of a changed option only when something else wakes it.

import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';

/** When and how a router announces. */
export interface AnnouncerOptions {
  readonly scheduler: Scheduler;
  /** Seconds from the arrival of an address to each announcement: [1, 2, 4, 8, 16]. */
  readonly times: readonly number[];
  /** external_ids:garp-max-timeout-sec is known (OVN 23.03.3 and later). */
  readonly knowsMaxTimeout: boolean;
  readonly announce: (address: Ipv4Address) => void;
}

interface Series {
  readonly address: Ipv4Address;
  next: Nanos;
  sent: number;
}

/** The announcements of one ovn-controller. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  /** All addresses that are held; those whose series is over, too. */
  readonly #series = new Map<Ipv4Address, Series>();
  #timer: Timer | null = null;
  #maxTimeout = 0;
  #running = true;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** The router holds these now: a new one gets a series, one that is gone says nothing. */
  hold(addresses: Iterable<Ipv4Address>): void {
    const held = new Set(addresses);
    for (const address of this.#series.keys()) if (!held.has(address)) this.#series.delete(address);
    let isNew = false;
    for (const address of held) {
      if (this.#series.has(address)) continue;
      this.#begin(address);
      isNew = true;
    }
    if (isNew) this.wake();
  }

  /** external_ids:garp-max-timeout-sec; 0: none. Every address starts again once the packet thread wakes. */
  setMaxTimeout(limit: number): void {
    if (!this.#options.knowsMaxTimeout || limit === this.#maxTimeout) return;
    this.#maxTimeout = limit;
    for (const address of this.#series.keys()) this.#begin(address);
  }

  /** ovn-controller ends, by itself or with its node. */
  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** ovn-controller starts: every address is announced. */
  start(): void {
    this.#running = true;
    for (const address of this.#series.keys()) this.#begin(address);
    this.wake();
  }

  /** Whatever the packet thread has to do wakes it; what is due is sent. */
  wake(): void {
    this.#cancel();
    if (!this.#running) return;
    const { announce, scheduler } = this.#options;
    for (const series of [...this.#series.values()].reverse()) {
      if (series.next > scheduler.now) continue;
      announce(series.address);
      series.next = scheduler.now + this.#gapAfter(series.sent++);
    }
    let next = Number.POSITIVE_INFINITY;
    for (const series of this.#series.values()) next = Math.min(next, series.next);
    if (Number.isFinite(next)) {
      this.#timer = scheduler.at(next, wake, this, null, { background: this.#maxTimeout > 0 });
    }
  }

  #begin(address: Ipv4Address): void {
    const [first = 1] = this.#options.times;
    const next = this.#options.scheduler.now + seconds(first);
    this.#series.set(address, { address, next, sent: 0 });
  }

  /** From one announcement to the next; infinite after the last. */
  #gapAfter(index: number): Nanos {
    if (this.#maxTimeout > 0) return seconds(Math.min(2 ** index, this.#maxTimeout));
    const { times } = this.#options;
    const next = times[index + 1];
    return next === undefined ? Number.POSITIVE_INFINITY : seconds(next - (times[index] ?? 0));
  }

  #cancel(): void {
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
    this.#timer = null;
  }
}

function wake(announcer: Announcer): void {
  announcer.wake();
}
