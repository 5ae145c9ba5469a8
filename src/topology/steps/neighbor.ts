// `addNeighbor`, `removeNeighbor`, `flushNeighbors`: `ip neighbor replace|del|flush`, for static
// entries and to begin from a known table.

import { z } from 'zod';
import { ipv4 } from '../../schema/values.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import { resolveMac } from '../targets.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** The words of `nud` that make sense for an entry made by hand. */
export type ConfiguredState = 'PERMANENT' | 'REACHABLE' | 'STALE';

/** Writes an entry into a neighbor table, as `ip neigh add`. */
export interface AddNeighborStep extends StepBase {
  readonly kind: 'add-neighbor';
  readonly on: InterfaceReference;
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
  readonly state: ConfiguredState;
}

/** Removes an entry, as `ip neigh del`. */
export interface RemoveNeighborStep extends StepBase {
  readonly kind: 'remove-neighbor';
  readonly on: InterfaceReference;
  readonly address: Ipv4Address;
}

/** All entries of the interface but the permanent ones. */
export interface FlushNeighborsStep extends StepBase {
  readonly kind: 'flush-neighbors';
  readonly on: InterfaceReference;
}

const interfaceText = z
  .string({ error: 'expected "host/interface"' })
  .describe('"host/interface", or a host for its first interface');
const state: z.ZodType<ConfiguredState> = z.enum(['PERMANENT', 'REACHABLE', 'STALE']);

/** `addNeighbor:` as a scenario writes it. */
export const addNeighbor: StepDefinition<AddNeighborStep> = defineStep(
  'addNeighbor',
  z
    .strictObject({
      ...stepShape,
      addNeighbor: ipv4.describe('Address of the entry that is added or replaced'),
      to: interfaceText,
      mac: z
        .string({ error: 'expected a MAC address or the machine that has it' })
        .describe(
          'A MAC address, or the machine or interface that has it: "worker02", "worker02/enp1s0"',
        ),
      state: state.exactOptional().describe('PERMANENT when left out'),
    })
    .meta({ id: 'addNeighborStep' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.to, [...path, 'to']);
    const mac = resolveMac(context, raw.mac, [...path, 'mac']);
    if (on === null || mac === null) return null;
    return {
      ...base,
      kind: 'add-neighbor',
      on,
      address: raw.addNeighbor,
      mac: mac.mac,
      state: raw.state ?? 'PERMANENT',
    };
  },
);

/** `removeNeighbor:` as a scenario writes it. */
export const removeNeighbor: StepDefinition<RemoveNeighborStep> = defineStep(
  'removeNeighbor',
  z
    .strictObject({ ...stepShape, removeNeighbor: ipv4, from: interfaceText })
    .meta({ id: 'removeNeighborStep' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.from, [...path, 'from']);
    if (on === null) return null;
    return { ...base, kind: 'remove-neighbor', on, address: raw.removeNeighbor };
  },
);

/** `flushNeighbors:` as a scenario writes it. */
export const flushNeighbors: StepDefinition<FlushNeighborsStep> = defineStep(
  'flushNeighbors',
  z
    .strictObject({
      ...stepShape,
      flushNeighbors: interfaceText.describe(
        'All entries but permanent ones: of "host/interface", or of a host\'s first interface',
      ),
    })
    .meta({ id: 'flushNeighborsStep' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.flushNeighbors, [...path, 'flushNeighbors']);
    return on === null ? null : { ...base, kind: 'flush-neighbors', on };
  },
);
