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
import type { ScenarioState } from '../state.ts';

const STATES: Readonly<Record<ConfiguredState, NeighborState>> = {
  PERMANENT: NeighborState.Permanent,
  REACHABLE: NeighborState.Reachable,
  STALE: NeighborState.Stale,
};

/** `addNeighbor`: `ip neigh replace`. */
export function addNeighbor(state: ScenarioState, step: AddNeighborStep): void {
  const { neighbors, iface } = deviceOf(state, step.on);
  neighbors.replace(iface, step.address, step.mac, STATES[step.state]);
}

/** `removeNeighbor`: `ip neigh del`. */
export function removeNeighbor(state: ScenarioState, step: RemoveNeighborStep): void {
  const { neighbors, iface } = deviceOf(state, step.on);
  neighbors.delete(iface, step.address);
}

/** `flushNeighbors`: `ip neigh flush`, which spares permanent entries. */
export function flushNeighbors(state: ScenarioState, step: FlushNeighborsStep): void {
  const { neighbors, iface } = deviceOf(state, step.on);
  for (const { state, address } of neighbors.entries(iface)) {
    if (state !== NeighborState.Permanent) neighbors.delete(iface, address);
  }
}

/** `dev <interface>`, and the table it is about. */
function deviceOf(
  { lab }: ScenarioState,
  { machine, interface: name }: InterfaceReference,
): { readonly neighbors: NeighborTable; readonly iface: Interface } {
  const { stack } = lab.machine(machine);
  const iface = present(stack.interface(name), 'the topology was validated');
  return { neighbors: stack.neighbors, iface };
}
