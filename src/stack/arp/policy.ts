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
import { Scope } from '../device/address.ts';
import type { Interface } from '../device/interface.ts';
import type { Host } from '../host.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import { Credibility, validateSource } from '../ipv4/source-validation.ts';

/** The sender address of a request for `target`; `waiting` is the source of the packet that waits, or 0. */
export function requestSource(
  host: Host,
  iface: Interface,
  target: Ipv4Address,
  waiting: Ipv4Address,
): Ipv4Address {
  const { addresses } = host;
  const level = iface.conf.arp_announce;
  if (level < 2 && waiting !== ANY_ADDRESS && addresses.isLocal(waiting)) {
    if (level <= 0 || addresses.isOnLink(iface, target, waiting)) return waiting;
  }
  return primarySource(host, iface, target);
}

/** inet_select_addr with scope link: of the interface, else of any other. */
function primarySource(host: Host, iface: Interface, target: Ipv4Address): Ipv4Address {
  const own = host.addresses.select(iface, target, Scope.Link);
  if (own !== ANY_ADDRESS) return own;
  for (const other of host.interfaces) {
    for (const held of other.addresses) if (held.scope === Scope.Universe) return held.address;
  }
  return ANY_ADDRESS;
}

/** arp_ignore: true if the request for the local address `target` is not to be answered here. */
export function ignoresRequest(
  host: Host,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
): boolean {
  const { addresses } = host;
  switch (iface.conf.arp_ignore) {
    case 1:
      return !addresses.isOn(iface, target);
    case 2:
      return !addresses.isOn(iface, target) || !addresses.isOnLink(iface, target, sender);
    case 3:
      return !host.interfaces.some((other) =>
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
  ipv4: Pick<Ipv4, 'route'>,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
): boolean {
  if (iface.conf.arp_filter === 0) return false;
  const route = ipv4.route(sender, target);
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
  /** The sender cannot be right (martian, or rp_filter): not answered. */
  | 'martian';

/** `isPublished` says that `ip neigh add proxy` names the target on this interface. */
export function classifyRequest(
  host: Host,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
  isPublished: boolean,
): Asked {
  const { addresses, fib } = host;
  const routesLocalnet = iface.conf.route_localnet > 0;
  if (isMulticast(sender) || sender === LIMITED_BROADCAST || sender === ANY_ADDRESS)
    return 'martian';
  if (target === LIMITED_BROADCAST || target === ANY_ADDRESS) return 'other';
  if (isLoopback(sender) && !routesLocalnet) return 'martian';
  if (addresses.isLocal(target)) {
    return isCredible(host, iface, sender, target, null) ? 'ours' : 'martian';
  }
  if (addresses.isSubnetBroadcast(target) || iface.conf.forwarding === 0) return 'other';
  const route = fib.lookup(target, sender, 0, iface);
  if (route === null || route.type !== 'unicast' || route.iface === null) return 'other';
  if (!isCredible(host, iface, sender, target, route.iface)) return 'martian';
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
function isCredible(
  host: Host,
  iface: Interface,
  sender: Ipv4Address,
  target: Ipv4Address,
  egress: Interface | null,
): boolean {
  return validateSource(host, iface, sender, target, 0, egress) === Credibility.Credible;
}
