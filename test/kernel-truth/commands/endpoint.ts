// 'ADDRESS:PORT' of the scripts' programs, and how fast a program is.

import type { Ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { address } from '../world.ts';

/** From the arrival of data until the program's answer leaves: it has to be woken and scheduled. */
export const WAKEUP_SECONDS = 0.000_1;

export interface Endpoint {
  readonly address: Ipv4Address;
  readonly port: number;
}

export function endpoint(text: string): Endpoint {
  const [host = '', port = ''] = text.split(':');
  return { address: address(host), port: Number(port) };
}
