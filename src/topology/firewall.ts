// `firewall:` of a host or node: an ordered list, the first rule that matches decides, and what
// matches none is accepted (iptables with policy ACCEPT). `reject` answers as Linux does by default:
// ICMP port unreachable.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { ANY_PORT, addressOrNetwork, integer, oneOrMore, ports } from '../schema/values.ts';
import type { Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { PortRange } from '../wire/ranges.ts';
import type { Context } from './context.ts';
import type { ConntrackState, FirewallAction, FirewallChain, FirewallRule } from './model.ts';

interface RawMatch {
  readonly from?: readonly Ipv4Cidr[];
  readonly to?: readonly Ipv4Cidr[];
  readonly tcp?: PortRange | null;
  readonly udp?: PortRange | null;
  readonly icmp?: number | 'any' | 'echo';
  readonly in?: string;
  readonly out?: string;
  readonly chain?: FirewallChain;
  readonly state?: readonly ConntrackState[];
}

/** A rule of `firewall:` as it is written. */
export interface RawFirewallRule {
  readonly accept?: RawMatch;
  readonly drop?: RawMatch;
  readonly reject?: RawMatch;
}

const chain: z.ZodType<FirewallChain> = z.enum(['input', 'forward', 'output']);
const state: z.ZodType<ConntrackState> = z.enum(['new', 'established', 'related', 'invalid']);
/** ICMP type by number or by the one name that matters here. */
const icmp: z.ZodType<number | 'any' | 'echo'> = z.union([
  integer(0, 255, 'an ICMP type'),
  z.enum(['any', 'echo']),
]);
const ICMP_ECHO = 8;

const match: z.ZodType<RawMatch> = z
  .strictObject({
    from: oneOrMore(addressOrNetwork).exactOptional().describe('Source: any of these'),
    to: oneOrMore(addressOrNetwork).exactOptional().describe('Destination: any of these'),
    tcp: ports.exactOptional().describe('TCP with this destination port'),
    udp: ports.exactOptional().describe('UDP with this destination port'),
    icmp: icmp.exactOptional().describe('ICMP of this type'),
    in: z.string().exactOptional().describe('Arrived on this interface'),
    out: z.string().exactOptional().describe('Leaves by this interface'),
    chain: chain
      .exactOptional()
      .describe('input: to this host (the default); forward: through it; output: from it'),
    state: oneOrMore(state).exactOptional().describe('Connection state: any of these'),
  })
  .meta({
    id: 'firewallMatch',
    description: 'All given keys must match; {} matches everything',
  });

/** A rule of `firewall:`. */
export const firewallRuleSchema: z.ZodType<RawFirewallRule> = z
  .strictObject({
    accept: match.exactOptional(),
    drop: match.exactOptional(),
    reject: match.exactOptional(),
  })
  .meta({ id: 'firewallRule', description: 'One of accept, drop and reject with what it matches' });

const ACTIONS: readonly FirewallAction[] = ['accept', 'drop', 'reject'];

/** `interfaces` are the machine's own. */
export function normalizeFirewall(
  context: Context,
  raw: readonly RawFirewallRule[],
  interfaces: readonly string[],
  path: Path,
): FirewallRule[] {
  const rules: FirewallRule[] = [];
  for (const [index, given] of raw.entries()) {
    const rule = normalizeFirewallRule(context, given, interfaces, [...path, index]);
    if (rule !== null) rules.push(rule);
  }
  return rules;
}

/** One rule; null when something was wrong, and reported. */
export function normalizeFirewallRule(
  context: Context,
  given: RawFirewallRule,
  interfaces: readonly string[],
  at: Path,
): FirewallRule | null {
  const action = context.exactlyOne(given, ACTIONS, at);
  const matched = action === null ? undefined : given[action];
  if (action === null || matched === undefined) return null;
  const rule = normalizeMatch(context, matched, interfaces, [...at, action]);
  return rule === null ? null : { position: context.position(at), action, ...rule };
}

function normalizeMatch(
  context: Context,
  raw: RawMatch,
  interfaces: readonly string[],
  path: Path,
): Omit<FirewallRule, 'position' | 'action'> | null {
  for (const key of ['in', 'out'] as const) {
    const given = raw[key];
    if (given !== undefined && !interfaces.includes(given)) {
      context.unknown('interface', given, interfaces, [...path, key]);
    }
  }
  const transports = (['tcp', 'udp', 'icmp'] as const).filter((key) => raw[key] !== undefined);
  if (transports.length > 1) {
    context.report(path, `${transports.join(' and ')} cannot be combined`, 'make a rule of each');
    return null;
  }
  const where = raw.chain ?? 'input';
  if (where === 'input' && raw.out !== undefined) {
    context.report(
      [...path, 'out'],
      'what comes to this host has no interface to leave by',
      'add "chain: forward"',
    );
  }
  if (where === 'output' && raw.in !== undefined) {
    context.report(
      [...path, 'in'],
      'what this host sends did not arrive on an interface',
      'use "out"',
    );
  }
  const range = raw.tcp ?? raw.udp ?? null;
  return {
    chain: where,
    from: raw.from ?? [],
    to: raw.to ?? [],
    protocol: transports[0] ?? null,
    ports: range === ANY_PORT ? null : range,
    icmpType: raw.icmp === undefined || raw.icmp === 'any' ? null : icmpType(raw.icmp),
    inInterface: raw.in ?? null,
    outInterface: raw.out ?? null,
    states: raw.state ?? [],
  };
}

function icmpType(given: number | 'echo'): number {
  return given === 'echo' ? ICMP_ECHO : given;
}
