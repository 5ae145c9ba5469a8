// `address:` with `heldBy:`: who answers for an address right now.

import { setDifference } from '../../base/difference.ts';
import type { HoldersExpectation } from '../../topology/expectations/holders.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';

/** Who holds the address instead. */
export function holders({ lab }: ScenarioState, expectation: HoldersExpectation): string[] {
  const actual = lab.claims.holders(expectation.address);
  return setDifference(`${formatIpv4(expectation.address)}: held by`, actual, expectation.machines);
}
