// The routes of a machine, as rows and as `ip route` prints them, and what ICMP taught it about single
// destinations (path MTU, redirects), as `ip route get` prints that.

import type { Nanos } from '../sim/time.ts';
import type { Route, RouteException, RouteType } from '../stack/ipv4/route-table.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatCidr, formatIpv4, networkOf } from '../wire/ipv4-address.ts';
import { tableName } from './rules.ts';

/** One route. */
export interface RouteRow {
  readonly machine: string;
  readonly type: RouteType;
  /** '10.0.0.0/24'; '0.0.0.0/0' is the default route. */
  readonly destination: string;
  /** The next hop; null: the destination is on the link. */
  readonly via: string | null;
  readonly interface: string | null;
  /** Preferred source; null: chosen from the interface. */
  readonly source: string | null;
  readonly metric: number;
  /** 'main', 'default' or a number. */
  readonly table: string;
}

/** What ICMP taught about one destination. */
export interface RouteExceptionRow {
  readonly machine: string;
  readonly destination: string;
  /** Where a redirect sends its packets; null: no redirect. */
  readonly gateway: string | null;
  /** Octets that the path takes; null: nothing is known. */
  readonly mtu: number | null;
  /** The path MTU was below min_pmtu, so DF is no longer set. */
  readonly mtuLocked: boolean;
  /** Lab time at which the MTU is forgotten; null: none is known. */
  readonly mtuDeadline: Nanos | null;
  /** Lab time at which the redirect is forgotten; null: there is none. */
  readonly gatewayDeadline: Nanos | null;
  /** Of the route that it is about: 'main', 'default' or a number. */
  readonly table: string;
}

const DEFAULT_ROUTE = '0.0.0.0/0';

/** The routes of a machine: table by table, main first, each in the order in which they are tried. */
export function routeRows({ name, fib }: NetworkStack): RouteRow[] {
  return fib
    .tables()
    .flatMap(([id, { routes }]) => routes.map((route) => routeRow(name, route, tableName(id))));
}

/** One route of a table of `machine`. */
export function routeRow(machine: string, route: Route, table: string): RouteRow {
  const { destination, iface, metric, source, type, via } = route;
  return {
    machine,
    type,
    destination: formatCidr({ ...destination, address: networkOf(destination) }),
    via: via === null ? null : formatIpv4(via),
    interface: iface?.name ?? null,
    source: source === null ? null : formatIpv4(source),
    metric,
    table,
  };
}

/** One line of `ip route`. */
export function routeLine(row: RouteRow): string {
  const { metric, source, type, via } = row;
  const destination = row.destination === DEFAULT_ROUTE ? 'default' : row.destination;
  const parts = [type === 'unicast' ? destination : `${type} ${destination}`];
  if (via !== null) parts.push(`via ${via}`);
  if (row.interface !== null) parts.push(`dev ${row.interface}`);
  if (via === null && type === 'unicast') parts.push('scope link');
  if (source !== null) parts.push(`src ${source}`);
  if (metric !== 0) parts.push(`metric ${metric}`);
  if (row.table !== 'main') parts.push(`table ${row.table}`);
  return parts.join(' ');
}

/** `ip route show table all` on one machine, without the local table. */
export function routeLines(stack: NetworkStack): string[] {
  return routeRows(stack).map(routeLine);
}

/** What ICMP has taught a machine and what still holds at `now`, by destination in the order of learning. */
export function routeExceptionRows({ name, fib }: NetworkStack, now: Nanos): RouteExceptionRow[] {
  return fib
    .tables()
    .flatMap(([id, table]) =>
      table
        .exceptions(now)
        .map(([destination, exception]) =>
          routeExceptionRow(name, formatIpv4(destination), exception, tableName(id)),
        ),
    );
}

function routeExceptionRow(
  machine: string,
  destination: string,
  { gateway, gatewayExpires, mtu, mtuExpires, mtuLocked }: RouteException,
  table: string,
): RouteExceptionRow {
  return {
    machine,
    destination,
    gateway: gateway === null ? null : formatIpv4(gateway),
    mtu: mtu > 0 ? mtu : null,
    mtuLocked,
    mtuDeadline: mtu > 0 ? mtuExpires : null,
    gatewayDeadline: gateway === null ? null : gatewayExpires,
    table,
  };
}

/** What `ip route get` prints at `now` below the route for a destination with an exception. */
export function routeExceptionLine(row: RouteExceptionRow, now: Nanos): string {
  const parts = ['cache'];
  if (row.gateway !== null) parts.push('<redirected>');
  if (row.mtu !== null && row.mtuDeadline !== null) {
    parts.push(`expires ${Math.floor((row.mtuDeadline - now) / 1e9)}sec`);
    parts.push(`mtu ${row.mtuLocked ? 'lock ' : ''}${row.mtu}`);
  }
  return parts.join(' ');
}
