// Local ports for sockets that did not ask for one, from net.ipv4.ip_local_port_range (32768..60999).
// connect(2) walks upward from a start that depends on the destination and takes the even ports
// first, leaving the odd ones to bind(0) (__inet_hash_connect, inet_csk_find_open_port).

import type { Random } from '../../sim/random.ts';

/** Linux's default ip_local_port_range. */
const EPHEMERAL_LOW = 32_768;
const EPHEMERAL_HIGH = 60_999;

const COUNT = EPHEMERAL_HIGH - EPHEMERAL_LOW + 1;
/** The next connection to the same place starts up to so many even ports further on. */
const MAXIMUM_STRIDE = 8;
/** INET_TABLE_PERTURB_SIZE is 64 Ki; one host of a lab talks to fewer places. */
const TABLE_SIZE = 256;

/** Draws ports from ip_local_port_range, as Linux does. */
export class EphemeralPorts {
  readonly #random: Random;
  /** Where connections whose destination hashes to a slot look next; most hosts of a lab make none. */
  readonly #next = new Map<number, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A port for connect(2) to the place with this hash, or null if `isFree` refuses all 28,232. */
  forConnection(destinationHash: number, isFree: (port: number) => boolean): number | null {
    const slot = (destinationHash >>> 0) % TABLE_SIZE;
    let first = this.#next.get(slot) ?? this.#random.integer(0, COUNT - 1);
    first &= ~1;
    for (let i = 0; i < COUNT; i++) {
      // All even ports upward from `first`, then all odd ones.
      const step = 2 * i < COUNT ? 2 * i : 2 * i - COUNT + 1;
      const offset = (first + step) % COUNT;
      if (!isFree(EPHEMERAL_LOW + offset)) continue;
      this.#next.set(slot, (offset + 2 * this.#random.integer(1, MAXIMUM_STRIDE)) % COUNT);
      return EPHEMERAL_LOW + offset;
    }
    return null;
  }

  /** A port for bind(0): upward from a random start. */
  forBinding(isFree: (port: number) => boolean): number | null {
    const first = this.#random.integer(0, COUNT - 1);
    for (let i = 0; i < COUNT; i++) {
      const port = EPHEMERAL_LOW + ((first + i) % COUNT);
      if (isFree(port)) return port;
    }
    return null;
  }
}
