// Longest-prefix-match routing, the `main` table of a host. The resolved answers are cached per
// destination, with what ICMP taught us about it: path MTU and redirects (fib exceptions).

import type { Nanos } from '../sim/time.ts';
import {
  ANY_ADDRESS,
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  networkOf,
} from '../wire/ipv4-address.ts';
import type { Interface } from './interface.ts';

/** rtm_type. `unicast` leaves by an interface, the others end here with the matching ICMP code. */
export type RouteType = 'unicast' | 'unreachable' | 'prohibit' | 'blackhole';

export interface Route {
  readonly destination: Ipv4Cidr;
  readonly type: RouteType;
  /** Null: the destination is on the link. */
  readonly via: Ipv4Address | null;
  readonly iface: Interface | null;
  /** Preferred source (`src` of `ip route`); null: chosen from the interface. */
  readonly source: Ipv4Address | null;
  /** Among equal prefixes the lower wins. */
  readonly metric: number;
}

/** The cached answer for one destination. */
export interface ResolvedRoute {
  readonly type: RouteType;
  readonly iface: Interface | null;
  readonly nextHop: Ipv4Address;
  readonly viaGateway: boolean;
  readonly source: Ipv4Address | null;
}

interface Exception {
  mtu: number;
  mtuExpires: Nanos;
  gateway: Ipv4Address | null;
}

const CACHE_LIMIT = 16_384;

export class RouteTable {
  readonly #routes: Route[] = [];
  readonly #cache = new Map<Ipv4Address, ResolvedRoute | null>();
  readonly #exceptions = new Map<Ipv4Address, Exception>();

  /** Most specific first, then by metric, then in the order of adding. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** False if the same prefix with the same metric is there already (EEXIST). */
  add(route: Route): boolean {
    const { destination, metric } = route;
    const order = (other: Route): number =>
      destination.prefixLength - other.destination.prefixLength || other.metric - metric;
    const clash = this.#routes.some(
      (other) => order(other) === 0 && networkOf(other.destination) === networkOf(destination),
    );
    if (clash) return false;
    const index = this.#routes.findIndex((other) => order(other) > 0);
    this.#routes.splice(index < 0 ? this.#routes.length : index, 0, route);
    this.#cache.clear();
    return true;
  }

  /** Removes every route for which `matches` is true; returns how many. */
  remove(matches: (route: Route) => boolean): number {
    let removed = 0;
    for (let i = this.#routes.length - 1; i >= 0; i--) {
      const route = this.#routes[i];
      if (route === undefined || !matches(route)) continue;
      this.#routes.splice(i, 1);
      removed++;
    }
    if (removed > 0) this.#cache.clear();
    return removed;
  }

  /** Forgets cached answers: an interface went up or down. */
  invalidate(): void {
    this.#cache.clear();
  }

  /** The route to a destination; null: none (ENETUNREACH). Routes over interfaces that are down do not count. */
  lookup(destination: Ipv4Address): ResolvedRoute | null {
    const cached = this.#cache.get(destination);
    if (cached !== undefined) return cached;
    const resolved = this.#resolve(destination);
    if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
    this.#cache.set(destination, resolved);
    return resolved;
  }

  /** ICMP 3/4 taught us the path MTU to a destination; it holds until `expires`. */
  learnMtu(destination: Ipv4Address, mtu: number, expires: Nanos): void {
    const exception = this.#exception(destination);
    exception.mtu = mtu;
    exception.mtuExpires = expires;
  }

  /** ICMP 5 taught us a better gateway for one destination. */
  learnGateway(destination: Ipv4Address, gateway: Ipv4Address): void {
    this.#exception(destination).gateway = gateway;
    this.#cache.delete(destination);
  }

  /** The smaller of the interface's MTU and what ICMP said. */
  mtuTo(destination: Ipv4Address, interfaceMtu: number, now: Nanos): number {
    if (this.#exceptions.size === 0) return interfaceMtu;
    const exception = this.#exceptions.get(destination);
    if (exception === undefined || now >= exception.mtuExpires) return interfaceMtu;
    return Math.min(exception.mtu, interfaceMtu);
  }

  #exception(destination: Ipv4Address): Exception {
    let exception = this.#exceptions.get(destination);
    if (exception === undefined) {
      if (this.#exceptions.size >= CACHE_LIMIT) this.#exceptions.clear();
      exception = { mtu: 0, mtuExpires: 0, gateway: null };
      this.#exceptions.set(destination, exception);
    }
    return exception;
  }

  #resolve(destination: Ipv4Address): ResolvedRoute | null {
    for (const route of this.#routes) {
      if (!cidrContains(route.destination, destination)) continue;
      if (route.iface !== null && !(route.iface.up && route.iface.stack.powered)) continue;
      const gateway = this.#exceptions.get(destination)?.gateway ?? route.via;
      return {
        type: route.type,
        iface: route.iface,
        nextHop: gateway ?? destination,
        viaGateway: gateway !== null,
        source: route.source,
      };
    }
    return null;
  }
}

/** One line as `ip route` prints it. */
export function formatRoute(route: Route): string {
  const destination =
    route.destination.prefixLength === 0 && route.destination.address === ANY_ADDRESS
      ? 'default'
      : formatCidr({ ...route.destination, address: networkOf(route.destination) });
  const parts = [route.type === 'unicast' ? destination : `${route.type} ${destination}`];
  if (route.via !== null) parts.push(`via ${formatIpv4(route.via)}`);
  if (route.iface !== null) parts.push(`dev ${route.iface.name}`);
  if (route.via === null && route.type === 'unicast') parts.push('scope link');
  if (route.source !== null) parts.push(`src ${formatIpv4(route.source)}`);
  if (route.metric !== 0) parts.push(`metric ${route.metric}`);
  return parts.join(' ');
}
