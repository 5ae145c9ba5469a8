// The host firewall, iptables' filter table: three chains of rules, first match wins, and a policy
// for what matches none. Left out: user-defined chains, LOG, limits.

import type { RulePlace } from '../../link/drop-place.ts';
import type { DropReason } from '../../link/drop-reason.ts';
import { HookPoint, HookPriority } from '../../stack/hooks.ts';
import { type Packet, Verdict } from '../../stack/packet.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import { NatDrop } from '../drop-reason.ts';
import { reject } from './reject.ts';
import { FilterRule, type FilterRuleSpec } from './rule.ts';
import { RuleList } from './rule-list.ts';

/** What is for this host, what it forwards, what it sends. */
export type ChainName = 'input' | 'forward' | 'output';

/** One chain of the filter table: rules and a policy. */
export class FilterChain {
  readonly name: ChainName;
  readonly rules: RuleList<FilterRule> = new RuleList<FilterRule>();
  /** For packets that match no rule. */
  policy: 'accept' | 'drop' = 'accept';
  readonly #stack: NetworkStack;
  readonly #requireConntrack: () => void;
  /** Of drops by the policy, and by rules without a comment. */
  readonly #place: RulePlace;

  /** Use `Netfilter.filter`. */
  constructor(name: ChainName, stack: NetworkStack, requireConntrack: () => void) {
    this.name = name;
    this.#place = { kind: 'rule', chain: name, comment: null };
    this.#stack = stack;
    this.#requireConntrack = requireConntrack;
  }

  /** `iptables -A`. The rule returned is what `rules.remove` takes. */
  append(spec: FilterRuleSpec): FilterRule {
    if (spec.match.states !== undefined) this.#requireConntrack();
    return this.rules.append(new FilterRule(spec));
  }

  /** `iptables -I`: before all others. */
  prepend(spec: FilterRuleSpec): FilterRule {
    if (spec.match.states !== undefined) this.#requireConntrack();
    return this.rules.prepend(new FilterRule(spec));
  }

  /** Right behind a rule of this chain. */
  insertAfter(anchor: FilterRule, spec: FilterRuleSpec): FilterRule {
    if (spec.match.states !== undefined) this.#requireConntrack();
    return this.rules.insertAfter(anchor, new FilterRule(spec));
  }

  /** Decides on a packet and answers it if a rule says so. */
  judge(packet: Packet): Verdict {
    const { entries } = this.rules;
    for (let i = 0; i < entries.length; i++) {
      const rule = entries[i];
      if (rule?.matches(packet) !== true) continue;
      rule.packets++;
      if (rule.action === 'accept') return Verdict.Accept;
      if (rule.action === 'drop') return this.#drop(NatDrop.FilterDrop, packet, rule);
      reject(this.#stack, packet, rule.rejectWith, rule.rejection);
      return this.#drop(NatDrop.FilterReject, packet, rule);
    }
    if (this.policy === 'accept') return Verdict.Accept;
    return this.#drop(NatDrop.FilterDrop, packet, null);
  }

  #drop(reason: DropReason, packet: Packet, rule: FilterRule | null): Verdict {
    const comment = rule?.comment ?? null;
    const where = comment === null ? this.#place : { ...this.#place, comment };
    this.#stack.drops.count(reason, where, packet.frame);
    return Verdict.Drop;
  }
}

/** The filter table of one host. */
export class Filter {
  readonly input: FilterChain;
  readonly forward: FilterChain;
  readonly output: FilterChain;

  /** `requireConntrack` is called before the first rule that asks for connection states. */
  constructor(stack: NetworkStack, requireConntrack: () => void) {
    this.input = new FilterChain('input', stack, requireConntrack);
    this.forward = new FilterChain('forward', stack, requireConntrack);
    this.output = new FilterChain('output', stack, requireConntrack);
    const { hooks } = stack;
    const priority = HookPriority.Filter;
    hooks.register(HookPoint.Input, priority, (packet) => this.input.judge(packet));
    hooks.register(HookPoint.Forward, priority, (packet) => this.forward.judge(packet));
    hooks.register(HookPoint.Output, priority, (packet) => this.output.judge(packet));
  }

  chain(name: ChainName): FilterChain {
    switch (name) {
      case 'input':
        return this.input;
      case 'forward':
        return this.forward;
      case 'output':
        return this.output;
    }
  }
}
