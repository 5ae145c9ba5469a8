// Who is where in one cluster's logical network: what every node's flows know of the others.

import {
  cidrContains,
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
} from '../../../wire/ipv4-address.ts';
import { type MacAddress, macAddress } from '../../../wire/mac-address.ts';
import { JOIN_CIDR, type NodeAddressing } from '../addressing.ts';

/** One node and its logical ports. */
export interface Member extends NodeAddressing {
  readonly name: string;
  readonly subnet: Ipv4Cidr;
  /** The node's own address, which its gateway router shares. */
  readonly address: Ipv4Address;
  /** Where its Geneve packets go. */
  readonly encap: Ipv4Address;
}

/** 0a:58 and the address, as OVN-Kubernetes makes MACs. */
export function logicalMac(address: Ipv4Address): MacAddress {
  return macAddress(0x0a58 * 0x1_0000_0000 + address);
}

/** `rtoj-ovn_cluster_router`: the cluster router on the join switch. */
export const CLUSTER_JOIN: Ipv4Address = ipv4Address(JOIN_CIDR.address + 1);

/** All members of a cluster, by their addresses. */
export class NetworkMap {
  readonly clusterNetwork: Ipv4Cidr;
  readonly #members: Member[] = [];
  readonly #byJoin = new Map<Ipv4Address, Member>();
  readonly #byTransit = new Map<Ipv4Address, Member>();
  readonly #byAddress = new Map<Ipv4Address, Member>();
  readonly #byEncap = new Map<Ipv4Address, Member>();
  readonly #byId = new Map<number, Member>();
  #latest: Member | null = null;

  constructor(clusterNetwork: Ipv4Cidr) {
    this.clusterNetwork = clusterNetwork;
  }

  add(member: Member): void {
    this.#members.push(member);
    this.#byJoin.set(member.join, member);
    this.#byTransit.set(member.transit, member);
    this.#byAddress.set(member.address, member);
    this.#byEncap.set(member.encap, member);
    this.#byId.set(member.id, member);
  }

  /** Whose pod subnet an address is in. */
  ofPod(address: Ipv4Address): Member | null {
    const { subnet } = this.#latest ?? {};
    if (subnet !== undefined && cidrContains(subnet, address)) return this.#latest;
    this.#latest = this.#members.find((member) => cidrContains(member.subnet, address)) ?? null;
    return this.#latest;
  }

  ofJoin(address: Ipv4Address): Member | null {
    return this.#byJoin.get(address) ?? null;
  }

  ofTransit(address: Ipv4Address): Member | null {
    return this.#byTransit.get(address) ?? null;
  }

  /** Whose own address it is. */
  ofNode(address: Ipv4Address): Member | null {
    return this.#byAddress.get(address) ?? null;
  }

  ofEncap(address: Ipv4Address): Member | null {
    return this.#byEncap.get(address) ?? null;
  }

  ofId(id: number): Member | null {
    return this.#byId.get(id) ?? null;
  }
}
