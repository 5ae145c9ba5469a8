// `start: web-to-db` and `stop: web-to-db`: sets a flow going, or ends it.

import { z } from 'zod';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Starts a flow. */
export interface StartStep extends StepBase {
  readonly kind: 'start';
  readonly flow: string;
}

/** Stops a flow. */
export interface StopStep extends StepBase {
  readonly kind: 'stop';
  readonly flow: string;
}

const flowName = z.string({ error: 'expected the name of a flow' });

/** `start:` as a scenario writes it. */
export const start: StepDefinition<StartStep> = defineStep(
  'start',
  z
    .strictObject({ ...stepShape, start: flowName.describe('Starts this flow') })
    .meta({ id: 'startStep' }),
  (context, { start: flow }, base, path) =>
    context.known(flow, [...path, 'start'], 'flow') ? { ...base, kind: 'start', flow } : null,
);

/** `stop:` as a scenario writes it. */
export const stop: StepDefinition<StopStep> = defineStep(
  'stop',
  z
    .strictObject({ ...stepShape, stop: flowName.describe('Stops this flow') })
    .meta({ id: 'stopStep' }),
  (context, { stop: flow }, base, path) =>
    context.known(flow, [...path, 'stop'], 'flow') ? { ...base, kind: 'stop', flow } : null,
);
