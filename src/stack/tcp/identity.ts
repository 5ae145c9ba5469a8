// Initial sequence numbers (RFC 6528) and timestamp offsets, as Linux makes them: a keyed hash of the
// four numbers and a clock, so that a new incarnation of a connection starts after the old one.

import type { Random } from '../../sim/random.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { add } from './sequence.ts';
import { hashEndpoints } from './table.ts';

/** secure_seq.c: the clock of sequence numbers ticks every 64 ns. */
const TICK: Nanos = 64;

/** One host's secrets, and the numbers that follow from them. */
export class Identity {
  readonly #random: Random;
  #sequenceSecret = 0;
  #timestampSecret = 0;

  constructor(random: Random) {
    this.#random = random;
    this.renew();
  }

  /** Other secrets, as after a boot. */
  renew(): void {
    this.#sequenceSecret = this.#random.uint32();
    this.#timestampSecret = this.#random.uint32();
  }

  initialSequence(
    localAddress: Ipv4Address,
    localPort: number,
    remoteAddress: Ipv4Address,
    remotePort: number,
    now: Nanos,
  ): number {
    const hash = hashEndpoints(localAddress, localPort, remoteAddress, remotePort);
    return add(scramble(hash ^ this.#sequenceSecret), Math.floor(now / TICK) % 0x1_0000_0000);
  }

  /** The same for all connections between two addresses. */
  timestampOffset(localAddress: Ipv4Address, remoteAddress: Ipv4Address): number {
    const hash = hashEndpoints(localAddress, 0, remoteAddress, 0);
    return scramble(hash ^ this.#timestampSecret);
  }
}

/** murmur3's finalizer: every bit of the secret reaches every bit of the result. */
function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
