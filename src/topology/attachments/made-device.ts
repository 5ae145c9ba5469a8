// What TAP and TUN devices share: the lab makes them, and configures the kernel's end.

import type { Path } from '../../schema/position.ts';
import {
  ANY_ADDRESS,
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Cidr,
  networkOf,
} from '../../wire/ipv4-address.ts';
import type { Context } from '../context.ts';
import type { KernelRoute, MadeDevice } from './attachment.ts';
import type { RawMade } from './schema.ts';

const EVERYWHERE: Ipv4Cidr = { address: ANY_ADDRESS, prefixLength: 0 };

/** `own` is the address of the kernel's end, by which its gateway is reached. */
export function madeDevice(
  context: Context,
  raw: RawMade,
  mtu: number,
  own: Ipv4Cidr | null,
  path: Path,
): Omit<MadeDevice, 'name' | 'position'> {
  const configure = raw.configure ?? true;
  const routes: KernelRoute[] = (raw.routes ?? []).map(({ to, via = null }) => ({ to, via }));
  if (raw.gateway !== undefined) {
    routes.push({ to: EVERYWHERE, via: raw.gateway });
    if (own !== null && own.prefixLength < 32 && !cidrContains(own, raw.gateway)) {
      const network = formatCidr({ ...own, address: networkOf(own) });
      const message = `${formatIpv4(raw.gateway)} is not in ${network}, where the kernel could reach it`;
      context.report([...path, 'gateway'], message, "use an address of the lab's side");
    }
  }
  if (!configure && routes.length > 0) {
    const message = 'routes need a configured device';
    context.report([...path, 'configure'], message, 'leave out "configure: false", or the routes');
  }
  return { netns: raw.netns ?? null, configure, mtu, routes, offload: raw.offload ?? true };
}
