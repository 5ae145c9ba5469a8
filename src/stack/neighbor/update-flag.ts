// How an entry takes what is heard or configured about its neighbor.

/** Bits for `NeighborEntry.update`, as NEIGH_UPDATE_F_*. */
export const UpdateFlag = {
  None: 0,
  /** Another MAC than the known one is believed. */
  Override: 1,
  /** The administrator says so: PERMANENT entries change too, STALE is taken literally. */
  Administrative: 2,
  /** Linux before 4.13: every frame restarts locktime, even one that changes nothing. */
  RestartLock: 4,
} as const;
