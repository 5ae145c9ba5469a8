// `sysctl: { arp_ignore: 1 }, on: worker01`: what `sysctl -w` does while the lab runs.

import { z } from 'zod';
import type { SysctlSetting } from '../model.ts';
import { normalizeSysctls, sysctlsSchema } from '../sysctls.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Sets a kernel setting of a machine. */
export interface SysctlStep extends StepBase {
  readonly kind: 'sysctl';
  readonly machine: string;
  /** In the order of the file. */
  readonly settings: readonly SysctlSetting[];
}

/** `sysctl:` as a scenario writes it. */
export const sysctl: StepDefinition<SysctlStep> = defineStep(
  'sysctl',
  z
    .strictObject({
      ...stepShape,
      sysctl: sysctlsSchema.describe('Settings as under "sysctls"'),
      on: z
        .string({ error: 'expected the name of a host or node' })
        .describe('A host or node, or one interface of it: "worker01/enp1s0"'),
    })
    .meta({ id: 'sysctlStep' }),
  (context, raw, base, path) => {
    const at = [...path, 'on'];
    const slash = raw.on.indexOf('/');
    const machine = slash < 0 ? raw.on : raw.on.slice(0, slash);
    if (!context.known(machine, at, 'host', 'node')) return null;
    if (slash >= 0 && context.interface(raw.on, at) === null) return null;
    const own = slash < 0 ? null : raw.on.slice(slash + 1);
    const interfaces = context.declared.interfaces(machine);
    const where = [...path, 'sysctl'];
    const settings = normalizeSysctls(context, raw.sysctl, own, interfaces, where);
    return { ...base, kind: 'sysctl', machine, settings };
  },
);
