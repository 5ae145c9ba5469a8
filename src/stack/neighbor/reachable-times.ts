// How long neighbors of an interface stay REACHABLE: uniform over 0.5 .. 1.5 times
// base_reachable_time, drawn per interface, again every 300 s and when the base changes
// (neigh_rand_reach_time and neigh_periodic_work, net/core/neighbour.c; RFC 4861 6.3.2).

import type { Random } from '../../sim/random.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import type { Interface } from '../device/interface.ts';

const REDRAW_INTERVAL: Nanos = seconds(300);

interface Drawn {
  base: number;
  period: number;
  value: Nanos;
}

/** The reachable times of the interfaces of one host. */
export class ReachableTimes {
  readonly #random: Random;
  /** By interface index. */
  readonly #drawn: (Drawn | undefined)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Depends on seed, interface, base and period only, not on how often it is asked. */
  of(iface: Interface, now: Nanos): Nanos {
    const base = iface.neigh.base_reachable_time_ms;
    const period = Math.floor(now / REDRAW_INTERVAL);
    let drawn = this.#drawn[iface.index];
    if (drawn === undefined || drawn.base !== base || drawn.period !== period) {
      const share = this.#random.fork(`${iface.name} ${period} ${base}`).unit();
      drawn = { base, period, value: Math.round(millis(base) * (0.5 + share)) };
      this.#drawn[iface.index] = drawn;
    }
    return drawn.value;
  }
}
