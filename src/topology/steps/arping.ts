// `arping: 192.168.50.120, from: db/eth0, mode: -D`: iputils arping, as an admin would run it.

import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** who-has asks; -U announces by requests, -A by replies; -D probes for a duplicate (sender 0.0.0.0). */
export type ArpingMode = 'ask' | 'announce-request' | 'announce-reply' | 'duplicate-detection';

export interface ArpingStep extends StepBase {
  readonly kind: 'arping';
  /** What expectations call it: as given, or 'arping-1' by order. */
  readonly name: string;
  readonly on: InterfaceReference;
  readonly address: Ipv4Address;
  readonly mode: ArpingMode;
  readonly count: number;
  readonly interval: Nanos;
}
