// `neighbor:`: what a machine believes about an address.

import type { NeighborEntry } from '../../stack/neighbor/entry.ts';
import { neighborStateName } from '../../stack/neighbor/state.ts';
import type { NeighborExpectation } from '../../topology/expectations/neighbor.ts';
import { neighborLine, neighborRow } from '../../view/neighbors.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';

/** The entries that are there instead, as `ip neigh` prints them. */
export function neighbor({ lab }: ScenarioState, expectation: NeighborExpectation): string[] {
  const { machine, address } = expectation;
  const stack = lab.stack(machine);
  const entries = stack.neighbors
    .entries(expectation.interface === null ? null : stack.interface(expectation.interface))
    .filter((entry) => entry.address === address);
  const lines = (): string[] => entries.map((entry) => neighborLine(neighborRow(machine, entry)));
  if (expectation.absent) return lines();
  if (entries.length === 0) return [`${machine} has no entry for ${formatIpv4(address)}`];
  return entries.some((entry) => fits(entry, expectation)) ? [] : lines();
}

function fits(entry: NeighborEntry, expectation: NeighborExpectation): boolean {
  const { mac, states } = expectation;
  const named: string = neighborStateName(entry.state);
  return (
    (mac === null || entry.mac === mac.mac) &&
    (states.length === 0 || states.some((state) => state === named))
  );
}
