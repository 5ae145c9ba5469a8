// `address:` with `heldBy:`: who has an address right now.

import type { HoldersExpectation } from '../../topology/expectations/holders.ts';
import { holdersOf } from '../../view/machines.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';
import { compareSet } from './compare.ts';

/** Who holds the address instead. */
export function holders({ lab }: ScenarioState, expectation: HoldersExpectation): string[] {
  const actual = holdersOf(lab, expectation.address);
  return compareSet(`${formatIpv4(expectation.address)}: held by`, actual, expectation.machines);
}
