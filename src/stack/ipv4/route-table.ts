// Longest-prefix-match routing, one table of a host; `fib.ts` chooses among them. The resolved answers
// are cached per destination, with what ICMP taught us about it: path MTU and redirects (fib exceptions).

import { NumberMap } from '../../base/number-map.ts';
import type { Nanos } from '../../sim/time.ts';
import {
  cidrContains,
  type Ipv4Address,
  type Ipv4Cidr,
  networkOf,
} from '../../wire/ipv4-address.ts';
import type { Interface } from '../device/interface.ts';

/** rtm_type. `unicast` leaves by an interface, the others end here with the matching ICMP code. */
export type RouteType = 'unicast' | 'unreachable' | 'prohibit' | 'blackhole';

/** One line of `ip route`. */
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
  /** Where it stands, and what ICMP teaches about the destination. */
  readonly table: RouteTable;
}

/** What ICMP taught us about one destination (a fib nexthop exception); gone with any change of routes. */
export interface RouteException {
  /** 0: nothing is known of the path. */
  readonly mtu: number;
  readonly mtuExpires: Nanos;
  /** The path MTU was below min_pmtu: DF no longer asks for the truth. */
  readonly mtuLocked: boolean;
  /** Null: no redirect, or one that expired. */
  readonly gateway: Ipv4Address | null;
  readonly gatewayExpires: Nanos;
}

const NO_EXCEPTION: RouteException = {
  mtu: 0,
  mtuExpires: 0,
  mtuLocked: false,
  gateway: null,
  gatewayExpires: 0,
};

const CACHE_LIMIT = 16_384;

/** No address is negative. */
const UNKNOWN = -1;

/** One routing table of a host. */
export class RouteTable {
  readonly #routes: Route[] = [];
  readonly #cache = new NumberMap<ResolvedRoute>();
  /** The answer given last; most hosts send to one place at a time. */
  #lastDestination = UNKNOWN;
  #lastRoute: ResolvedRoute | null = null;
  readonly #exceptions = new Map<Ipv4Address, RouteException>();
  readonly #onChange: (() => void) | null;

  /** `onChange` is called after a change: whatever was cached anywhere in the host may be wrong. */
  constructor(onChange: (() => void) | null = null) {
    this.#onChange = onChange;
  }

  /** Most specific first, then by metric, then in the order of adding. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  /**
   * `ip route add`: false if the same prefix with the same metric is there already (EEXIST).
   * `append`, as the kernel adds the routes of addresses: it then stands behind the other.
   */
  add(route: Route, append = false): boolean {
    const { destination, metric } = route;
    const order = (other: Route): number =>
      destination.prefixLength - other.destination.prefixLength || other.metric - metric;
    const clash = this.#routes.some(
      (other) => order(other) === 0 && networkOf(other.destination) === networkOf(destination),
    );
    if (clash && !append) return false;
    const index = this.#routes.findIndex((other) => order(other) > 0);
    if (index < 0) this.#routes.push(route);
    else this.#routes.splice(index, 0, route);
    this.#changed();
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
    if (removed > 0) this.#changed();
    return removed;
  }

  /**
   * `ip route flush cache` (rt_cache_flush): forgets cached answers and what ICMP taught. Happens by
   * itself when routes, addresses, or the state or MTU of an interface change.
   */
  flush(): void {
    this.#lastDestination = UNKNOWN;
    this.#cache.clear();
    this.#exceptions.clear();
  }

  /** The route to a destination; null: none (ENETUNREACH). Routes over interfaces that are down do not count. */
  lookup(destination: Ipv4Address): ResolvedRoute | null {
    if (destination === this.#lastDestination) return this.#lastRoute;
    const resolved = this.#cache.get(destination) ?? this.#resolveAnew(destination);
    this.#lastDestination = destination;
    this.#lastRoute = resolved;
    return resolved;
  }

  /** The route to a destination that leaves by one interface, for sockets that are bound to it. */
  over(destination: Ipv4Address, egress: Interface): ResolvedRoute | null {
    return this.#resolve(destination, egress);
  }

  /** Whether one of the default routes over an interface has this next hop (ip_fib_check_default). */
  isDefaultGateway(gateway: Ipv4Address, iface: Interface): boolean {
    return this.#routes.some(
      ({ destination, via, iface: out }) =>
        destination.prefixLength === 0 && via === gateway && out === iface,
    );
  }

  /**
   * ICMP 3/4 taught us the path MTU to a destination; it holds until `expires`. `locked`: it was below
   * min_pmtu. A larger one than is known teaches nothing.
   */
  learnMtu(destination: Ipv4Address, mtu: number, locked: boolean, expires: Nanos): void {
    this.#except(destination, { mtu, mtuLocked: locked, mtuExpires: expires });
  }

  /** ICMP 5 taught us a better gateway for one destination, until `expires` or `forgetGateway`. */
  learnGateway(destination: Ipv4Address, gateway: Ipv4Address, expires: Nanos): void {
    this.#except(destination, { gateway, gatewayExpires: expires });
    this.#lastDestination = UNKNOWN;
    this.#forget(destination);
  }

  /** Called when a redirect may have expired. */
  forgetGateway(destination: Ipv4Address, now: Nanos): void {
    const exception = this.#exceptions.get(destination);
    if (exception === undefined || now < exception.gatewayExpires) return;
    this.#except(destination, { gateway: null });
    this.#lastDestination = UNKNOWN;
    this.#forget(destination);
  }

  /** What ICMP taught us about a destination; null if nothing that still holds. */
  exception(destination: Ipv4Address, now: Nanos): RouteException | null {
    if (this.#exceptions.size === 0) return null;
    const exception = this.#exceptions.get(destination);
    if (exception === undefined) return null;
    if (exception.mtuExpires <= now && exception.gateway === null) return null;
    return exception.mtuExpires <= now ? { ...exception, mtu: 0, mtuLocked: false } : exception;
  }

  /** What ICMP taught us and what still holds, by destination in the order of learning. */
  exceptions(now: Nanos): [Ipv4Address, RouteException][] {
    const found: [Ipv4Address, RouteException][] = [];
    for (const destination of this.#exceptions.keys()) {
      const exception = this.exception(destination, now);
      if (exception !== null) found.push([destination, exception]);
    }
    return found;
  }

  #changed(): void {
    if (this.#onChange === null) this.flush();
    else this.#onChange();
  }

  #forget(destination: Ipv4Address): void {
    this.#cache.delete(destination);
    if (destination === this.#lastDestination) this.#lastDestination = UNKNOWN;
  }

  #except(destination: Ipv4Address, change: Partial<RouteException>): void {
    const known = this.#exceptions.get(destination);
    if (known === undefined && this.#exceptions.size >= CACHE_LIMIT) this.#exceptions.clear();
    this.#exceptions.set(destination, { ...(known ?? NO_EXCEPTION), ...change });
  }

  /** Apart from `lookup`, which stays small enough to be inlined. */
  #resolveAnew(destination: Ipv4Address): ResolvedRoute | null {
    const resolved = this.#resolve(destination);
    if (resolved === null) return null;
    if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
    this.#cache.set(destination, resolved);
    return resolved;
  }

  #resolve(destination: Ipv4Address, egress: Interface | null = null): ResolvedRoute | null {
    for (const route of this.#routes) {
      if (!cidrContains(route.destination, destination)) continue;
      if (egress !== null && route.iface !== null && route.iface !== egress) continue;
      if (route.iface !== null && !(route.iface.up && route.iface.powered)) continue;
      const gateway = this.#exceptions.get(destination)?.gateway ?? route.via;
      return {
        type: route.type,
        iface: route.iface,
        nextHop: gateway ?? destination,
        viaGateway: gateway !== null,
        source: route.source,
        table: this,
      };
    }
    return null;
  }
}
