// An Ethernet header kept as the words it is written in, for whoever sends many frames to one MAC
// (struct hh_cache): four stores where an address that is taken apart for each frame costs three times that.

import { HEADER_LENGTH } from './ethernet.ts';
import { assertWritable, type Frame } from './frame.ts';
import { type MacAddress, ZERO_MAC } from './mac-address.ts';

const TWO_TO_32 = 0x1_0000_0000;

/** A header that is written again and again. */
export class EthernetHeader {
  #destination: MacAddress = ZERO_MAC;
  #source: MacAddress = ZERO_MAC;
  // Signed, because a number above 2^31 costs a box of its own.
  #first = 0;
  #second = 0;
  #third = 0;
  readonly #type: number;

  /** `type`: what the frames carry; see EtherType. Both addresses are zero at first. */
  constructor(type: number) {
    this.#type = type;
  }

  get destination(): MacAddress {
    return this.#destination;
  }

  get source(): MacAddress {
    return this.#source;
  }

  /** Other addresses from now on. */
  set(destination: MacAddress, source: MacAddress): void {
    this.#destination = destination;
    this.#source = source;
    const to = Math.floor(destination / TWO_TO_32);
    const from = Math.floor(source / TWO_TO_32);
    const low = destination - to * TWO_TO_32;
    this.#first = (to << 16) | (low >>> 16);
    this.#second = ((low & 0xffff) << 16) | from;
    this.#third = (source - from * TWO_TO_32) | 0;
  }

  /** Writes the header at the start of a frame. */
  write(frame: Frame): void {
    assertWritable(frame);
    const { view, start } = frame;
    view.setInt32(start, this.#first);
    view.setInt32(start + 4, this.#second);
    view.setInt32(start + 8, this.#third);
    view.setUint16(start + HEADER_LENGTH - 2, this.#type);
  }
}
