// `fdb:`: where a switch believes a MAC to be.

import type { FdbExpectation } from '../../topology/expectations/fdb.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { ScenarioState } from '../state.ts';

/** Where the switch has the MAC address instead. */
export function fdb({ lab }: ScenarioState, expectation: FdbExpectation): string[] {
  const { bridge, behind } = lab.segment(expectation.segment);
  const port = bridge.table.lookup(expectation.mac.mac, lab.now);
  const actual = port === null ? null : (behind.get(port) ?? port.name);
  if (actual === expectation.behind) return [];
  const mac = expectation.mac.owner ?? formatMac(expectation.mac.mac);
  const place = actual === null ? 'nowhere: there is no entry' : `behind ${actual}`;
  return [`${expectation.segment} has ${mac} ${place}`];
}
