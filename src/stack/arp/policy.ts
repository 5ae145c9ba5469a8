// Who may ask and who may answer: the decisions of arp_ignore, arp_filter and arp_announce as
// functions of the address table and the routes (arp_ignore(), arp_filter(), arp_solicit() in
// net/ipv4/arp.c; inet_confirm_addr() and inet_select_addr() in net/ipv4/devinet.c).

import {
  ANY_ADDRESS,
  type Ipv4Address,
  isLoopback,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import { type AddressTable, Scope } from '../device/address-table.ts';
import type { Interface } from '../device/interface.ts';
import type { NetworkStack } from '../stack.ts';

/** inet_addr_type is RTN_UNICAST: neither ours nor a broadcast, a group or 0.0.0.0. */
export function isPlainUnicast(addresses: AddressTable, address: Ipv4Address): boolean {
  return (
    address !== ANY_ADDRESS &&
    address !== LIMITED_BROADCAST &&
    !isMulticast(address) &&
    !addresses.isLocal(address) &&
    !addresses.isSubnetBroadcast(address)
  );
}

/** The sender address of a request for `target`; `waiting` is the source of the packet that waits, or 0. */
export function requestSource(
  stack: NetworkStack,
  iface: Interface,
  target: Ipv4Address,
  waiting: Ipv4Address,
): Ipv4Address {
  const { addresses } = stack;
  const level = iface.conf.arp_announce;
  if (level < 2 && waiting !== ANY_ADDRESS && addresses.isLocal(waiting)) {
    if (level <= 0 || addresses.isOnLink(iface, target, waiting)) return waiting;
  }
  return primarySource(stack, iface, target);
}

/** inet_select_addr with scope link: of the interface, else of any other. */
function primarySource(stack: NetworkStack, iface: Interface, target: Ipv4Address): Ipv4Address {
  const own = stack.addresses.select(iface, target, Scope.Link);
  if (own !== ANY_ADDRESS) return own;
  for (const other of stack.interfaces) {
    for (const held of other.addresses) if (held.scope === Scope.Universe) return held.address;
  }
  return ANY_ADDRESS;
}

/** arp_ignore: true if the request for the local address `target` is not to be answered here. */
export function ignoresRequest(
  stack: NetworkStack,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
): boolean {
  const { addresses } = stack;
  switch (iface.conf.arp_ignore) {
    case 1:
      return !addresses.isOn(iface, target);
    case 2:
      return !addresses.isOn(iface, target) || !addresses.isOnLink(iface, target, sender);
    case 3:
      return !stack.interfaces.some((other) =>
        other.addresses.some((held) => held.address === target && held.scope <= Scope.Link),
      );
    case 8:
      return true;
    default:
      return false;
  }
}

/** arp_filter: true if our way back to the asker leaves by another interface. */
export function filtersRequest(
  stack: NetworkStack,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
): boolean {
  if (iface.conf.arp_filter === 0) return false;
  const route = stack.ipv4.route(sender, target);
  return typeof route === 'string' || route.iface !== iface;
}

/** What a request asks for, as ip_route_input sees the pair of addresses. */
export type Asked =
  /** An address of ours. */
  | 'ours'
  /** An address we answer for in place of its owner. */
  | 'proxied'
  /** Somebody else's. */
  | 'other'
  /** The sender can't be right (martian, or rp_filter): not answered. */
  | 'martian';

/** `isPublished` says that `ip neigh add proxy` names the target on this interface. */
export function classifyRequest(
  stack: NetworkStack,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
  isPublished: boolean,
): Asked {
  const { addresses, routes } = stack;
  const routesLocalnet = iface.conf.route_localnet > 0;
  if (isMulticast(sender) || sender === LIMITED_BROADCAST || sender === ANY_ADDRESS)
    return 'martian';
  if (target === LIMITED_BROADCAST || target === ANY_ADDRESS) return 'other';
  if (isLoopback(sender) && !routesLocalnet) return 'martian';
  if (addresses.isLocal(target)) return isCredible(stack, iface, sender) ? 'ours' : 'martian';
  if (addresses.isSubnetBroadcast(target) || iface.conf.forwarding === 0) return 'other';
  const route = routes.lookup(target);
  if (route === null || route.type !== 'unicast' || route.iface === null) return 'other';
  if (!isCredible(stack, iface, sender)) return 'martian';
  return isProxied(iface, route.iface, sender, target, isPublished) ? 'proxied' : 'other';
}

/** arp_fwd_proxy, arp_fwd_pvlan and the published entries. medium_id is not modeled. */
function isProxied(
  iface: Interface,
  egress: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
  isPublished: boolean,
): boolean {
  if (egress !== iface) return iface.conf.proxy_arp > 0 || isPublished;
  return iface.conf.proxy_arp_pvlan > 0 && sender !== target;
}

/** fib_validate_source: not one of our own, and plausible to rp_filter. */
function isCredible(stack: NetworkStack, iface: Interface, sender: Ipv4Address): boolean {
  const { accept_local, rp_filter } = iface.conf;
  // Without rp_filter Linux looks for the very address only: 127.1.2.3 is nobody's.
  if (rp_filter === 0) return accept_local > 0 || stack.addresses.holders(sender).length === 0;
  if (stack.addresses.isLocal(sender)) {
    const isLoose = rp_filter === 2 || stack.addresses.holders(sender).includes(iface);
    return accept_local > 0 && isLoose;
  }
  const back = stack.routes.lookup(sender);
  if (back === null || back.type !== 'unicast') return false;
  return rp_filter === 2 || back.iface === iface;
}
