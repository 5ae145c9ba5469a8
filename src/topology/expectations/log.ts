// A line that a component has, or has not, logged until now.

import { z } from 'zod';
import { normalizeWindow } from '../targets.ts';
import {
  countComparison,
  defineExpectation,
  type ExpectationDefinition,
  windowShape,
} from './definition.ts';
import type { Comparisons, ExpectationBase, Window } from './expectation.ts';
import { AT_LEAST_ONE } from './expectation.ts';

/** `log:` what a pod of the cluster network has logged. */
export interface LogExpectation extends ExpectationBase {
  readonly kind: 'log';
  /** A part of the line, case and all. */
  readonly contains: string;
  /** A node (its sdn pod), 'controller', a pod name, or null for any source. */
  readonly from: string | null;
  readonly window: Window | null;
  /** By default at least one. */
  readonly count: Comparisons;
}

const CONTROLLER = 'controller';

/** `log:` as a scenario writes it. */
export const log: ExpectationDefinition<LogExpectation> = defineExpectation(
  'log',
  z
    .strictObject({
      log: z.string({ error: 'expected a part of a log line' }).min(1, {
        error: 'expected a part of a log line',
      }),
      from: z
        .string({ error: 'expected the name of a node, or "controller"' })
        .exactOptional()
        .describe(
          'A node (its sdn pod), "controller", or the name of an sdn pod; any of them when left out',
        ),
      count: countComparison.exactOptional().describe('">= 1" when left out; 0: must not appear'),
      ...windowShape,
    })
    .meta({ id: 'logExpectation', description: 'A line that was, or was not, logged so far' }),
  (context, raw, base, path, at) => {
    const from = raw.from ?? null;
    const isPodOfSdn = from?.startsWith('sdn-') ?? false;
    if (
      from !== null &&
      from !== CONTROLLER &&
      !isPodOfSdn &&
      !context.declared.has('node', from)
    ) {
      context.unknown(
        'logger',
        from,
        [...context.declared.names('node'), CONTROLLER],
        [...path, 'from'],
      );
      return null;
    }
    return {
      ...base,
      kind: 'log',
      contains: raw.log,
      from,
      window: normalizeWindow(context, raw, at, path),
      count: raw.count ?? AT_LEAST_ONE,
    };
  },
);
