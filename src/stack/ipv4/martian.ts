// Addresses that cannot come from a wire (ip_route_input_slow, RFC 1812 5.3.7).

import {
  ANY_ADDRESS,
  isLoopback,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import type { Interface } from '../device/interface.ts';
import type { Packet } from '../packet.ts';

/** Whether a packet that came in through `ingress`, which is not `lo`, has such an address. */
export function isMartian(packet: Packet, ingress: Interface): boolean {
  const { source, destination } = packet;
  if (isMulticast(source) || source === LIMITED_BROADCAST) return true;
  // Since Linux 5.3 only 0.0.0.0 itself: the rest of 0/8 are addresses as any other.
  if (source === ANY_ADDRESS && destination !== LIMITED_BROADCAST && !isMulticast(destination)) {
    return true;
  }
  if (destination === ANY_ADDRESS && source !== ANY_ADDRESS) return true;
  const looped = isLoopback(source) || isLoopback(destination);
  return looped && ingress.conf.route_localnet === 0;
}
