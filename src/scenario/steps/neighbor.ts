// `addNeighbor`, `removeNeighbor` and `flushNeighbors`: what `ip neighbor` does.

import { present } from '../../base/assert.ts';
import type { Interface } from '../../stack/device/interface.ts';
import { NeighborState } from '../../stack/neighbor/state.ts';
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
  const iface = interfaceOf(run, step.on);
  iface.stack.neighbors.replace(iface, step.address, step.mac, STATES[step.state]);
}

export function removeNeighbor(run: ScenarioRun, step: RemoveNeighborStep): void {
  const iface = interfaceOf(run, step.on);
  iface.stack.neighbors.delete(iface, step.address);
}

export function flushNeighbors(run: ScenarioRun, step: FlushNeighborsStep): void {
  const iface = interfaceOf(run, step.on);
  const { neighbors } = iface.stack;
  for (const { state, address } of neighbors.entries(iface)) {
    if (state !== NeighborState.Permanent) neighbors.delete(iface, address);
  }
}

function interfaceOf(
  { lab }: ScenarioRun,
  { machine, interface: name }: InterfaceReference,
): Interface {
  return present(lab.machine(machine).stack.interface(name), 'the topology was validated');
}
