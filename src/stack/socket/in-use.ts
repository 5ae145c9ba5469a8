// The error of a port that is taken, the same for TCP and UDP (EADDRINUSE).

import { EgressLabError } from '../../base/errors.ts';
import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';

/** @throws EgressLabError EGL_ADDRESS_IN_USE, always */
export function failInUse(
  host: string,
  protocol: 'tcp' | 'udp',
  address: Ipv4Address,
  port: number,
): never {
  const place = `${address === ANY_ADDRESS ? '*' : formatIpv4(address)}:${port}`;
  throw new EgressLabError(
    'EGL_ADDRESS_IN_USE',
    `${host}: ${protocol} ${place} is already in use`,
    {
      hint: 'Give one of the two services another port, or bind each to an address of its own.',
    },
  );
}
