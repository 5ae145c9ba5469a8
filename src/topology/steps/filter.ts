// `addFirewall: { drop: { tcp: 80 } }, on: router` and `removeFirewall`: `iptables -A|-I|-D`; and the same
// for source NAT with `addSnat` and `removeSnat`.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Context } from '../context.ts';
import { firewallRuleSchema, normalizeFirewallRule, type RawFirewallRule } from '../firewall.ts';
import type { FirewallRule, InterfaceSnatRule } from '../model.ts';
import { normalizeSnat, snatSchema } from '../snat.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** Before all rules that are there, or after. */
export type RulePosition = 'first' | 'last';

/** A rule of the filter table to add. */
export interface AddFirewallStep extends StepBase {
  readonly kind: 'add-firewall';
  readonly machine: string;
  readonly rule: FirewallRule;
  readonly where: RulePosition;
}

/** The first rule that reads the same goes. */
export interface RemoveFirewallStep extends StepBase {
  readonly kind: 'remove-firewall';
  readonly machine: string;
  readonly rule: FirewallRule;
}

/** Rules of nat POSTROUTING to add, in their order. */
export interface AddSnatStep extends StepBase {
  readonly kind: 'add-snat';
  readonly on: InterfaceReference;
  readonly rules: readonly InterfaceSnatRule[];
  readonly where: RulePosition;
}

/** The first rule that reads the same goes, for each. */
export interface RemoveSnatStep extends StepBase {
  readonly kind: 'remove-snat';
  readonly on: InterfaceReference;
  readonly rules: readonly InterfaceSnatRule[];
}

const on: z.ZodType<string> = z.string({ error: 'expected the name of a host or node' });
const out: z.ZodType<string> = z
  .string({ error: 'expected "host/interface"' })
  .describe('"host/interface" by which it leaves, or a host for its first interface');
const position: z.ZodType<RulePosition> = z.enum(['first', 'last']);
const where = position
  .exactOptional()
  .describe('Before all rules, or after them (the default): iptables -I or -A');

/** `addFirewall`: `iptables -A` or `-I`. */
export const addFirewall: StepDefinition<AddFirewallStep> = defineStep(
  'addFirewall',
  z
    .strictObject({
      ...stepShape,
      addFirewall: firewallRuleSchema.describe('As under "firewall"'),
      on,
      position: where,
    })
    .meta({ id: 'addFirewallStep' }),
  (context, raw, base, path) => {
    const rule = read(context, raw.addFirewall, raw.on, [...path, 'addFirewall'], path);
    if (rule === null) return null;
    return {
      ...base,
      kind: 'add-firewall',
      machine: raw.on,
      rule,
      where: raw.position ?? 'last',
    };
  },
);

/** `removeFirewall`: `iptables -D`. */
export const removeFirewall: StepDefinition<RemoveFirewallStep> = defineStep(
  'removeFirewall',
  z
    .strictObject({
      ...stepShape,
      removeFirewall: firewallRuleSchema.describe('As it was written'),
      on,
    })
    .meta({ id: 'removeFirewallStep' }),
  (context, raw, base, path) => {
    const rule = read(context, raw.removeFirewall, raw.on, [...path, 'removeFirewall'], path);
    return rule === null ? null : { ...base, kind: 'remove-firewall', machine: raw.on, rule };
  },
);

/** `addSnat`: `iptables -t nat -A POSTROUTING` or `-I`. */
export const addSnat: StepDefinition<AddSnatStep> = defineStep(
  'addSnat',
  z
    .strictObject({
      ...stepShape,
      addSnat: snatSchema.describe('As under "snat"'),
      on: out,
      position: where,
    })
    .meta({ id: 'addSnatStep' }),
  (context, raw, base, path) => {
    const at = context.interface(raw.on, [...path, 'on']);
    const rules = normalizeSnat(context, raw.addSnat, [...path, 'addSnat']);
    if (at === null) return null;
    return { ...base, kind: 'add-snat', on: at, rules, where: raw.position ?? 'last' };
  },
);

/** `removeSnat`: `iptables -t nat -D POSTROUTING`. */
export const removeSnat: StepDefinition<RemoveSnatStep> = defineStep(
  'removeSnat',
  z
    .strictObject({ ...stepShape, removeSnat: snatSchema.describe('As it was written'), on: out })
    .meta({ id: 'removeSnatStep' }),
  (context, raw, base, path) => {
    const at = context.interface(raw.on, [...path, 'on']);
    const rules = normalizeSnat(context, raw.removeSnat, [...path, 'removeSnat']);
    return at === null ? null : { ...base, kind: 'remove-snat', on: at, rules };
  },
);

function read(
  context: Context,
  raw: RawFirewallRule,
  machine: string,
  at: Path,
  path: Path,
): FirewallRule | null {
  if (!context.known(machine, [...path, 'on'], 'host', 'node')) return null;
  return normalizeFirewallRule(context, raw, context.declared.interfaces(machine), at);
}
