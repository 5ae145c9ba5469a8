// Which node has which pod subnet: what the OpenFlow tables 10, 50 and 90 of every br0 say. One
// directory serves all nodes of a cluster; the entries are the HostSubnets' hostIP and subnet.

import { cidrContains, type Ipv4Address, type Ipv4Cidr } from '../../../wire/ipv4-address.ts';

/** Pods spoken to; a scan of a whole cluster network does not fill the memory. */
const CACHE_LIMIT = 65_536;

/** Who has which pod subnet, for all nodes of a cluster. */
export class SubnetDirectory {
  readonly #subnets = new Map<string, { readonly subnet: Ipv4Cidr; readonly host: Ipv4Address }>();
  /** host address → nodes: while a HostSubnet changes hands two may name one host. */
  readonly #hosts = new Map<Ipv4Address, string[]>();
  /** pod address → node, filled at first use. */
  readonly #cache = new Map<Ipv4Address, Ipv4Address | null>();

  /** A HostSubnet was added or changed. */
  set(node: string, subnet: Ipv4Cidr, host: Ipv4Address): void {
    this.delete(node);
    this.#subnets.set(node, { subnet, host });
    this.#hosts.set(host, [...(this.#hosts.get(host) ?? []), node]);
  }

  /** A HostSubnet was deleted. */
  delete(node: string): void {
    this.#cache.clear();
    const before = this.#subnets.get(node);
    if (before === undefined) return;
    this.#subnets.delete(node);
    const others = (this.#hosts.get(before.host) ?? []).filter((other) => other !== node);
    if (others.length === 0) this.#hosts.delete(before.host);
    else this.#hosts.set(before.host, others);
  }

  /** Table 10: VXLAN is accepted from these addresses only. */
  isNode(host: Ipv4Address): boolean {
    return this.#hosts.has(host);
  }

  /** Whose host address it is; null if no node's. */
  nameOf(host: Ipv4Address): string | null {
    return this.#hosts.get(host)?.[0] ?? null;
  }

  /** Tables 50 and 90: the host address of the node whose pod subnet holds `address`; null if none does. */
  nodeOf(address: Ipv4Address): Ipv4Address | null {
    const cached = this.#cache.get(address);
    if (cached !== undefined) return cached;
    let found: Ipv4Address | null = null;
    for (const { subnet, host } of this.#subnets.values()) {
      if (cidrContains(subnet, address)) {
        found = host;
        break;
      }
    }
    if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
    this.#cache.set(address, found);
    return found;
  }
}
