// What all kinds of expectation are together: their type, their schema, and how one is read. Those of a
// fabric's objects come with the fabric.

import { z } from 'zod';
import type { FabricExpectation } from '../../fabric/expectation.ts';
import type { FabricSettings } from '../../fabric/plan.ts';
import type { Path } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import { type Dialect, perDialect } from '../dialect.ts';
import type { ExpectationDefinition } from './definition.ts';
import type { ExpectationBase } from './expectation.ts';
import * as kinds from './kinds.ts';

/** One that the fabric checks: what its objects say. */
export interface ObjectExpectation extends ExpectationBase {
  readonly kind: 'object';
  /** `FabricExpectation.keyword`. */
  readonly keyword: string;
  readonly wanted: FabricSettings;
}

/** One expectation of a valid topology, of any kind; `kind` tells which. */
export type Expectation =
  | NonNullable<ReturnType<(typeof kinds)[keyof typeof kinds]['normalize']>>
  | ObjectExpectation;

/** In the order of their keywords: what a namespace enumerates first is not the same everywhere. */
const definitionsIn: (dialect: Dialect) => readonly ExpectationDefinition<Expectation>[] =
  perDialect(({ fabrics }) => {
    const ofFabrics = fabrics.flatMap(({ expectations }) => expectations.map(ofObject));
    return [...Object.values(kinds), ...ofFabrics].sort((a, b) => (a.keyword < b.keyword ? -1 : 1));
  });

function ofObject({
  keyword,
  schema,
  normalize,
}: FabricExpectation): ExpectationDefinition<ObjectExpectation> {
  return {
    keyword,
    schema,
    normalize: (context, raw, base, path) => {
      const wanted = normalize(context, raw, path);
      return wanted === null ? null : { ...base, kind: 'object', keyword, wanted };
    },
  };
}

/** What every expectation is before it is known which one. */
export interface RawExpectation {
  readonly [key: string]: unknown;
}

/** The schemas of all kinds, each by itself. */
export const expectationSchemas: (dialect: Dialect) => readonly z.ZodType<RawExpectation>[] =
  perDialect((dialect) =>
    definitionsIn(dialect).map(({ schema }) => schema as z.ZodType<RawExpectation>),
  );

/** An expectation about one moment: the union of the schemas of all kinds. */
export const expectationSchema: (dialect: Dialect) => z.ZodType<RawExpectation> = perDialect(
  (dialect) => z.union(expectationSchemas(dialect)).meta({ id: 'expectationOfMoment' }),
);

/** `at` is when it is checked. Null when something was wrong, and reported. */
export function normalizeExpectation(
  context: Context,
  raw: RawExpectation,
  at: Nanos,
  path: Path,
): Expectation | null {
  const definitions = definitionsIn(context.dialect);
  const definition = definitions.find(({ keyword }) => Object.hasOwn(raw, keyword));
  if (definition === undefined) return null;
  const base = { position: context.position(path), text: context.text(path) };
  return definition.normalize(context, raw, base, path, at);
}
