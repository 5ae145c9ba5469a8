// `addRule` and `removeRule`: `ip rule add|del`.

import { isSameSelector } from '../../stack/ipv4/rule.ts';
import type { RuleSpec } from '../../topology/model.ts';
import type { AddRuleStep, RemoveRuleStep } from '../../topology/steps/rule.ts';
import { ruleLine, ruleRow } from '../../view/rules.ts';
import type { ScenarioState } from '../state.ts';

/** `addRule`; one that is there already stays as it is. */
export function addRule({ lab }: ScenarioState, { machine, rule }: AddRuleStep): void {
  const { fib } = lab.stack(machine);
  const { position: _, priority, ...rest } = rule;
  if (!fib.addRule({ ...rest, ...(priority === null ? {} : { priority }) })) return;
  lab.events.emit(machine, 'rule-added', { rule: described(machine, rule) });
}

/** `removeRule`; nothing happens where there is none. */
export function removeRule({ lab }: ScenarioState, { machine, rule }: RemoveRuleStep): void {
  const removed = lab
    .stack(machine)
    .fib.removeRule(
      (other) =>
        (rule.priority === null || rule.priority === other.priority) &&
        rule.action === other.action &&
        rule.table === other.table &&
        isSameSelector(rule, other),
    );
  if (removed) lab.events.emit(machine, 'rule-removed', { rule: described(machine, rule) });
}

/** 'from 10.1.0.1 lookup 2'. */
function described(machine: string, rule: RuleSpec): string {
  return ruleLine(ruleRow(machine, { ...rule, priority: 0 })).replace(/^0:\t/, '');
}
