// A length of time as people give it to a lab: a number of nanoseconds, or a text with a unit.

import { EgressLabError } from '../base/errors.ts';
import { parseDuration } from '../base/quantity.ts';
import type { Nanos } from './time.ts';

/** A length of lab time: nanoseconds, or a text with a unit (ns, us, ms, s, m, h) such as '250ms'. */
export type Duration = Nanos | string;

/** A duration in nanoseconds, rounded. @throws EgressLabError EGL_BAD_DURATION */
export function nanosOf(duration: Duration): Nanos {
  const nanos = typeof duration === 'string' ? parseDuration(duration) : duration;
  if (typeof nanos === 'number' && nanos >= 0 && nanos <= Number.MAX_SAFE_INTEGER) {
    return Math.round(nanos);
  }
  throw new EgressLabError('EGL_BAD_DURATION', `${String(duration)} is not a duration`, {
    hint: "Give nanoseconds, or a text with a unit such as '250ms' or '5s'.",
  });
}
