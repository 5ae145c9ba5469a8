// `deleteConnections`: `conntrack -D`, or `-F` for all.

import { PROTOCOL_NUMBERS } from '../../lab/packet-filter.ts';
import type { DeleteConnectionsStep } from '../../topology/steps/conntrack.ts';
import { cidrContains } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';

/** `deleteConnections`; where nothing is tracked there is nothing to forget. */
export function deleteConnections({ lab }: ScenarioState, step: DeleteConnectionsStep): void {
  const { netfilter } = lab.machine(step.machine);
  const { destination, destinationPort, protocol, source, sourcePort } = step;
  const tracks = netfilter.connections().length > 0;
  const count = !tracks
    ? 0
    : netfilter.conntrack.delete(
        ({ original }) =>
          (protocol === null || original.protocol === PROTOCOL_NUMBERS[protocol]) &&
          (source === null || cidrContains(source, original.source)) &&
          (destination === null || cidrContains(destination, original.destination)) &&
          (sourcePort === null || original.sourcePort === sourcePort) &&
          (destinationPort === null || original.destinationPort === destinationPort),
      );
  lab.events.emit(step.machine, 'connections-deleted', { count });
}
