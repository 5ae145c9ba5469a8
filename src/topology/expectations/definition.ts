// How a kind of expectation is declared: the key that marks it, its schema, and what it becomes.

import { z } from 'zod';
import { parseDuration } from '../../base/quantity.ts';
import type { Path } from '../../schema/position.ts';
import { duration, leaf, type Optional, parsePercentage } from '../../schema/values.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import type { Comparison, Comparisons, ExpectationBase, Operator } from './expectation.ts';

/** One kind of expectation; `E` is what it becomes in a valid topology. */
export interface ExpectationDefinition<E extends ExpectationBase = ExpectationBase> {
  /** The key by which an expectation is of this kind. */
  readonly keyword: string;
  readonly schema: z.ZodType;
  /** `raw` is what the schema made, `at` when it is checked. Null when something was wrong, and reported. */
  normalize(context: Context, raw: unknown, base: ExpectationBase, path: Path, at: Nanos): E | null;
}

/** Declares a kind of expectation; `normalize` sees what `schema` makes of the YAML. */
export function defineExpectation<E extends ExpectationBase, Schema extends z.ZodType>(
  keyword: string,
  schema: Schema,
  normalize: (
    context: Context,
    raw: z.output<Schema>,
    base: ExpectationBase,
    path: Path,
    at: Nanos,
  ) => E | null,
): ExpectationDefinition<E> {
  return {
    keyword,
    schema,
    // The registry holds all kinds in one list, which forgets whose output is whose.
    normalize: (context, raw, base, path, at) =>
      normalize(context, raw as z.output<Schema>, base, path, at),
  };
}

/** The keys that say which time counts, to be spread into a schema. */
export const windowShape: {
  readonly between: Optional<readonly Nanos[]>;
  readonly since: Optional<Nanos>;
} = {
  between: z
    .array(duration, { error: 'expected a list of two times' })
    .length(2, { error: 'expected a list of two times' })
    .exactOptional()
    .describe('Only what happened from the first time to just before the second'),
  since: duration.exactOptional().describe('Only what happened from this time on'),
};

/** How many: 3, '>= 3' or '>= 3, < 10'. */
export const countComparison: z.ZodType<Comparisons> = comparison(
  'countComparison',
  'a number or a comparison, such as ">= 10"',
  ['>= 10', '0', '> 3, < 10'],
  (text) => (/^\d{1,15}$/.test(text) ? Number(text) : null),
);

/** How long: '< 25s'. */
export const durationComparison: z.ZodType<Comparisons> = comparison(
  'durationComparison',
  'a comparison with a duration, such as "< 25s"',
  ['< 25s', '>= 1s, < 3s'],
  parseDuration,
);

/** How large a part: '< 10%' or '< 0.1'. */
export const ratioComparison: z.ZodType<Comparisons> = comparison(
  'ratioComparison',
  'a comparison with a ratio, such as "< 10%"',
  ['< 10%', '<= 0.5'],
  (text) => {
    if (text.includes('%')) return parsePercentage(text);
    return /^[01](\.\d+)?$/.test(text) && Number(text) <= 1 ? Number(text) : null;
  },
);

function comparison(
  id: string,
  expected: string,
  examples: readonly string[],
  parse: (text: string) => number | null,
): z.ZodType<Comparisons> {
  const texts = leaf(id, expected, examples, (text) => parseComparisons(text, parse));
  const error = `expected ${expected}`;
  return z.union([
    z.number({ error }).transform((value, context) => {
      const plain = parse(String(value));
      if (plain !== null) return [{ operator: '==' as const, value: plain }];
      context.issues.push({ code: 'custom', message: error, input: value });
      return z.NEVER;
    }),
    texts,
  ]);
}

function parseComparisons(
  text: string,
  parse: (text: string) => number | null,
): Comparisons | null {
  const comparisons: Comparison[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(<=|>=|==|!=|<|>|=)?\s*([^<>=!]*?)\s*$/.exec(part);
    const value = parse(match?.[2] ?? '');
    if (value === null) return null;
    comparisons.push({ operator: operatorOf(match?.[1]), value });
  }
  return comparisons;
}

function operatorOf(text: string | undefined): Operator {
  switch (text) {
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '!=':
      return text;
    default:
      return '==';
  }
}
