// `property: never-two-answer`, `property: outage<45s`, or one of the user's own, made of an expectation:
// `property: { name: db-knows, never: { neighbor: db, ... }, within: 5s }`. Where a scenario expects one, it is
// watched from time zero on.

import { z } from 'zod';
import { formatDuration, parseDuration } from '../../base/quantity.ts';
import type { Path } from '../../schema/position.ts';
import { duration, leaf, name } from '../../schema/values.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import { type Dialect, perDialect } from '../dialect.ts';
import type { ExpectationBase } from '../expectations/expectation.ts';
import {
  type Expectation,
  expectationSchema,
  normalizeExpectation,
  type RawExpectation,
} from '../expectations/index.ts';
import { isPropertyName, PROPERTY_NAMES, PROPERTY_WORDS, type PropertyName } from './words.ts';

/** One that the lab knows, with how long its bad state may last. */
export interface KnownProperty {
  readonly kind: 'known';
  readonly name: PropertyName;
  readonly allowance: Nanos;
}

/**
 * One of the user's own. `always`: the expectation never fails for `allowance` or longer. `never`: it never
 * holds so long. `eventually`: it holds at the end, if the last change lies `allowance` or more back.
 */
export interface OwnProperty {
  readonly kind: 'own';
  readonly name: string;
  readonly form: 'always' | 'never' | 'eventually';
  readonly expectation: Expectation;
  readonly allowance: Nanos;
}

/** What must hold over time. */
export type Property = KnownProperty | OwnProperty;

/** `property:` in an `expect` step. */
export interface PropertyExpectation extends ExpectationBase {
  readonly kind: 'property';
  readonly property: Property;
}

/** A property as it is written. */
export type RawProperty =
  | KnownProperty
  | {
      readonly name: string;
      readonly always?: RawExpectation;
      readonly never?: RawExpectation;
      readonly eventually?: RawExpectation;
      readonly within?: Nanos;
    };

/** `{ property: ... }` as it is written. */
export interface RawPropertyExpectation {
  readonly property: RawProperty;
}

const EXPECTED = `a property such as never-two-answer or "outage<45s" (${PROPERTY_NAMES.join(', ')})`;
/** How long an `eventually` waits when it does not say. */
const SETTLED: Nanos = seconds(35);

/** Reads 'outage<45s'; null for what is no property. */
export function parseProperty(text: string): KnownProperty | null {
  const match = /^\s*([a-z-]+)\s*(?:<\s*(\S+))?\s*$/.exec(text);
  const [, word = '', bound] = match ?? [];
  if (!isPropertyName(word)) return null;
  const allowance = bound === undefined ? PROPERTY_WORDS[word].allowance : parseDuration(bound);
  return allowance === null ? null : { kind: 'known', name: word, allowance };
}

/** As it would be written: 'outage<45s', or the name alone where nothing else was said. */
export function propertyText(property: Property): string {
  const { allowance, name: word } = property;
  if (property.kind === 'own') return word;
  const isUsual = PROPERTY_WORDS[property.name].allowance === allowance;
  return isUsual ? word : `${word}<${formatDuration(allowance)}`;
}

/** A property in one dialect. */
export const propertySchema: (dialect: Dialect) => z.ZodType<RawProperty> = perDialect(
  (dialect) => {
    const expectation = expectationSchema(dialect);
    const own = z
      .strictObject({
        name: name.describe('What findings call it'),
        always: expectation.exactOptional().describe('Does not fail for so long as "within"'),
        never: expectation.exactOptional().describe('Does not hold for so long as "within"'),
        eventually: expectation
          .exactOptional()
          .describe('Holds at the end, when the last change lies "within" or more back'),
        within: duration.exactOptional().describe('0s when left out, 35s for "eventually"'),
      })
      .meta({ id: 'ownProperty', description: 'A property made of an expectation' });
    return z.union([
      leaf('property', EXPECTED, ['never-two-answer', 'outage<45s'], parseProperty),
      own,
    ]);
  },
);

/** An `expect` of a property, in one dialect. */
export const propertyExpectationSchema: (dialect: Dialect) => z.ZodType<RawPropertyExpectation> =
  perDialect((dialect) =>
    z
      .strictObject({
        property: propertySchema(dialect).describe('Held from time zero to this moment'),
      })
      .meta({ id: 'propertyExpectation', description: 'A property that held so far' }),
  );

/** Null when something was wrong, and reported. */
export function normalizeProperty(
  context: Context,
  raw: RawProperty,
  at: Nanos,
  path: Path,
): Property | null {
  if ('kind' in raw) return raw;
  const form = context.exactlyOne(raw, ['always', 'never', 'eventually'], path);
  const given = form === null ? undefined : raw[form];
  if (form === null || given === undefined) return null;
  const expectation = normalizeExpectation(context, given, at, [...path, form]);
  if (expectation === null) return null;
  const allowance = raw.within ?? (form === 'eventually' ? SETTLED : 0);
  return { kind: 'own', name: raw.name, form, expectation, allowance };
}

/** An `expect` of a property. Null when something was wrong, and reported. */
export function normalizePropertyExpectation(
  context: Context,
  { property: raw }: RawPropertyExpectation,
  at: Nanos,
  path: Path,
): PropertyExpectation | null {
  const property = normalizeProperty(context, raw, at, [...path, 'property']);
  if (property === null) return null;
  const base = { position: context.position(path), text: context.text(path) };
  return { ...base, kind: 'property', property };
}
