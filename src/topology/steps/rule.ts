// `addRule: { from: 10.1.0.1, table: 2 }, on: router` and `removeRule`, as `ip rule` does.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Context } from '../context.ts';
import type { RuleSpec } from '../model.ts';
import { normalizeRule, type RawRule, ruleSchema } from '../rules.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Adds a rule of policy routing, as `ip rule add`. */
export interface AddRuleStep extends StepBase {
  readonly kind: 'add-rule';
  readonly machine: string;
  readonly rule: RuleSpec;
}

/** Of the rules that look for this and do this, the first goes; of any priority if none is given. */
export interface RemoveRuleStep extends StepBase {
  readonly kind: 'remove-rule';
  readonly machine: string;
  readonly rule: RuleSpec;
}

const on: z.ZodType<string> = z.string({ error: 'expected the name of a host or node' });

/** `addRule:` as a scenario writes it. */
export const addRule: StepDefinition<AddRuleStep> = defineStep(
  'addRule',
  z
    .strictObject({ ...stepShape, addRule: ruleSchema.describe('As under "rules"'), on })
    .meta({ id: 'addRuleStep' }),
  (context, raw, base, path) => {
    const rule = read(context, raw.addRule, raw.on, path, 'addRule');
    return rule === null ? null : { ...base, kind: 'add-rule', machine: raw.on, rule };
  },
);

/** `removeRule:` as a scenario writes it. */
export const removeRule: StepDefinition<RemoveRuleStep> = defineStep(
  'removeRule',
  z
    .strictObject({
      ...stepShape,
      removeRule: ruleSchema.describe('As it was added; of any priority when that is left out'),
      on,
    })
    .meta({ id: 'removeRuleStep' }),
  (context, raw, base, path) => {
    const rule = read(context, raw.removeRule, raw.on, path, 'removeRule');
    return rule === null ? null : { ...base, kind: 'remove-rule', machine: raw.on, rule };
  },
);

function read(
  context: Context,
  raw: RawRule,
  machine: string,
  path: Path,
  keyword: string,
): RuleSpec | null {
  if (!context.known(machine, [...path, 'on'], 'host', 'node')) return null;
  return normalizeRule(context, raw, context.declared.interfaces(machine), [...path, keyword]);
}
