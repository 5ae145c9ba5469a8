// One line of `ip rule`: what it looks at, and what it does with what fits.

import {
  ANY_ADDRESS,
  cidrContains,
  type Ipv4Address,
  type Ipv4Cidr,
  networkOf,
} from '../../wire/ipv4-address.ts';
import type { Interface } from '../device/interface.ts';

/** The tables that have names (enum rt_class_t). */
export const TableId = { Default: 253, Main: 254, Local: 255 } as const;

/**
 * FR_ACT_…: a table is asked, and the next rule if that has no route; or the way ends here, for a
 * router with the ICMP error of the same name (a blackhole says nothing).
 */
export type RuleAction = 'lookup' | 'unreachable' | 'prohibit' | 'blackhole';

/** What a packet must have to fit a rule; null: anything. */
export interface RuleSelector {
  readonly from: Ipv4Cidr | null;
  readonly to: Ipv4Cidr | null;
  /** Where it came in; 'lo': it is of this host itself. */
  readonly iif: string | null;
  /** The interface to which its socket is bound; what is forwarded has none. */
  readonly oif: string | null;
  /** Of the packet's mark, the bits of `mask` are these. */
  readonly fwmark: { readonly mark: number; readonly mask: number } | null;
}

/** One rule. */
export interface Rule extends RuleSelector {
  /** The lower is asked first; among equals the older. */
  readonly priority: number;
  readonly action: RuleAction;
  /** For 'lookup'; otherwise 0. */
  readonly table: number;
}

/** A rule for every packet. */
export function tableRule(priority: number, table: number): Rule {
  return {
    priority,
    from: null,
    to: null,
    iif: null,
    oif: null,
    fwmark: null,
    action: 'lookup',
    table,
  };
}

/** Whether a rule is for every packet. */
export function isUnconditional({ from, to, iif, oif, fwmark }: RuleSelector): boolean {
  return from === null && to === null && iif === null && oif === null && fwmark === null;
}

/** fib_rule_match and fib4_rule_match: `source` 0 is not chosen yet, and fits no rule with "from". */
export function ruleMatches(
  rule: RuleSelector,
  destination: Ipv4Address,
  source: Ipv4Address,
  mark: number,
  ingress: Interface | null,
  egress: Interface | null,
): boolean {
  const { from, to, iif, oif, fwmark } = rule;
  if (iif !== null && iif !== (ingress === null ? 'lo' : ingress.name)) return false;
  if (oif !== null && oif !== egress?.name) return false;
  if (fwmark !== null && ((mark ^ fwmark.mark) & fwmark.mask) !== 0) return false;
  if (from !== null && !cidrContains(from, source)) return false;
  return to === null || cidrContains(to, destination);
}

/** rule_exists: the same place, the same packets, the same action. */
export function isSameRule(a: Rule, b: Rule): boolean {
  return (
    a.priority === b.priority &&
    a.action === b.action &&
    a.table === b.table &&
    isSameSelector(a, b)
  );
}

/** Whether two rules look for the same. */
export function isSameSelector(a: RuleSelector, b: RuleSelector): boolean {
  return (
    a.iif === b.iif &&
    a.oif === b.oif &&
    a.fwmark?.mark === b.fwmark?.mark &&
    a.fwmark?.mask === b.fwmark?.mask &&
    isSameNetwork(a.from, b.from) &&
    isSameNetwork(a.to, b.to)
  );
}

function isSameNetwork(a: Ipv4Cidr | null, b: Ipv4Cidr | null): boolean {
  const length = a?.prefixLength ?? 0;
  if (length !== (b?.prefixLength ?? 0)) return false;
  return (a === null ? ANY_ADDRESS : networkOf(a)) === (b === null ? ANY_ADDRESS : networkOf(b));
}
