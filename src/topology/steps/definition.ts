// How a kind of step is declared: the key that marks it, its schema, and what it becomes.

import type { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { duration } from '../../schema/values.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import type { Dialect } from '../dialect.ts';
import type { StepBase } from './step.ts';

/** The key that every step has. */
export const stepShape: { readonly at: z.ZodType<Nanos, string> } = { at: duration };

/** One kind of step; `S` is what it becomes in a valid topology. */
export interface StepDefinition<S extends StepBase = StepBase> {
  /** The key by which a step is of this kind. */
  readonly keyword: string;
  /** What may be written, in one dialect. */
  schema(dialect: Dialect): z.ZodType;
  /** `raw` is what the schema made. Null when something was wrong, and reported. */
  normalize(context: Context, raw: unknown, base: StepBase, path: Path): S | null;
}

/**
 * Declares a kind of step; `normalize` sees what `schema` makes of the YAML. A schema that differs from
 * fabric to fabric is a function.
 */
export function defineStep<S extends StepBase, Schema extends z.ZodType>(
  keyword: string,
  schema: Schema | ((dialect: Dialect) => Schema),
  normalize: (context: Context, raw: z.output<Schema>, base: StepBase, path: Path) => S | null,
): StepDefinition<S> {
  return {
    keyword,
    schema: typeof schema === 'function' ? schema : () => schema,
    // The registry holds all kinds in one list, which forgets whose output is whose.
    normalize: (context, raw, base, path) =>
      normalize(context, raw as z.output<Schema>, base, path),
  };
}
