// What all kinds of step are together: their type, their schema, and how one is read.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import { type Dialect, perDialect } from '../dialect.ts';
import type { StepDefinition } from './definition.ts';
import * as kinds from './kinds.ts';

/** One step of a valid topology, of any kind; `kind` tells which. */
export type Step = NonNullable<ReturnType<(typeof kinds)[keyof typeof kinds]['normalize']>>;

/** In the order of their keywords: what a namespace enumerates first is not the same everywhere. */
const DEFINITIONS: readonly StepDefinition<Step>[] = Object.values(kinds).sort((a, b) =>
  a.keyword < b.keyword ? -1 : 1,
);

/** What every step is before it is known which one. */
export interface RawStep {
  readonly at: Nanos;
  readonly [key: string]: unknown;
}

/** Any step as the file has it: the union of the schemas of all kinds. */
export const stepSchema: (dialect: Dialect) => z.ZodType<RawStep> = perDialect((dialect) =>
  z
    .union(DEFINITIONS.map((each) => each.schema(dialect) as z.ZodType<RawStep>))
    .meta({ id: 'step' }),
);

/** Null when something was wrong, and reported. */
export function normalizeStep(context: Context, raw: RawStep, path: Path): Step | null {
  const definition = DEFINITIONS.find(({ keyword }) => Object.hasOwn(raw, keyword));
  if (definition === undefined) return null;
  const base = { at: raw.at, position: context.position(path), text: context.text(path, 'at') };
  return definition.normalize(context, raw, base, path);
}

/** The kind of step that this key marks, or null. */
export function stepDefinition(keyword: string): StepDefinition<Step> | null {
  return DEFINITIONS.find((definition) => definition.keyword === keyword) ?? null;
}
