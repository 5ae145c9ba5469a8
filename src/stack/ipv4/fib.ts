// Policy routing, the routing policy database of `ip rule`: rules in the order of their priority say
// which table is asked (net/core/fib_rules.c, net/ipv4/fib_rules.c). Without rules of one's own the
// main table answers at once. The local table, priority 0, is the address table, which is asked first.

import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Interface } from '../device/interface.ts';
import { type ResolvedRoute, type Route, RouteTable, type RouteType } from './route-table.ts';
import { isSameRule, isUnconditional, type Rule, ruleMatches, TableId, tableRule } from './rule.ts';

/** RT_TABLE_MAIN and RT_TABLE_DEFAULT, as every network begins (fib_default_rules_init). */
const MAIN_PRIORITY = 32_766;
const DEFAULT_PRIORITY = 32_767;
const INITIAL_RULES: readonly Rule[] = [
  tableRule(MAIN_PRIORITY, TableId.Main),
  tableRule(DEFAULT_PRIORITY, TableId.Default),
];

/** The routing tables of one host, and the rules that choose among them. */
export class Fib {
  /** `ip route`: the table that has every route without another table. */
  readonly main: RouteTable = new RouteTable(() => this.flush());
  readonly #tables = new Map<number, RouteTable>([[TableId.Main, this.main]]);
  readonly #rules: Rule[] = [...INITIAL_RULES];
  #prohibited: ResolvedRoute | null = null;
  #blackhole: ResolvedRoute | null = null;
  #plain = true;
  #customized = false;

  /** By priority; the local table, priority 0, is not among them. */
  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Whether rules were ever changed: the kernel then looks closer at sources (fib_has_custom_rules). */
  get customized(): boolean {
    return this.#customized;
  }

  /** A table by its number, made when it is first named. */
  table(id: number): RouteTable {
    const known = this.#tables.get(id);
    if (known !== undefined) return known;
    const table = new RouteTable(() => this.flush());
    this.#tables.set(id, table);
    this.#judge();
    return table;
  }

  /** The tables that were named, main first, then by number. */
  tables(): [number, RouteTable][] {
    const others = [...this.#tables].filter(([id]) => id !== TableId.Main);
    return [[TableId.Main, this.main], ...others.sort(([a], [b]) => a - b)];
  }

  /**
   * `ip rule add`. Without a priority the rule goes before all others but the local table's
   * (fib_default_rule_pref). False: there is such a rule (EEXIST).
   */
  addRule(rule: Omit<Rule, 'priority'> & { readonly priority?: number }): boolean {
    const { priority = this.#defaultPriority() } = rule;
    const added: Rule = { ...rule, priority };
    if (this.#rules.some((other) => isSameRule(other, added))) return false;
    const index = this.#rules.findIndex((other) => other.priority > priority);
    this.#rules.splice(index < 0 ? this.#rules.length : index, 0, added);
    this.#changed();
    return true;
  }

  /** `ip rule del`: the first rule for which `matches` is true; false: none (ENOENT). */
  removeRule(matches: (rule: Rule) => boolean): boolean {
    const index = this.#rules.findIndex(matches);
    if (index < 0) return false;
    this.#rules.splice(index, 1);
    this.#changed();
    return true;
  }

  /**
   * The route of a packet (fib_lookup); null: none, ENETUNREACH. `source` 0: not chosen yet. `ingress`
   * null: of this host itself. `egress`: the interface to which its socket is bound.
   */
  lookup(
    destination: Ipv4Address,
    source: Ipv4Address = ANY_ADDRESS,
    mark = 0,
    ingress: Interface | null = null,
    egress: Interface | null = null,
  ): ResolvedRoute | null {
    if (this.#plain && egress === null) return this.main.lookup(destination);
    return this.#byRules(destination, source, mark, ingress, egress);
  }

  /** Apart from `lookup`, which is asked for each packet and stays small enough to be inlined. */
  #byRules(
    destination: Ipv4Address,
    source: Ipv4Address,
    mark: number,
    ingress: Interface | null,
    egress: Interface | null,
  ): ResolvedRoute | null {
    const rules = this.#rules;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i];
      if (rule === undefined || !ruleMatches(rule, destination, source, mark, ingress, egress)) {
        continue;
      }
      if (rule.action === 'unreachable') return null;
      if (rule.action === 'prohibit') {
        this.#prohibited ??= this.#ending('prohibit');
        return this.#prohibited;
      }
      if (rule.action === 'blackhole') {
        this.#blackhole ??= this.#ending('blackhole');
        return this.#blackhole;
      }
      const table = this.#tables.get(rule.table);
      const found = egress === null ? table?.lookup(destination) : table?.over(destination, egress);
      if (found !== undefined && found !== null) return found;
    }
    return null;
  }

  /** Removes routes from every table, as an interface does that goes down. */
  removeRoutes(matches: (route: Route) => boolean): void {
    for (const table of this.#tables.values()) table.remove(matches);
  }

  /** `ip route flush cache`: every table forgets its answers and what ICMP taught. */
  flush(): void {
    for (const table of this.#tables.values()) table.flush();
  }

  #changed(): void {
    this.#customized = true;
    this.flush();
    this.#judge();
  }

  /** Whether every packet gets the answer of the main table, and no other table could have one. */
  #judge(): void {
    this.#plain =
      this.#rules.every((rule) => isUnconditional(rule) && rule.action === 'lookup') &&
      this.#rules.every(({ table }) => table === TableId.Main || !this.#tables.has(table)) &&
      this.#rules.some(({ table }) => table === TableId.Main);
  }

  /** One less than the first rule after the local table's. */
  #defaultPriority(): number {
    return Math.max((this.#rules[0]?.priority ?? 1) - 1, 0);
  }

  #ending(type: RouteType): ResolvedRoute {
    const { main } = this;
    return {
      type,
      iface: null,
      nextHop: ANY_ADDRESS,
      viaGateway: false,
      source: null,
      table: main,
    };
  }
}
