// Time is integer nanoseconds since the lab started: exact in a double for 104 days.

/** A moment or a length of lab time, in nanoseconds. */
export type Nanos = number;

/** Later than any moment. */
export const NEVER: Nanos = Number.POSITIVE_INFINITY;

/** Microseconds to Nanos, rounded. */
export function micros(value: number): Nanos {
  return Math.round(value * 1e3);
}

/** Milliseconds to Nanos, rounded. */
export function millis(value: number): Nanos {
  return Math.round(value * 1e6);
}

/** Seconds to Nanos, rounded. */
export function seconds(value: number): Nanos {
  return Math.round(value * 1e9);
}

/** Nanos as seconds with three decimals: 2_003_000_000 → '2.003'. */
export function formatSeconds(time: Nanos): string {
  return (time / 1e9).toFixed(3);
}
