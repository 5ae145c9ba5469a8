// `node:`: whether the API shows a node as Ready.

import { z } from 'zod';
import { defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { ExpectationBase } from './expectation.ts';

/** `node:` whether a node is Ready. */
export interface NodeExpectation extends ExpectationBase {
  readonly kind: 'node';
  readonly node: string;
  readonly ready: boolean;
}

/** `node:` as a scenario writes it. */
export const node: ExpectationDefinition<NodeExpectation> = defineExpectation(
  'node',
  z
    .strictObject({
      node: z.string({ error: 'expected the name of a node' }),
      ready: z.boolean({ error: 'expected true or false' }),
    })
    .meta({ id: 'nodeExpectation', description: 'Whether the API shows the node as Ready' }),
  (context, raw, base, path) =>
    context.known(raw.node, [...path, 'node'], 'node')
      ? { ...base, kind: 'node', node: raw.node, ready: raw.ready }
      : null,
);
