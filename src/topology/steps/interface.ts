// `setInterface: db/eth0, state: down`, with `mtu` and `mac`: `ip link set`. Not to be confused with
// `link`, which is about the cable.

import { z } from 'zod';
import { integer, mac } from '../../schema/values.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** What an interface is given. */
export interface SetInterfaceStep extends StepBase {
  readonly kind: 'set-interface';
  readonly on: InterfaceReference;
  /** What is null stays as it is. */
  readonly up: boolean | null;
  readonly mac: MacAddress | null;
  readonly mtu: number | null;
}

/** `setInterface`: `ip link set`. */
export const setInterface: StepDefinition<SetInterfaceStep> = defineStep(
  'setInterface',
  z
    .strictObject({
      ...stepShape,
      setInterface: z
        .string({ error: 'expected "host/interface"' })
        .describe('"host/interface", or a host for its first interface'),
      state: z
        .enum(['up', 'down'])
        .exactOptional()
        .describe('As the administrator wants it; down takes the routes along'),
      mac: mac.exactOptional(),
      mtu: integer(68, 65_535, 'an MTU, 68 to 65535').exactOptional(),
    })
    .meta({ id: 'setInterfaceStep', description: 'ip link set' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.setInterface, [...path, 'setInterface']);
    const up = raw.state === undefined ? null : raw.state === 'up';
    if (up === null && raw.mac === undefined && raw.mtu === undefined) {
      context.reportMissing(path, 'this sets nothing', 'add state, mac or mtu');
      return null;
    }
    if (on === null) return null;
    return { ...base, kind: 'set-interface', on, up, mac: raw.mac ?? null, mtu: raw.mtu ?? null };
  },
);
