// The interfaces of machines, as rows and as `ip -brief addr` prints them.

import type { Interface } from '../stack/device/interface.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatCidr } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';

/** One interface of a machine. */
export interface InterfaceRow {
  readonly machine: string;
  readonly interface: string;
  readonly mac: string;
  /** Octets of the largest IPv4 packet. */
  readonly mtu: number;
  /** Operational state as the kernel names it; UNKNOWN is loopback's. */
  readonly state: 'UP' | 'DOWN' | 'UNKNOWN';
  /** '192.168.50.144/24', primaries first. */
  readonly addresses: readonly string[];
}

/** The interfaces of a machine, loopback first. */
export function interfaceRows(stack: NetworkStack): InterfaceRow[] {
  return stack.interfaces.map((iface) => ({
    machine: stack.name,
    interface: iface.name,
    mac: formatMac(iface.mac),
    mtu: iface.mtu,
    state: stateOf(iface, stack),
    addresses: iface.addresses.map(formatCidr),
  }));
}

function stateOf(iface: Interface, stack: NetworkStack): InterfaceRow['state'] {
  if (iface === stack.loopback) return 'UNKNOWN';
  return iface.operational ? 'UP' : 'DOWN';
}

/** One line of `ip -brief addr`. */
export function interfaceLine(row: InterfaceRow): string {
  return `${row.interface} ${row.state} ${row.addresses.join(' ')}`.trimEnd();
}

/** `ip -brief addr` on one machine. */
export function addressLines(stack: NetworkStack): string[] {
  return interfaceRows(stack).map(interfaceLine);
}
