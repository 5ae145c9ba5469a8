// `hosts:`: ordinary Linux-like machines; and what nodes have in common with them.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import {
  duration,
  interfaceName,
  ipv4,
  mapping,
  type Optional,
  type WrittenAddress,
} from '../schema/values.ts';
import type { Nanos } from '../sim/time.ts';
import {
  NEIGHBOR_PROFILES,
  type NeighborProfileName,
  RESPONDER_STYLES,
  type ResponderStyle,
} from '../stack/neighbor/profile.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';
import type { DerivedMacs } from './derived-mac.ts';
import { firewallRuleSchema, normalizeFirewall, type RawFirewallRule } from './firewall.ts';
import {
  interfaceSchema,
  normalizeInterface,
  type RawInterface,
  type Unaddressed,
  withMac,
} from './interfaces.ts';
import { loopbackSchema, normalizeLoopback } from './loopback.ts';
import type { MachineSpec, SysctlSetting } from './model.ts';
import { countShape } from './reuse/shape.ts';
import { normalizeRoutes, type RawRoute, routeSchema } from './routes.ts';
import { normalizeRules, type RawRule, ruleSchema } from './rules.ts';
import { normalizeServices, serviceSchema } from './services.ts';
import { normalizeSysctls, type RawSysctls, sysctlsSchema } from './sysctls.ts';

type RawServices = Parameters<typeof normalizeServices>[1];

/** What hosts and nodes both take. */
export interface RawMachine {
  readonly gateway?: Ipv4Address;
  readonly routes?: readonly RawRoute[];
  readonly rules?: readonly RawRule[];
  readonly services?: RawServices;
  readonly firewall?: readonly RawFirewallRule[];
  readonly sysctls?: RawSysctls;
  readonly loopback?: readonly WrittenAddress[];
  readonly observer?: NeighborProfileName;
  readonly responder?: ResponderStyle;
  readonly addressRemoval?: Nanos;
}

/** A host as it is written. */
export interface RawHost extends RawMachine {
  readonly interfaces: Readonly<Record<string, RawInterface>>;
  readonly forwarding?: boolean;
}

interface MachineShape {
  readonly gateway: Optional<Ipv4Address>;
  readonly routes: Optional<readonly RawRoute[]>;
  readonly rules: Optional<readonly RawRule[]>;
  readonly services: Optional<RawServices>;
  readonly firewall: Optional<readonly RawFirewallRule[]>;
  readonly sysctls: Optional<RawSysctls>;
  readonly loopback: Optional<readonly WrittenAddress[]>;
  readonly observer: Optional<NeighborProfileName>;
  readonly responder: Optional<ResponderStyle>;
  readonly addressRemoval: Optional<Nanos>;
}

const observer: z.ZodType<NeighborProfileName> = z.enum(
  Object.keys(NEIGHBOR_PROFILES) as NeighborProfileName[],
);
const responder: z.ZodType<ResponderStyle> = z.enum(RESPONDER_STYLES);

/** The keys themselves, to be spread into a schema. */
export const machineShape: MachineShape = {
  gateway: ipv4.exactOptional().describe('The next hop of the default route'),
  routes: z.array(routeSchema).exactOptional().describe('Static routes'),
  rules: z.array(ruleSchema).exactOptional().describe('Policy routing: which table is asked'),
  services: z.array(serviceSchema).exactOptional().describe('What listens here'),
  firewall: z
    .array(firewallRuleSchema)
    .exactOptional()
    .describe('The first rule that matches decides; without a match: accept'),
  sysctls: sysctlsSchema.exactOptional(),
  loopback: loopbackSchema
    .exactOptional()
    .describe('More addresses on lo; /32 when no prefix length is given'),
  observer: observer
    .exactOptional()
    .describe(
      'What it believes of the ARP that it hears: like Linux (the default), like Linux with arp_accept, like Linux before 4.13, like a router that keeps entries for 20 minutes or 4 hours, no announcements, or strictly what RFC 826 says',
    ),
  responder: responder
    .exactOptional()
    .describe(
      'Who answers ARP requests for its addresses: the kernel (linux, the default), a program that answers every request, even announcements of others (ovn; MetalLB and Antrea do so too), or no program (silent)',
    ),
  addressRemoval: duration
    .exactOptional()
    .describe(
      'The longest time that the removal of an address takes, drawn anew for each; Linux answers a gratuitous ARP request for the address that comes meanwhile. 0s when left out; 3us is what was measured',
    ),
};

/** Interfaces by name; the first is the primary one. */
export const interfacesSchema: z.ZodType<Readonly<Record<string, RawInterface>>> = mapping(
  interfaceName,
  interfaceSchema,
);

/** A host. */
export const hostSchema: z.ZodType<RawHost> = z
  .strictObject({
    ...countShape,
    interfaces: interfacesSchema,
    forwarding: z
      .boolean({ error: 'expected true or false' })
      .exactOptional()
      .describe('Forwards packets between its interfaces (ip_forward)'),
    ...machineShape,
  })
  .meta({ id: 'host', description: 'An ordinary Linux-like host or router' });

/** A host with every name resolved; null when it cannot be built. */
export function normalizeHost(
  context: Context,
  macs: DerivedMacs,
  name: string,
  raw: RawHost,
  path: Path,
): MachineSpec {
  const interfaces = normalizeInterfaces(context, raw.interfaces, [...path, 'interfaces']);
  const forwarding = raw.forwarding ?? false;
  return normalizeMachine(context, macs, name, { ...raw, forwarding }, interfaces, path);
}

/** The interfaces of a host, in the order of the file. */
export function normalizeInterfaces(
  context: Context,
  raw: Readonly<Record<string, RawInterface>>,
  path: Path,
): Unaddressed[] {
  return Object.entries(raw).flatMap(
    ([name, given]) => normalizeInterface(context, name, given, [...path, name]) ?? [],
  );
}

/** What hosts and nodes have in common. */
export function normalizeMachine(
  context: Context,
  macs: DerivedMacs,
  name: string,
  raw: RawMachine & {
    readonly forwarding: boolean;
    readonly interfaces?: Readonly<Record<string, RawInterface>>;
  },
  unaddressed: readonly Unaddressed[],
  path: Path,
): MachineSpec {
  const interfaces = unaddressed.map((given) =>
    withMac(given, (address) => macs.derive(name, given.name, address)),
  );
  // Not only those that are sound: a rule about an interface with a problem is no second problem.
  const names = context.declared.interfaces(name);
  const sysctls: SysctlSetting[] = normalizeSysctls(context, raw.sysctls ?? {}, null, names, [
    ...path,
    'sysctls',
  ]);
  for (const [own, { sysctls: given }] of Object.entries(raw.interfaces ?? {})) {
    const at = [...path, 'interfaces', own, 'sysctls'];
    sysctls.push(...normalizeSysctls(context, given ?? {}, own, names, at));
  }
  const machine: MachineSpec = {
    name,
    position: context.position(path, 'key'),
    interfaces,
    loopback: normalizeLoopback(context, raw.loopback ?? [], [...path, 'loopback']),
    observer: raw.observer ?? 'linux',
    responder: raw.responder ?? 'linux',
    addressRemoval: raw.addressRemoval ?? 0,
    forwarding: raw.forwarding,
    routes: normalizeRoutes(context, raw, interfaces, path),
    rules: normalizeRules(context, raw.rules ?? [], names, [...path, 'rules']),
    services: normalizeServices(context, raw.services ?? [], [...path, 'services']),
    firewall: normalizeFirewall(context, raw.firewall ?? [], names, [...path, 'firewall']),
    sysctls,
  };
  context.machines.set(name, machine);
  return machine;
}
