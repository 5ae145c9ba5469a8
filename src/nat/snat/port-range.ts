// A range of ports, or of ICMP identifiers.

/** Both ends included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}
