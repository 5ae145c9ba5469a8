// What a person would type to look inside, printed as Linux prints it: `ip neigh`, `ip addr`,
// `ip route`, `bridge fdb`, `conntrack -L`, `ss -tan`.

import type { Nanos } from '../sim/time.ts';
import { formatRoute } from '../stack/ipv4/route-table.ts';
import { formatNeighbor } from '../stack/neighbor/table.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatSockets } from '../stack/tcp/format.ts';
import { formatCidr } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';
import type { Segment } from './segment.ts';

/** `ip neigh`. */
export function neighborLines(stack: NetworkStack): string[] {
  return stack.neighbors.entries().map(formatNeighbor);
}

/** `ip -brief addr`. */
export function addressLines(stack: NetworkStack): string[] {
  return stack.interfaces.map((iface) => {
    const state = iface === stack.loopback ? 'UNKNOWN' : iface.operational ? 'UP' : 'DOWN';
    return `${iface.name} ${state} ${iface.addresses.map(formatCidr).join(' ')}`.trimEnd();
  });
}

/** `ss -tan`. */
export function socketLines(stack: NetworkStack): string[] {
  return formatSockets(stack.tcp);
}

/** `ip route`. */
export function routeLines(stack: NetworkStack): string[] {
  return stack.routes.routes.map(formatRoute);
}

/** `bridge fdb show br <segment>`, learned entries only. */
export function fdbLines({ bridge, spec }: Segment, now: Nanos): string[] {
  return [...bridge.table.entries(now)].map(
    ([mac, { port }]) =>
      `${formatMac(mac)} dev ${port.name.slice(spec.name.length + 1)} master ${spec.name}`,
  );
}
