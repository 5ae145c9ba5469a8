// How long segments may be: what the peer takes (its MSS option) and what the path carries.

import { HEADER_LENGTH } from '../../wire/tcp.ts';
import { TIMESTAMPS_LENGTH } from '../../wire/tcp-options.ts';

/** IPv4 and TCP without options. */
const HEADERS = 20 + HEADER_LENGTH;
const LARGEST_PACKET = 65_535;
/** TCP_MIN_SND_MSS, options included. */
const MINIMUM = 48;
/** RFC 9293 3.7.1: of a peer that says nothing. */
const DEFAULT = 536;

export class SegmentSize {
  /** What the peer's SYN said. */
  peer: number = DEFAULT;
  #pathMtu: number;

  constructor(pathMtu: number) {
    this.#pathMtu = Math.min(pathMtu, LARGEST_PACKET);
  }

  /** The MSS option of our SYN. */
  get advertised(): number {
    return this.#pathMtu - HEADERS;
  }

  /** Octets of data in a segment. */
  payload(withTimestamps: boolean): number {
    const largest = Math.max(Math.min(this.peer, this.advertised), MINIMUM);
    return largest - (withTimestamps ? TIMESTAMPS_LENGTH : 0);
  }

  /** Takes the MTU of the route as it is now; true if it has changed. */
  follow(pathMtu: number): boolean {
    const mtu = Math.min(pathMtu, LARGEST_PACKET);
    if (mtu === this.#pathMtu) return false;
    this.#pathMtu = mtu;
    return true;
  }
}
