// `routes:` and `gateway:` of a host or node, as `ip route add`. Connected routes follow from the
// addresses and are not written.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { integer, ipv4, routeDestination } from '../schema/values.ts';
import type { RouteType } from '../stack/ipv4/route-table.ts';
import { TableId } from '../stack/ipv4/rule.ts';
import {
  ANY_ADDRESS,
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  networkOf,
} from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';
import type { InterfaceSpec, RouteSpec } from './model.ts';
import { tableId } from './rules.ts';

/** A route as it is written. */
export interface RawRoute {
  readonly to: Ipv4Cidr;
  readonly via?: Ipv4Address;
  readonly dev?: string;
  readonly type?: RouteType;
  readonly src?: Ipv4Address;
  readonly metric?: number;
  readonly table?: number;
}

const type: z.ZodType<RouteType> = z.enum(['unicast', 'unreachable', 'prohibit', 'blackhole']);

/** The keys of a route beside its destination. */
export const routeShape: {
  readonly via: z.ZodExactOptional<z.ZodType<Ipv4Address, string>>;
  readonly dev: z.ZodExactOptional<z.ZodType<string>>;
  readonly type: z.ZodExactOptional<z.ZodType<RouteType>>;
  readonly src: z.ZodExactOptional<z.ZodType<Ipv4Address, string>>;
  readonly metric: z.ZodExactOptional<z.ZodType<number>>;
  readonly table: z.ZodExactOptional<z.ZodType<number>>;
} = {
  via: ipv4.exactOptional().describe('The next hop'),
  dev: z.string().exactOptional().describe('The interface; found by "via" when left out'),
  type: type.exactOptional().describe('unicast when left out'),
  src: ipv4.exactOptional().describe('Preferred source address'),
  metric: integer(0, 0xffff_ffff, 'a metric').exactOptional(),
  table: tableId.exactOptional().describe('A number, main (when left out) or default'),
};

/** A route of a machine. */
export const routeSchema: z.ZodType<RawRoute> = z
  .strictObject({ to: routeDestination, ...routeShape })
  .meta({ id: 'route', description: 'A static route, as in ip route add' });

/** The routes that were written, and the default route that `gateway` stands for. */
export function normalizeRoutes(
  context: Context,
  raw: { readonly routes?: readonly RawRoute[]; readonly gateway?: Ipv4Address },
  interfaces: readonly InterfaceSpec[],
  path: Path,
): RouteSpec[] {
  const routes: RouteSpec[] = [];
  if (raw.gateway !== undefined) {
    const at = [...path, 'gateway'];
    const dev = towards(context, raw.gateway, interfaces, path, at);
    if (dev !== null) routes.push(defaultRoute(context, raw.gateway, dev, at));
  }
  for (const [index, given] of (raw.routes ?? []).entries()) {
    const at = [...path, 'routes', index];
    const route = normalizeRoute(context, given, interfaces, path, at);
    if (route === null || isTaken(context, route, routes, interfaces, at)) continue;
    routes.push(route);
  }
  return routes;
}

/** Whether there is such a route already, as the kernel sees it (EEXIST): same network, same metric. */
function isTaken(
  context: Context,
  { to, metric, table }: RouteSpec,
  above: readonly RouteSpec[],
  interfaces: readonly InterfaceSpec[],
  path: Path,
): boolean {
  const same = (other: Ipv4Cidr): boolean =>
    other.prefixLength === to.prefixLength && networkOf(other) === networkOf(to);
  const onLink = interfaces.find(
    ({ addresses }) =>
      metric === 0 &&
      table === TableId.Main &&
      to.prefixLength < 32 &&
      addresses.some((address) => same(address)),
  );
  const earlier = above.some(
    (other) => other.table === table && other.metric === metric && same(other.to),
  );
  if (onLink === undefined && !earlier) return false;
  const network = formatCidr({ ...to, address: networkOf(to) });
  const message =
    onLink === undefined
      ? `there is a route to ${network} above`
      : `the address of ${onLink.name} brings a route to ${network} already`;
  context.report([...path, 'to'], message, 'remove one, or give it another "metric"');
  return true;
}

/** One route of a machine; `machine` is where it stands in the file. */
export function normalizeRoute(
  context: Context,
  raw: RawRoute,
  interfaces: readonly InterfaceSpec[],
  machine: Path,
  path: Path,
): RouteSpec | null {
  const kind = raw.type ?? 'unicast';
  const name = String(machine.at(-1));
  const names = context.declared.interfaces(name);
  if (raw.dev !== undefined && !names.includes(raw.dev)) {
    context.unknown('interface', raw.dev, names, [...path, 'dev']);
    return null;
  }
  if (kind !== 'unicast') {
    const misplaced = raw.via === undefined ? (raw.dev === undefined ? null : 'dev') : 'via';
    if (misplaced !== null) {
      const message = `a route of type ${kind} leads nowhere and takes no "${misplaced}"`;
      context.report([...path, misplaced], message, `leave out "${misplaced}" or "type"`, 'key');
      return null;
    }
  }
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  if (
    raw.src !== undefined &&
    !own.includes(raw.src) &&
    !addressesDamaged(context, interfaces, machine)
  ) {
    const remedy = own.length === 0 ? null : `it has ${own.map(formatIpv4).join(', ')}`;
    const message = `${formatIpv4(raw.src)} is not an address of this machine`;
    context.report([...path, 'src'], message, remedy);
  }
  let dev = raw.dev ?? null;
  if (kind === 'unicast' && dev === null) {
    if (raw.via === undefined) {
      context.reportMissing(path, 'a route needs "via" or "dev"', 'or "type: unreachable"');
      return null;
    }
    dev = towards(context, raw.via, interfaces, machine, [...path, 'via']);
    if (dev === null) return null;
  }
  return {
    position: context.position(path),
    type: kind,
    to: raw.to,
    via: raw.via ?? null,
    dev,
    source: raw.src ?? null,
    metric: raw.metric ?? 0,
    table: raw.table ?? TableId.Main,
  };
}

/** The interface whose network holds the next hop; Linux refuses the route when there is none. */
function towards(
  context: Context,
  via: Ipv4Address,
  interfaces: readonly InterfaceSpec[],
  machine: Path,
  path: Path,
): string | null {
  for (const { name, addresses } of interfaces) {
    if (addresses.some((address) => cidrContains(address, via))) return name;
  }
  if (addressesDamaged(context, interfaces, machine)) return null;
  context.report(
    path,
    `the next hop ${formatIpv4(via)} is on no network of this machine`,
    'use an address within the subnet of one of its interfaces, or name the interface with "dev"',
  );
  return null;
}

/** Whether an address of the machine may be missing because of a problem that was reported already. */
function addressesDamaged(
  context: Context,
  interfaces: readonly InterfaceSpec[],
  machine: Path,
): boolean {
  const parts = ['interfaces', 'address', 'addresses'];
  return (
    parts.some((part) => context.damaged([...machine, part])) ||
    interfaces.length < context.declared.interfaces(String(machine.at(-1))).length ||
    interfaces.some(({ segment }) => segment !== null && !context.segments.has(segment))
  );
}

function defaultRoute(context: Context, via: Ipv4Address, dev: string, path: Path): RouteSpec {
  return {
    position: context.position(path),
    type: 'unicast',
    to: { address: ANY_ADDRESS, prefixLength: 0 },
    via,
    dev,
    source: null,
    metric: 0,
    table: TableId.Main,
  };
}
