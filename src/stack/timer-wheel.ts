// When a kernel timer really fires: never early, and later by up to an eighth, because the wheel that
// holds it is the coarser the longer it runs (kernel/time/timer.c, at HZ=250). A request is repeated
// after 1.00 to 1.04 s, DELAY ends after 5.0 to 5.26 s, REACHABLE up to 2 s late: fixtures 01b, 01c.

import { millis, type Nanos } from '../sim/time.ts';

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
  let granularity = 1;
  let limit = LEVEL_SIZE;
  for (let level = 1; level < LEVELS && ticks >= limit; level++) {
    granularity *= 2 ** LEVEL_SHIFT;
    limit *= 2 ** LEVEL_SHIFT;
  }
  return (Math.floor((clock + ticks) / granularity) + 1) * granularity * JIFFY;
}
