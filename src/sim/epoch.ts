// What lab time zero is on the calendar. Nanoseconds since 1970 exceed 2^53, so seconds and the
// nanoseconds within the second are kept apart wherever a date is carried.

/** Since 1970-01-01T00:00:00Z. */
export interface Epoch {
  /** Whole seconds. */
  readonly seconds: number;
  /** 0 .. 999,999,999 */
  readonly nanos: number;
}

/** 2020-05-09T08:00:00Z, the day of the article whose sessions the lab replays: equal runs make equal files. */
export const DEFAULT_EPOCH: Epoch = { seconds: 1_589_011_200, nanos: 0 };
