// `link: db/eth0, state: down`: a cable loses its carrier, or one direction goes dark silently.

import { z } from 'zod';
import { direction } from '../cable.ts';
import { resolveCable } from '../targets.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { CableDirection, CableTarget, StepBase } from './step.ts';

/** Takes a cable, or one direction of it, down or up. */
export interface LinkStep extends StepBase {
  readonly kind: 'link';
  readonly target: CableTarget;
  readonly up: boolean;
  /** 'both' takes the carrier away; one direction alone loses frames while the carrier stays. */
  readonly direction: CableDirection;
}

/** `link:` as a scenario writes it. */
export const link: StepDefinition<LinkStep> = defineStep(
  'link',
  z
    .strictObject({
      ...stepShape,
      link: z
        .string({ error: 'expected "host/interface" or the name of a link' })
        .describe('"host/interface", "kernel/device", or the name of a link between segments'),
      state: z.enum(['up', 'down']),
      direction: direction
        .exactOptional()
        .describe('both (the default) takes the carrier away; out or in loses frames silently'),
    })
    .meta({ id: 'linkStep' }),
  (context, raw, base, path) => {
    const target = resolveCable(context, raw.link, [...path, 'link']);
    if (target === null) return null;
    const up = raw.state === 'up';
    return { ...base, kind: 'link', target, up, direction: raw.direction ?? 'both' };
  },
);
