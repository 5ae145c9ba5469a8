// `expect: {...}` or a list of them: checked at that moment, the run goes on either way.

import { z } from 'zod';
import { oneOrMore } from '../../schema/values.ts';
import type { Dialect } from '../dialect.ts';
import type { Expectation } from '../expectations/index.ts';
import { expectationSchema, normalizeExpectation } from '../expectations/index.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Looks whether things are as expected. */
export interface ExpectStep extends StepBase {
  readonly kind: 'expect';
  readonly expectations: readonly Expectation[];
}

/** `expect:` as a scenario writes it. */
export const expect: StepDefinition<ExpectStep> = defineStep(
  'expect',
  (dialect: Dialect) =>
    z
      .strictObject({
        ...stepShape,
        expect: oneOrMore(expectationSchema(dialect)).describe(
          'Checked at this moment: one, or a list',
        ),
      })
      .meta({ id: 'expectStep' }),
  (context, { expect: given }, base, path) => {
    const at = [...path, 'expect'];
    const list = context.isList(at);
    return {
      ...base,
      kind: 'expect',
      expectations: given.flatMap(
        (raw, index) =>
          normalizeExpectation(context, raw, base.at, list ? [...at, index] : at) ?? [],
      ),
    };
  },
);
