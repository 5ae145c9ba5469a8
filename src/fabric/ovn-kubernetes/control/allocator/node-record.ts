// What the allocator remembers of one node. Flags start false and are learned from watch events.

import type { IpFamily } from '../../northbound.ts';
import { familyOf } from '../../northbound.ts';
import { type Capacity, UNLIMITED } from '../annotations.ts';
import type { Holdings } from './holdings.ts';
import type { NodeNetworks } from './networks.ts';

/** One node in the memory of the allocator. */
export class NodeRecord {
  readonly name: string;
  networks: NodeNetworks = { primary: [], secondary: [] };
  capacity: Capacity = UNLIMITED;
  /** Addresses of its management port: where it is probed. */
  managementIps: readonly string[] = [];
  /** It has the label. */
  assignable = false;
  ready = false;
  reachable = false;
  /** Canonical IP → object. */
  readonly #allocations = new Map<string, string>();
  readonly #byObject = new Map<string, number>();
  readonly #byFamily: Record<IpFamily, number> = { ip4: 0, ip6: 0 };

  readonly #holdings: Holdings;

  /** `holdings` hears of every allocation here. */
  constructor(name: string, holdings: Holdings) {
    this.name = name;
    this.#holdings = holdings;
  }

  /** Labelled, ready and reachable. */
  get isCandidate(): boolean {
    return this.assignable && this.ready && this.reachable;
  }

  /** Canonical IP → object. */
  get allocations(): ReadonlyMap<string, string> {
    return this.#allocations;
  }

  /** How many IPs of an object are here. */
  countOf(object: string): number {
    return this.#byObject.get(object) ?? 0;
  }

  /** One more of that family is within the limits of the cloud. */
  hasRoomFor(family: IpFamily): boolean {
    const { ip, ipv4, ipv6 } = this.capacity;
    const own = family === 'ip4' ? ipv4 : ipv6;
    const isBelow = (limit: number | null, count: number): boolean =>
      limit === null || limit > count;
    return isBelow(ip, this.#allocations.size) && isBelow(own, this.#byFamily[family]);
  }

  allocate(ip: string, object: string): void {
    this.free(ip);
    this.#allocations.set(ip, object);
    this.#holdings.add(ip);
    this.#byObject.set(object, this.countOf(object) + 1);
    this.#byFamily[familyOf(ip)]++;
  }

  free(ip: string): void {
    const object = this.#allocations.get(ip);
    if (object === undefined) return;
    this.#allocations.delete(ip);
    this.#holdings.remove(ip);
    this.#byFamily[familyOf(ip)]--;
    const left = this.countOf(object) - 1;
    if (left === 0) this.#byObject.delete(object);
    else this.#byObject.set(object, left);
  }

  freeAll(): void {
    for (const ip of [...this.#allocations.keys()]) this.free(ip);
  }
}
