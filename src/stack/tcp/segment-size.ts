// How long segments may be: what the peer takes (its MSS option) and what the path carries.

import { HEADER_LENGTH } from '../../wire/tcp.ts';
import { TIMESTAMPS_LENGTH } from '../../wire/tcp-options.ts';

/** IPv4 and TCP without options. */
const HEADERS = 20 + HEADER_LENGTH;
const LARGEST_PACKET = 65_535;
/** TCP_MIN_SND_MSS, options included. */
const MINIMUM = 48;
/** TCP_MSS_DEFAULT: smaller windows may be filled by one segment. */
const SMALL_WINDOW = 536;
/** Of TCP, and of any segment, at least. */
const MINIMUM_PACKET = 68;
/** RFC 9293 3.7.1: of a peer that says nothing. */
const DEFAULT = 536;

/** The limits on the segments of one connection, in octets. */
export class SegmentSize {
  /** What the peer's SYN said. */
  peer: number = DEFAULT;
  /** The largest window the peer has had; 0 before it sent one. */
  window = 0;
  #pathMtu: number;

  constructor(pathMtu: number) {
    this.#pathMtu = Math.min(pathMtu, LARGEST_PACKET);
  }

  /** The MSS option of our SYN. */
  get advertised(): number {
    return this.#pathMtu - HEADERS;
  }

  /** Octets of data in a segment: no more than half of the largest window (tcp_bound_to_half_wnd). */
  payload(withTimestamps: boolean): number {
    const options = withTimestamps ? TIMESTAMPS_LENGTH : 0;
    const largest = Math.max(Math.min(this.peer, this.advertised), MINIMUM) - options;
    const bound = this.window > SMALL_WINDOW ? this.window >>> 1 : this.window;
    if (bound === 0 || largest <= bound) return largest;
    return Math.max(bound, MINIMUM_PACKET - HEADER_LENGTH - options);
  }

  /** Takes the MTU of the route and the largest window as they are now; true if either has changed. */
  follow(pathMtu: number, window: number): boolean {
    const mtu = Math.min(pathMtu, LARGEST_PACKET);
    if (mtu === this.#pathMtu && window === this.window) return false;
    this.#pathMtu = mtu;
    this.window = window;
    return true;
  }
}
