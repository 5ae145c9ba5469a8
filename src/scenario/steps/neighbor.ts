// `addNeighbor`, `removeNeighbor` and `flushNeighbors`: what `ip neighbor` does.

import { present } from '../../base/assert.ts';
import type { Interface } from '../../stack/device/interface.ts';
import { NeighborState } from '../../stack/neighbor/state.ts';
import type { NeighborTable } from '../../stack/neighbor/table.ts';
import type {
  AddNeighborStep,
  ConfiguredState,
  FlushNeighborsStep,
  RemoveNeighborStep,
} from '../../topology/steps/neighbor.ts';
import type { InterfaceReference } from '../../topology/steps/step.ts';
import type { ScenarioRun } from '../scenario-run.ts';

const STATES: Readonly<Record<ConfiguredState, NeighborState>> = {
  PERMANENT: NeighborState.Permanent,
  REACHABLE: NeighborState.Reachable,
  STALE: NeighborState.Stale,
};

export function addNeighbor(run: ScenarioRun, step: AddNeighborStep): void {
  const { neighbors, iface } = deviceOf(run, step.on);
  neighbors.replace(iface, step.address, step.mac, STATES[step.state]);
}

export function removeNeighbor(run: ScenarioRun, step: RemoveNeighborStep): void {
  const { neighbors, iface } = deviceOf(run, step.on);
  neighbors.delete(iface, step.address);
}

export function flushNeighbors(run: ScenarioRun, step: FlushNeighborsStep): void {
  const { neighbors, iface } = deviceOf(run, step.on);
  for (const { state, address } of neighbors.entries(iface)) {
    if (state !== NeighborState.Permanent) neighbors.delete(iface, address);
  }
}

/** `dev <interface>`, and the table it is about. */
function deviceOf(
  { lab }: ScenarioRun,
  { machine, interface: name }: InterfaceReference,
): { readonly neighbors: NeighborTable; readonly iface: Interface } {
  const { stack } = lab.machine(machine);
  const iface = present(stack.interface(name), 'the topology was validated');
  return { neighbors: stack.neighbors, iface };
}
