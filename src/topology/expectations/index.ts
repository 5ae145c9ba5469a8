// What all kinds of expectation are together: their type, their schema, and how one is read.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import type { ExpectationDefinition } from './definition.ts';
import * as kinds from './kinds.ts';

/** One expectation of a valid topology, of any kind; `kind` tells which. */
export type Expectation = NonNullable<ReturnType<(typeof kinds)[keyof typeof kinds]['normalize']>>;

/** In the order of their keywords: what a namespace enumerates first is not the same everywhere. */
const DEFINITIONS: readonly ExpectationDefinition<Expectation>[] = Object.values(kinds).sort(
  (a, b) => (a.keyword < b.keyword ? -1 : 1),
);

/** What every expectation is before it is known which one. */
export interface RawExpectation {
  readonly [key: string]: unknown;
}

/** Any expectation as the file has it: the union of the schemas of all kinds. */
export const expectationSchema: z.ZodType<RawExpectation> = z
  .union(DEFINITIONS.map(({ schema }) => schema as z.ZodType<RawExpectation>))
  .meta({ id: 'expectation' });

/** `at` is when it is checked. Null when something was wrong, and reported. */
export function normalizeExpectation(
  context: Context,
  raw: RawExpectation,
  at: Nanos,
  path: Path,
): Expectation | null {
  const definition = DEFINITIONS.find(({ keyword }) => Object.hasOwn(raw, keyword));
  if (definition === undefined) return null;
  const base = { position: context.position(path), text: context.text(path) };
  return definition.normalize(context, raw, base, path, at);
}
