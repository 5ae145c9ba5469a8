// `arping: 192.168.50.120, from: db/eth0, mode: -D`: iputils arping, as an admin would run it.

import { z } from 'zod';
import { duration, integer, ipv4, name } from '../../schema/values.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** who-has asks; -U announces by requests, -A by replies; -D probes for a duplicate (sender 0.0.0.0). */
export type ArpingMode = 'ask' | 'announce-request' | 'announce-reply' | 'duplicate-detection';

/** Runs iputils' arping on a machine. */
export interface ArpingStep extends StepBase {
  readonly kind: 'arping';
  /** What expectations call it: as given, or 'arping-1' by order. */
  readonly name: string;
  readonly on: InterfaceReference;
  readonly address: Ipv4Address;
  readonly mode: ArpingMode;
  readonly count: number;
  readonly interval: Nanos;
}

const MODES: Readonly<Record<string, ArpingMode>> = {
  '-U': 'announce-request',
  '-A': 'announce-reply',
  '-D': 'duplicate-detection',
};

const mode: z.ZodType<ArpingMode> = z
  .enum(['-U', '-A', '-D'])
  .transform((flag) => MODES[flag] ?? 'ask')
  .meta({ description: '-U and -A announce by requests and replies; -D looks for a duplicate' });

/** `arping:` as a scenario writes it. */
export const arping: StepDefinition<ArpingStep> = defineStep(
  'arping',
  z
    .strictObject({
      ...stepShape,
      arping: ipv4.describe('The address to ask for or to announce'),
      from: z
        .string({ error: 'expected "host/interface"' })
        .describe('"host/interface", or a host for its first interface'),
      mode: mode.exactOptional(),
      count: integer(1, 1_000, 'a number of frames').exactOptional().describe('1 when left out'),
      interval: duration.exactOptional().describe('1s when left out'),
      name: name
        .exactOptional()
        .describe('Name for expectations; arping-1 and so on when left out'),
    })
    .meta({ id: 'arpingStep' }),
  (context, raw, base, path) => {
    const given = raw.name ?? `arping-${context.arpings.size + 1}`;
    if (context.arpings.has(given)) {
      context.report(
        [...path, 'name'],
        `there is already an arping "${given}"`,
        'choose another name',
      );
    }
    context.arpings.add(given);
    const on = context.interface(raw.from, [...path, 'from']);
    if (on === null) return null;
    return {
      ...base,
      kind: 'arping',
      name: given,
      on,
      address: raw.arping,
      mode: raw.mode ?? 'ask',
      count: raw.count ?? 1,
      interval: raw.interval ?? seconds(1),
    };
  },
);
