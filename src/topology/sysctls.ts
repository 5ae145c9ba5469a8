// `sysctls:` on a host, a node or one of their interfaces: Linux's names and units. A short name on
// an interface means that interface, on a host the whole host; a full dotted name says it itself.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { mapping } from '../schema/values.ts';
import { sysctlRange } from '../stack/sysctl/ranges.ts';
import { SYSCTL_NAMES } from '../stack/sysctl/values.ts';
import type { Context } from './context.ts';
import type { SysctlSetting } from './model.ts';

/** `sysctls:` as it is written: numbers by name. */
export type RawSysctls = Readonly<Record<string, number>>;

const value: z.ZodType<number> = z.union([
  z.int({ error: 'expected a whole number in the unit of the kernel' }),
  z.boolean().transform(Number),
]);

/** `sysctls:` of a machine or an interface. */
export const sysctlsSchema: z.ZodType<RawSysctls> = mapping(z.string(), value).meta({
  id: 'sysctls',
  description: "Kernel settings by their short or full dotted names, in the kernel's units",
  examples: [{ arp_ignore: 1, locktime: 100 }, { 'net.ipv4.conf.eth0.arp_notify': 1 }],
});

const PER_INTERFACE: readonly string[] = [...SYSCTL_NAMES.interface, ...SYSCTL_NAMES.neighbor];
const ALL: readonly string[] = [...PER_INTERFACE, ...SYSCTL_NAMES.host];

/** `interfaceName` is null for those of the host; `interfaces` are the host's own. */
export function normalizeSysctls(
  context: Context,
  raw: RawSysctls,
  interfaceName: string | null,
  interfaces: readonly string[],
  path: Path,
): SysctlSetting[] {
  const settings: SysctlSetting[] = [];
  for (const [given, number] of Object.entries(raw)) {
    const at = [...path, given];
    const name = given.replaceAll('/', '.');
    if (!isKnown(context, name, interfaceName, interfaces, at)) continue;
    const { high, low } = sysctlRange(name.slice(name.lastIndexOf('.') + 1));
    if (number < low || number > high) {
      context.report(at, `${name} cannot be ${number}`, `Linux takes ${low} to ${high}`);
    }
    const position = context.position(at, 'key');
    settings.push({
      position,
      name,
      value: number,
      interface: name.includes('.') ? null : interfaceName,
    });
  }
  return settings;
}

const FULL_PER_INTERFACE = /^net\.ipv4\.(conf|neigh)\.(.+)\.(\w+)$/;
const FULL_HOST = /^net\.(?:ipv4|ipv4\.route|ipv4\.neigh\.default|netfilter)\.(\w+)$/;

function isKnown(
  context: Context,
  name: string,
  interfaceName: string | null,
  interfaces: readonly string[],
  path: Path,
): boolean {
  if (!name.includes('.')) {
    const known = interfaceName === null ? ALL : PER_INTERFACE;
    if (known.includes(name)) return true;
    if (ALL.includes(name)) {
      const remedy = "move it to the host's own sysctls";
      context.report(path, `"${name}" is a setting of the whole host`, remedy, 'key');
    } else {
      unknown(context, name, name, known, path);
    }
    return false;
  }
  const [, kind, target = '', short = ''] = FULL_PER_INTERFACE.exec(name) ?? [];
  const table = kind === 'conf' ? SYSCTL_NAMES.interface : SYSCTL_NAMES.neighbor;
  if (kind !== undefined && table.includes(short)) {
    const special = kind === 'conf' ? ['all', 'default'] : ['default'];
    if (special.includes(target) || interfaces.includes(target)) return true;
    context.unknown('interface', target, [...interfaces, ...special], path, 'key');
    return false;
  }
  const host = FULL_HOST.exec(name)?.[1];
  if (host !== undefined && SYSCTL_NAMES.host.includes(host)) return true;
  const last = name.slice(name.lastIndexOf('.') + 1);
  unknown(context, name, last, kind === undefined ? SYSCTL_NAMES.host : table, path);
  return false;
}

function unknown(
  context: Context,
  name: string,
  short: string,
  known: readonly string[],
  path: Path,
): void {
  const near = context.suggest(short, known);
  context.report(
    path,
    `the sysctl "${name}" is not modeled`,
    near === null
      ? `modeled are: ${known.join(', ')}`
      : `did you mean "${name.slice(0, name.length - short.length)}${near}"?`,
    'key',
  );
}
