// The IPv4 addresses of a host, as `ip addr` knows them: primaries and secondaries per interface,
// the set of local addresses, and source address selection (inet_select_addr, net/ipv4/devinet.c).

import type { Emitter } from '../../sim/event-log.ts';
import {
  ANY_ADDRESS,
  broadcastOf,
  cidrContains,
  formatCidr,
  type Ipv4Address,
  type Ipv4Cidr,
  isLoopback,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import type { StackEvents } from '../events.ts';
import { type InterfaceAddress, Scope } from './address.ts';
import type { Interface } from './interface.ts';

/** What `ip addr add` may say besides the address. */
export interface AddressOptions {
  readonly label?: string;
  readonly scope?: Scope;
}

/** Told after the table has changed. */
export type AddressListener = (iface: Interface, address: InterfaceAddress, added: boolean) => void;

/** No address is negative. */
const UNKNOWN = -1;

/** The addresses of one host. */
export class AddressTable {
  readonly #host: string;
  readonly #events: Emitter<StackEvents>;
  /** address → interfaces that have it, in the order of adding. */
  readonly #local = new Map<Ipv4Address, Interface[]>();
  /** Subnet broadcasts, once per address that has it: a host has few, so a scan beats a Map. */
  readonly #broadcasts: Ipv4Address[] = [];
  /** Whose they are, in the same order. */
  readonly #broadcastInterfaces: Interface[] = [];
  /**
   * The last answers of `isLocal`: a busy host asks about the same few addresses all the time. A router asks
   * about two foreign ones for each packet.
   */
  #lastLocal = UNKNOWN;
  #lastForeign = UNKNOWN;
  #otherForeign = UNKNOWN;
  readonly #listeners: AddressListener[] = [];

  constructor(host: string, events: Emitter<StackEvents>) {
    this.#host = host;
    this.#events = events;
  }

  onChange(listener: AddressListener): void {
    this.#listeners.push(listener);
  }

  /** `ip addr add`. False if the interface has this very address already (EEXIST). */
  add(iface: Interface, cidr: Ipv4Cidr, options: AddressOptions = {}): boolean {
    if (iface.addresses.some((held) => held.address === cidr.address)) return false;
    const address: InterfaceAddress = {
      address: cidr.address,
      prefixLength: cidr.prefixLength,
      label: options.label ?? iface.name,
      scope: options.scope ?? (isLoopback(cidr.address) ? Scope.Host : Scope.Universe),
      broadcast: broadcastOf(cidr),
      secondary: iface.addresses.some(
        (held) =>
          !held.secondary &&
          held.prefixLength === cidr.prefixLength &&
          cidrContains(held, cidr.address),
      ),
    };
    insert(iface.addresses, address);
    const holders = this.#local.get(cidr.address);
    if (holders === undefined) this.#local.set(cidr.address, [iface]);
    else holders.push(iface);
    if (address.broadcast !== null) {
      this.#broadcasts.push(address.broadcast);
      this.#broadcastInterfaces.push(iface);
    }
    this.#changed(iface, address, true);
    this.#report(iface, address, true);
    return true;
  }

  /**
   * `ip addr del`. False if it is not there (EADDRNOTAVAIL). Removing a primary removes its
   * secondaries too, unless promote_secondaries is set: then the first of them becomes primary.
   */
  remove(iface: Interface, address: Ipv4Address): boolean {
    const index = iface.addresses.findIndex((held) => held.address === address);
    const held = iface.addresses[index];
    if (held === undefined) return false;
    this.#drop(iface, index, held);
    if (held.secondary) return true;
    const orphans = iface.addresses.filter(
      (other) =>
        other.secondary &&
        other.prefixLength === held.prefixLength &&
        cidrContains(held, other.address),
    );
    const [heir] = orphans;
    if (heir === undefined) return true;
    if (iface.conf.promote_secondaries > 0) {
      this.#promote(iface, heir);
    } else {
      for (const orphan of orphans) this.#drop(iface, iface.addresses.indexOf(orphan), orphan);
    }
    return true;
  }

  /** Takes addresses off without a word, as a power failure does. */
  forget(iface: Interface, which: (address: InterfaceAddress) => boolean): void {
    for (const held of iface.addresses.filter(which)) {
      this.#drop(iface, iface.addresses.indexOf(held), held, false);
    }
  }

  /** RTN_LOCAL: the host answers for it, on whichever interface it stands. 127/8 always is. */
  isLocal(address: Ipv4Address): boolean {
    if (address === this.#lastLocal) return true;
    if (address === this.#lastForeign || address === this.#otherForeign) return false;
    const local = this.#local.has(address) || isLoopback(address);
    if (local) {
      this.#lastLocal = address;
    } else {
      this.#otherForeign = this.#lastForeign;
      this.#lastForeign = address;
    }
    return local;
  }

  /** A subnet-directed broadcast of one of our subnets. */
  isSubnetBroadcast(address: Ipv4Address): boolean {
    // As long as an interface is down its broadcasts are no more; its addresses stay (fib_add_ifaddr).
    let at = this.#broadcasts.indexOf(address);
    while (at >= 0 && this.#broadcastInterfaces[at]?.up === false) {
      at = this.#broadcasts.indexOf(address, at + 1);
    }
    return at >= 0;
  }

  /** inet_addr_type is RTN_UNICAST: neither ours nor a broadcast, a group or 0.0.0.0. */
  isPlainUnicast(address: Ipv4Address): boolean {
    return (
      address !== ANY_ADDRESS &&
      address !== LIMITED_BROADCAST &&
      !isMulticast(address) &&
      !this.isLocal(address) &&
      !this.isSubnetBroadcast(address)
    );
  }

  /** The interfaces that carry a local address, in the order of adding; empty if none does. */
  holders(address: Ipv4Address): readonly Interface[] {
    return this.#local.get(address) ?? [];
  }

  isOn(iface: Interface, address: Ipv4Address): boolean {
    return this.#local.get(address)?.includes(iface) ?? false;
  }

  /** inet_addr_onlink: `target`, and `source` if not 0, lie in one subnet of the interface. */
  isOnLink(iface: Interface, target: Ipv4Address, source: Ipv4Address = ANY_ADDRESS): boolean {
    return iface.addresses.some(
      (held) =>
        cidrContains(held, target) && (source === ANY_ADDRESS || cidrContains(held, source)),
    );
  }

  /**
   * inet_select_addr: the first primary of the interface whose subnet holds `target`, else its
   * first primary; 0 if it has none. Addresses of a narrower scope than `scope` do not count.
   */
  select(iface: Interface, target: Ipv4Address, scope: Scope = Scope.Universe): Ipv4Address {
    let fallback: Ipv4Address = ANY_ADDRESS;
    for (const held of iface.addresses) {
      if (held.secondary || held.scope > scope) continue;
      if (target === ANY_ADDRESS || cidrContains(held, target)) return held.address;
      if (fallback === ANY_ADDRESS) fallback = held.address;
    }
    return fallback;
  }

  /** It takes its place behind the primaries, and brings the route to its subnet anew. */
  #promote(iface: Interface, heir: InterfaceAddress): void {
    const promoted = { ...heir, secondary: false };
    iface.addresses.splice(iface.addresses.indexOf(heir), 1);
    insert(iface.addresses, promoted);
    this.#changed(iface, promoted, true);
  }

  #drop(iface: Interface, index: number, held: InterfaceAddress, reported = true): void {
    iface.addresses.splice(index, 1);
    const holders = (this.#local.get(held.address) ?? []).filter((other) => other !== iface);
    if (holders.length === 0) this.#local.delete(held.address);
    else this.#local.set(held.address, holders);
    if (held.broadcast !== null) {
      const { broadcast } = held;
      const at = this.#broadcasts.findIndex(
        (other, i) => other === broadcast && this.#broadcastInterfaces[i] === iface,
      );
      this.#broadcasts.splice(at, 1);
      this.#broadcastInterfaces.splice(at, 1);
    }
    this.#changed(iface, held, false);
    if (reported) this.#report(iface, held, false);
  }

  #changed(iface: Interface, address: InterfaceAddress, added: boolean): void {
    this.#lastLocal = UNKNOWN;
    this.#lastForeign = UNKNOWN;
    this.#otherForeign = UNKNOWN;
    for (const listener of this.#listeners) listener(iface, address, added);
  }

  #report(iface: Interface, address: InterfaceAddress, added: boolean): void {
    this.#events.emit(this.#host, added ? 'address-added' : 'address-removed', {
      address: formatCidr(address),
      interface: iface.name,
    });
  }
}

/** Primaries stand before secondaries, each in the order of adding (__inet_insert_ifa). */
function insert(addresses: InterfaceAddress[], address: InterfaceAddress): void {
  const firstSecondary = addresses.findIndex((held) => held.secondary);
  if (address.secondary || firstSecondary < 0) addresses.push(address);
  else addresses.splice(firstSecondary, 0, address);
}
