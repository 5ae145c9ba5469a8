// `impair: db/eth0, loss: 10%`: changes what cables do to frames; `clear: true` puts back what the
// topology says.

import { z } from 'zod';
import { direction, linkShape, writtenProperties } from '../cable.ts';
import type { LinkProperties } from '../model.ts';
import { resolveCable } from '../targets.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { CableDirection, CableTarget, StepBase } from './step.ts';

/** A segment means every cable on it. */
export type ImpairTarget = CableTarget | { readonly kind: 'segment'; readonly segment: string };

/** Changes what a cable does to frames. */
export interface ImpairStep extends StepBase {
  readonly kind: 'impair';
  readonly target: ImpairTarget;
  readonly direction: CableDirection;
  /** First return to what the topology says. */
  readonly clear: boolean;
  /** Then change these. */
  readonly change: Partial<LinkProperties>;
}

/** `impair:` as a scenario writes it. */
export const impair: StepDefinition<ImpairStep> = defineStep(
  'impair',
  z
    .strictObject({
      ...stepShape,
      impair: z
        .string({ error: 'expected "host/interface", a segment or a link' })
        .describe(
          '"host/interface", "kernel/device", the name of a segment (all its cables), or of a link',
        ),
      direction: direction.exactOptional().describe('both when left out'),
      clear: z
        .boolean({ error: 'expected true or false' })
        .exactOptional()
        .describe('First restore what the topology says'),
      ...linkShape,
    })
    .meta({ id: 'impairStep' }),
  (context, raw, base, path) => {
    const target: ImpairTarget | null = context.declared.has('segment', raw.impair)
      ? { kind: 'segment', segment: raw.impair }
      : resolveCable(context, raw.impair, [...path, 'impair'], 'segment');
    const change = writtenProperties(raw);
    const clear = raw.clear ?? false;
    if (!clear && Object.keys(change).length === 0) {
      context.reportMissing(
        path,
        'this impairs nothing',
        'add loss, latency, ..., or "clear: true"',
      );
    }
    if (target === null) return null;
    return { ...base, kind: 'impair', target, direction: raw.direction ?? 'both', clear, change };
  },
);
