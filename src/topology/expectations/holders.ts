// Who has an address on an interface right now: `address: 192.168.50.120, heldBy: worker02`.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { ExpectationBase } from './expectation.ts';

export interface HoldersExpectation extends ExpectationBase {
  readonly kind: 'holders';
  readonly address: Ipv4Address;
  /** Exactly these machines, in any order; empty when nobody must hold it. A machine that is off holds nothing. */
  readonly machines: readonly string[];
}
