// The rules of a machine's policy routing, as rows and as `ip rule` prints them.

import { type Rule, type RuleAction, TableId, tableRule } from '../stack/ipv4/rule.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatCidr, formatIpv4, type Ipv4Cidr } from '../wire/ipv4-address.ts';

/** One rule; what is null fits anything. */
export interface RuleRow {
  readonly machine: string;
  /** The lower is asked first. */
  readonly priority: number;
  /** '10.1.0.0/24'; an address alone where it is one. */
  readonly from: string | null;
  readonly to: string | null;
  /** Where the packet came in; 'lo': it is the machine's own. */
  readonly iif: string | null;
  /** The interface to which its socket is bound. */
  readonly oif: string | null;
  /** '0x9', '0x100/0xff00'. */
  readonly fwmark: string | null;
  readonly action: RuleAction;
  /** 'main', 'local', 'default' or a number, for 'lookup'; otherwise null. */
  readonly table: string | null;
}

/** The rules of a machine, in the order in which they are asked. */
export function ruleRows({ name, fib }: NetworkStack): RuleRow[] {
  const rules = [tableRule(0, TableId.Local), ...fib.rules];
  return rules.map((rule) => ruleRow(name, rule));
}

/** One rule of `machine`. */
export function ruleRow(machine: string, rule: Rule): RuleRow {
  const { action, from, fwmark, iif, oif, priority, table, to } = rule;
  return {
    machine,
    priority,
    from: from === null ? null : shortCidr(from),
    to: to === null ? null : shortCidr(to),
    iif,
    oif,
    fwmark: fwmark === null ? null : formatMark(fwmark),
    action,
    table: action === 'lookup' ? tableName(table) : null,
  };
}

/** One line of `ip rule`. */
export function ruleLine(row: RuleRow): string {
  const parts = [`from ${row.from ?? 'all'}`];
  if (row.to !== null) parts.push(`to ${row.to}`);
  if (row.fwmark !== null) parts.push(`fwmark ${row.fwmark}`);
  if (row.iif !== null) parts.push(`iif ${row.iif}`);
  if (row.oif !== null) parts.push(`oif ${row.oif}`);
  parts.push(row.table === null ? row.action : `lookup ${row.table}`);
  return `${row.priority}:\t${parts.join(' ')}`;
}

/** As iproute2 names tables. */
export function tableName(id: number): string {
  if (id === TableId.Main) return 'main';
  if (id === TableId.Default) return 'default';
  return id === TableId.Local ? 'local' : String(id);
}

function formatMark({ mark, mask }: NonNullable<Rule['fwmark']>): string {
  const all = mask === 0xffff_ffff;
  return `0x${mark.toString(16)}${all ? '' : `/0x${mask.toString(16)}`}`;
}

function shortCidr(cidr: Ipv4Cidr): string {
  return cidr.prefixLength === 32 ? formatIpv4(cidr.address) : formatCidr(cidr);
}
