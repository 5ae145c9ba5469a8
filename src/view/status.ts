// A running lab at a glance: what `egresslab status` answers.

import type { Lab } from '../lab/lab.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { type MachineRow, machineRows } from './machines.ts';

/** A lab at one instant. */
export interface LabStatus {
  readonly topology: string;
  readonly description: string;
  readonly seed: number;
  /** Whole seconds of lab time. */
  readonly labSeconds: number;
  /** Lab time as a calendar date. */
  readonly labTime: string;
  readonly machines: readonly MachineRow[];
  /** Every egress IP that an object names, and who holds it. */
  readonly egressIps: readonly { readonly address: string; readonly heldBy: readonly string[] }[];
}

/** The status of a lab now. */
export function labStatus(lab: Lab): LabStatus {
  const { cluster, topology } = lab;
  return {
    topology: topology.name,
    description: topology.description,
    seed: lab.seed,
    labSeconds: Math.floor(lab.now / 1e9),
    labTime: lab.clock.timestamp(),
    machines: machineRows(lab, null),
    egressIps: (cluster?.egressAddresses() ?? []).map((address) => ({
      address: formatIpv4(address),
      heldBy: lab.claims.holders(address),
    })),
  };
}
