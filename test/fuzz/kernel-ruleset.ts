// What `nft -f -` is told: connections are tracked, those that match are translated, and packets pass
// or not. And what `ip` is told of routes and rules.

import type { FilterConfig, HostConfig, NatConfig, RouteConfig, RuleConfig } from './case.ts';

/** Whether the host knows connections, for whatever reason. */
export function tracks({ conntrack, nat, filter = [] }: HostConfig): boolean {
  return conntrack || nat !== null || filter.some(({ state }) => state !== undefined);
}

const CHAINS = ['input', 'forward', 'output'] as const;

/** A table that does what a configuration asks for; null if that is nothing. */
export function ruleset({ conntrack, nat, filter = [] }: HostConfig): string | null {
  if (!conntrack && nat === null && filter.length === 0) return null;
  const lines = ['table ip fuzz {'];
  if (conntrack || nat !== null) {
    lines.push(' chain track { type filter hook prerouting priority -150');
    lines.push(' ct state invalid counter', ' }');
  }
  if (nat !== null) lines.push(...translation(nat));
  for (const chain of CHAINS) {
    const rules = filter.filter((rule) => rule.chain === chain);
    if (rules.length === 0) continue;
    lines.push(` chain ${chain} { type filter hook ${chain} priority 0`);
    lines.push(...rules.map((rule) => ` ${filterRule(rule)}`), ' }');
  }
  return `${lines.join('\n')}\n}\n`;
}

function translation(nat: NatConfig): string[] {
  const range = nat.ports === undefined ? '' : `:${nat.ports[0]}-${nat.ports[1]}`;
  const chance =
    nat.random === true ? ' fully-random' : nat.persistent === true ? ' persistent' : '';
  const plain = nat.to === undefined ? 'masquerade' : `snat to ${nat.to}`;
  const ranged = nat.to === undefined ? `${plain} to ${range}` : `${plain}${range}`;
  // A range of ports is for protocols that have some.
  const rules = range === '' ? [plain] : [`meta l4proto { tcp, udp } ${ranged}`, plain];
  return [
    ' chain out { type nat hook postrouting priority 100',
    ...rules.map((rule) => ` ip saddr ${nat.source} oifname "${nat.out}" ${rule}${chance}`),
    ' }',
  ];
}

function filterRule({ state, protocol, port, from, action }: FilterConfig): string {
  const words: string[] = [];
  if (from !== undefined) words.push(`iifname "${from}"`);
  if (state !== undefined) words.push(`ct state ${state}`);
  if (protocol !== undefined) words.push(`meta l4proto ${protocol}`);
  if (protocol !== undefined && port !== undefined) words.push(`${protocol} dport ${port}`);
  if (action === 'accept' || action === 'drop') words.push(action);
  else if (action === 'tcp-reset') words.push('reject with tcp reset');
  else words.push(`reject with icmp type ${action.replace('icmp-', '')}`);
  return words.join(' ');
}

/** Behind `ip route add`. */
export function routeText({ destination, type, via, dev, table }: RouteConfig): string {
  const words = [type, destination];
  if (via !== undefined) words.push('via', via);
  if (dev !== undefined) words.push('dev', dev);
  if (table !== undefined) words.push('table', String(table));
  return words.join(' ');
}

/** Behind `ip rule add`. */
export function ruleText({ priority, from, to, iif, action, table }: RuleConfig): string {
  const words = ['priority', String(priority), 'from', from ?? 'all'];
  if (to !== undefined) words.push('to', to);
  if (iif !== undefined) words.push('iif', iif);
  words.push(...(action === 'lookup' ? ['lookup', String(table)] : [action]));
  return words.join(' ');
}
