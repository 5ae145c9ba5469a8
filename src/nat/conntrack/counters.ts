// What connection tracking counts.

/** What `conntrack -S` counts. */
export interface ConntrackCounters {
  /** Packets that fit no connection and begin none. */
  invalid: number;
  /** Connections whose reply tuple was taken when they were to enter the table. */
  insertFailed: number;
  /** Packets dropped: table full, or insertion failed. */
  drop: number;
  /** Connections thrown out of a full table for newer ones. */
  earlyDrop: number;
  /** ICMP errors about no known connection. */
  error: number;
}

/** All of them zero. */
export function newCounters(): ConntrackCounters {
  return { invalid: 0, insertFailed: 0, drop: 0, earlyDrop: 0, error: 0 };
}
