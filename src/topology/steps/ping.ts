// `ping: db, from: gateway, count: 3`: a few echo requests, each counted as answered or lost.

import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { StepBase } from './step.ts';

export interface PingStep extends StepBase {
  readonly kind: 'ping';
  /** What expectations call it: as given, or 'ping-1' by order. */
  readonly name: string;
  /** A pod, host or node. */
  readonly from: string;
  readonly source: Ipv4Address | null;
  readonly to: Ipv4Address;
  /** The machine that was named; null when it was an address. */
  readonly toName: string | null;
  readonly count: number;
  readonly interval: Nanos;
  /** Payload octets. */
  readonly size: number;
  readonly timeout: Nanos;
}
