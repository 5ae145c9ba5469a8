// `deleteConnections: router, protocol: udp, from: 10.1.0.2`: `conntrack -D`, and with the machine alone
// `conntrack -F`.

import { z } from 'zod';
import { addressOrNetwork, port } from '../../schema/values.ts';
import type { Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { TransportName } from '../model.ts';
import { transport } from '../snat.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Connections whose original direction has all of this; null: any. */
export interface DeleteConnectionsStep extends StepBase {
  readonly kind: 'delete-connections';
  readonly machine: string;
  readonly protocol: TransportName | null;
  readonly source: Ipv4Cidr | null;
  readonly destination: Ipv4Cidr | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

/** `deleteConnections`: `conntrack -D` and `-F`. */
export const deleteConnections: StepDefinition<DeleteConnectionsStep> = defineStep(
  'deleteConnections',
  z
    .strictObject({
      ...stepShape,
      deleteConnections: z
        .string({ error: 'expected the name of a host or node' })
        .describe('The machine that forgets; all connections when no other key is given'),
      protocol: transport.exactOptional(),
      from: addressOrNetwork.exactOptional().describe('Source of the original direction'),
      to: addressOrNetwork.exactOptional().describe('Destination of the original direction'),
      sourcePort: port.exactOptional(),
      port: port.exactOptional().describe('Destination port of the original direction'),
    })
    .meta({ id: 'deleteConnectionsStep', description: 'conntrack -D, conntrack -F' }),
  (context, raw, base, path) => {
    const machine = raw.deleteConnections;
    if (!context.known(machine, [...path, 'deleteConnections'], 'host', 'node')) return null;
    return {
      ...base,
      kind: 'delete-connections',
      machine,
      protocol: raw.protocol ?? null,
      source: raw.from ?? null,
      destination: raw.to ?? null,
      sourcePort: raw.sourcePort ?? null,
      destinationPort: raw.port ?? null,
    };
  },
);
