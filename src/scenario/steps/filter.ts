// `addFirewall`, `removeFirewall`, `addSnat`, `removeSnat`: iptables, while the lab runs.

import { firewallRule, snatRule } from '../../lab/packet-filter.ts';
import { FilterRule } from '../../nat/filter/rule.ts';
import { SnatRule } from '../../nat/snat/rule.ts';
import type {
  AddFirewallStep,
  AddSnatStep,
  RemoveFirewallStep,
  RemoveSnatStep,
} from '../../topology/steps/filter.ts';
import type { ScenarioState } from '../state.ts';

/** What iptables says when there is no such rule. */
const BAD_RULE = 'Bad rule (does a matching rule exist in that chain?)';

/** `addFirewall`: `iptables -A` or `-I`. */
export function addFirewall({ lab }: ScenarioState, step: AddFirewallStep): void {
  const { netfilter } = lab.machine(step.machine);
  const chain = netfilter.filter.chain(step.rule.chain);
  const spec = firewallRule(step.rule);
  const rule = step.where === 'first' ? chain.prepend(spec) : chain.append(spec);
  const text = `${chain.name.toUpperCase()} ${rule.text}`;
  lab.events.emit(step.machine, 'firewall-changed', { change: 'added', rule: text });
}

/** `removeFirewall`: `iptables -D`. */
export function removeFirewall({ lab }: ScenarioState, step: RemoveFirewallStep): void {
  const { netfilter } = lab.machine(step.machine);
  const { name, rules } = netfilter.filter.chain(step.rule.chain);
  const wanted = new FilterRule(firewallRule(step.rule)).text;
  const rule = rules.entries.find(({ text }) => text === wanted);
  const text = `${name.toUpperCase()} ${wanted}`;
  if (rule !== undefined && rules.remove(rule)) {
    lab.events.emit(step.machine, 'firewall-changed', { change: 'removed', rule: text });
  } else {
    const command = `iptables -D ${text}`;
    lab.events.emit(step.machine, 'command-failed', { command, error: BAD_RULE });
  }
}

/** `addSnat`: `iptables -t nat -A POSTROUTING` or `-I`. */
export function addSnat({ lab }: ScenarioState, step: AddSnatStep): void {
  const { machine, interface: name } = step.on;
  const { snat } = lab.machine(machine).netfilter;
  const rules = step.where === 'first' ? [...step.rules].reverse() : step.rules;
  for (const given of rules) {
    const spec = snatRule(given, name);
    const { text } = step.where === 'first' ? snat.prepend(spec) : snat.append(spec);
    lab.events.emit(machine, 'snat-changed', { change: 'added', rule: text });
  }
}

/** `removeSnat`: `iptables -t nat -D POSTROUTING`; connections keep what they have. */
export function removeSnat({ lab }: ScenarioState, step: RemoveSnatStep): void {
  const { machine, interface: name } = step.on;
  const { snat } = lab.machine(machine).netfilter;
  for (const given of step.rules) {
    const wanted = new SnatRule(snatRule(given, name)).text;
    const rule = snat.rules.entries.find(({ text }) => text === wanted);
    if (rule !== undefined && snat.rules.remove(rule)) {
      lab.events.emit(machine, 'snat-changed', { change: 'removed', rule: wanted });
    } else {
      const command = `iptables -t nat -D POSTROUTING ${wanted}`;
      lab.events.emit(machine, 'command-failed', { command, error: BAD_RULE });
    }
  }
}
