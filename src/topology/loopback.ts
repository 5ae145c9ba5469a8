// `loopback:` of a host or node: addresses on `lo`, which no segment knows. A service address lives
// there (IPVS and its real servers, anycast): the machine takes packets for it, and with arp_ignore=0
// answers ARP for it on every interface (fixture 04-dad).

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { interfaceAddress, type WrittenAddress } from '../schema/values.ts';
import { formatIpv4, type Ipv4Cidr, isMulticast } from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';

/** `loopback:`, addresses on `lo`. */
export const loopbackSchema: z.ZodType<readonly WrittenAddress[]> = z.array(interfaceAddress, {
  error: 'expected a list of addresses',
});

/** The addresses, /32 when no prefix length is given; reports those that another machine has. */
export function normalizeLoopback(
  context: Context,
  given: readonly WrittenAddress[],
  path: Path,
): Ipv4Cidr[] {
  const addresses: Ipv4Cidr[] = [];
  for (const [index, { address, prefixLength }] of given.entries()) {
    const at = [...path, index];
    const text = formatIpv4(address);
    if (isMulticast(address) || address >>> 24 === 0 || address >>> 24 >= 240) {
      context.report(at, `${text} cannot be the address of a machine`, 'use a unicast address');
    } else if (addresses.some((other) => other.address === address)) {
      context.report(at, `${text} is already an address of lo`);
    } else {
      addresses.push({ address, prefixLength: prefixLength ?? 32 });
    }
  }
  return addresses;
}
