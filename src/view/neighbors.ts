// The neighbor tables: who believes that an address has which MAC, as rows and as `ip neigh` prints them.

import { z } from 'zod';
import type { Nanos } from '../sim/time.ts';
import type { NeighborEntry } from '../stack/neighbor/entry.ts';
import {
  NEIGHBOR_STATE_NAMES,
  type NeighborStateName,
  neighborStateName,
} from '../stack/neighbor/state.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';

/** One entry of a neighbor table. */
export interface NeighborRow {
  /** The host, node or pod that believes it. */
  readonly machine: string;
  readonly interface: string;
  readonly address: string;
  /** Null while no MAC is known. */
  readonly mac: string | null;
  readonly state: NeighborStateName;
  /** Lab time of the last change of state or MAC. */
  readonly since: Nanos;
  /** Lab time at which the entry acts by itself (asks again, goes STALE); null: it waits for a packet. */
  readonly deadline: Nanos | null;
}

/** Validates a NeighborRow. */
export const neighborRowSchema: z.ZodType<NeighborRow> = z.strictObject({
  machine: z.string(),
  interface: z.string(),
  address: z.string(),
  mac: z.string().nullable(),
  state: z.enum(NEIGHBOR_STATE_NAMES),
  since: z.int(),
  deadline: z.int().nullable(),
});

/** The neighbor table of a machine, by interface and address. */
export function neighborRows(stack: NetworkStack): NeighborRow[] {
  return stack.neighbors.entries().map((entry) => neighborRow(stack.name, entry));
}

/** One entry of the table of `machine`. */
export function neighborRow(machine: string, entry: NeighborEntry): NeighborRow {
  return {
    machine,
    interface: entry.iface.name,
    address: formatIpv4(entry.address),
    mac: entry.valid ? formatMac(entry.mac) : null,
    state: neighborStateName(entry.state),
    since: entry.updated,
    deadline: entry.deadline,
  };
}

/** One line of `ip neigh`. */
export function neighborLine(row: Omit<NeighborRow, 'machine' | 'since' | 'deadline'>): string {
  const mac = row.mac === null ? '' : ` lladdr ${row.mac}`;
  return `${row.address} dev ${row.interface}${mac} ${row.state}`;
}

/** `ip neigh` on one machine. */
export function neighborLines(stack: NetworkStack): string[] {
  return neighborRows(stack).map(neighborLine);
}
