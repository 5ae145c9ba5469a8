// `expect: {...}` or a list of them: checked at that moment, the run goes on either way.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { oneOrMore } from '../../schema/values.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import type { Dialect } from '../dialect.ts';
import type { Expectation } from '../expectations/index.ts';
import {
  expectationSchemas,
  normalizeExpectation,
  type RawExpectation,
} from '../expectations/index.ts';
import {
  normalizePropertyExpectation,
  type PropertyExpectation,
  propertyExpectationSchema,
  type RawPropertyExpectation,
} from '../properties/property.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Looks whether things are as expected. */
export interface ExpectStep extends StepBase {
  readonly kind: 'expect';
  readonly expectations: readonly (Expectation | PropertyExpectation)[];
}

/** `expect:` as a scenario writes it. */
export const expect: StepDefinition<ExpectStep> = defineStep(
  'expect',
  (dialect: Dialect) =>
    z
      .strictObject({
        ...stepShape,
        expect: oneOrMore<RawExpectation | RawPropertyExpectation>(
          z
            .union([...expectationSchemas(dialect), propertyExpectationSchema(dialect)])
            .meta({ id: 'expectation' }),
        ).describe('Checked at this moment: one, or a list'),
      })
      .meta({ id: 'expectStep' }),
  (context, { expect: given }, base, path) => {
    const at = [...path, 'expect'];
    const list = context.isList(at);
    return {
      ...base,
      kind: 'expect',
      expectations: given.flatMap(
        (raw, index) => normalizeEither(context, raw, base.at, list ? [...at, index] : at) ?? [],
      ),
    };
  },
);

function normalizeEither(
  context: Context,
  raw: RawExpectation | RawPropertyExpectation,
  at: Nanos,
  path: Path,
): Expectation | PropertyExpectation | null {
  return isProperty(raw)
    ? normalizePropertyExpectation(context, raw, at, path)
    : normalizeExpectation(context, raw, at, path);
}

function isProperty(raw: RawExpectation | RawPropertyExpectation): raw is RawPropertyExpectation {
  return Object.hasOwn(raw, 'property');
}
