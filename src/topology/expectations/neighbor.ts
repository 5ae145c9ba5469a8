// What a machine believes: `neighbor: db, address: 192.168.50.120, mac: worker02, state: REACHABLE`.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { ExpectationBase, MacReference } from './expectation.ts';

/** `ip neigh` words. */
export type NeighborStateName =
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'PERMANENT';

export interface NeighborExpectation extends ExpectationBase {
  readonly kind: 'neighbor';
  readonly machine: string;
  /** Null looks at every interface of the machine. */
  readonly interface: string | null;
  readonly address: Ipv4Address;
  /** True: there must be no entry; then mac and states are empty. */
  readonly absent: boolean;
  readonly mac: MacReference | null;
  /** Any of these; empty is not checked. */
  readonly states: readonly NeighborStateName[];
}
