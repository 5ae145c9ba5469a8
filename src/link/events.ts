// What switches say in the event log.

/** By the name of the segment. */
export interface LinkEvents {
  /** A learned MAC address appeared behind another port. */
  readonly 'fdb-moved': {
    /** '02:00:c0:a8:32:91'. */
    readonly mac: string;
    /** The port where it is now: 'lan/3'. */
    readonly port: string;
  };
}
