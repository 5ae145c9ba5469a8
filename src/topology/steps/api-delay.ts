// `apiDelay: worker02, delay: 17s`: how late the agent of a node hears of the API from now on.

import { z } from 'zod';
import { duration } from '../../schema/values.ts';
import type { Nanos } from '../../sim/time.ts';
import { firstOf } from '../dialect.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Changes how far the view of a node's agent lags behind the API. */
export interface ApiDelayStep extends StepBase {
  readonly kind: 'api-delay';
  readonly node: string;
  readonly delay: Nanos;
}

/** `apiDelay:` as a scenario writes it. */
export const apiDelay: StepDefinition<ApiDelayStep> = defineStep(
  'apiDelay',
  z
    .strictObject({
      ...stepShape,
      apiDelay: z
        .string({ error: 'expected the name of a node' })
        .describe('The node whose agent hears late; of a cluster with OVN-Kubernetes'),
      delay: duration.describe('How late it hears of every change; 0s: at once'),
    })
    .meta({ id: 'apiDelayStep' }),
  (context, { apiDelay: node, delay }, base, path) => {
    const at = [...path, 'apiDelay'];
    if (!context.known(node, at, 'node')) return null;
    const fabric = firstOf(context.dialect.fabrics);
    if (!Object.hasOwn(fabric.section.node, 'apiDelay')) {
      const message = `the agents of ${fabric.kind} have no "apiDelay"`;
      context.report(at, message, 'cut or slow the way of the node with link or impair', 'key');
      return null;
    }
    return { ...base, kind: 'api-delay', node, delay };
  },
);
