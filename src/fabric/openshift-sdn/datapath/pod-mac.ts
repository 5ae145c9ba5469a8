// MAC addresses made from IPv4 addresses, as the CNI plugins make them.

import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { type MacAddress, macAddress } from '../../../wire/mac-address.ts';

const PREFIX = 0x0a58;

/** 0a:58 and the address. */
export function ethernetMacOf(address: Ipv4Address): MacAddress {
  return macAddress(PREFIX * 0x1_0000_0000 + address);
}
