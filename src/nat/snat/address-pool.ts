// The addresses a SNAT rule may use, and how Linux picks one: by a hash of who talks to whom, so that
// a server sees a client under one address, also after a reboot (find_best_ips_proto, nf_nat_core.c).

import { type Ipv4Address, ipv4Address } from '../../wire/ipv4-address.ts';
import type { AddressRange } from '../../wire/ranges.ts';

/** Some addresses, in the order of their ranges. */
export class AddressPool {
  readonly ranges: readonly AddressRange[];
  /** How many addresses there are. */
  readonly size: number;

  /** Not empty; `low` is never above `high`. */
  constructor(ranges: readonly AddressRange[]) {
    this.ranges = ranges;
    this.size = ranges.reduce((sum, { low, high }) => sum + high - low + 1, 0);
  }

  /** A pool of one. */
  static of(address: Ipv4Address): AddressPool {
    return new AddressPool([{ low: address, high: address }]);
  }

  contains(address: Ipv4Address): boolean {
    return this.ranges.some(({ low, high }) => address >= low && address <= high);
  }

  /** The address for a source and destination; with `persistent` only the source counts. */
  pick(source: Ipv4Address, destination: Ipv4Address, persistent: boolean): Ipv4Address {
    if (this.size === 1) return this.#at(0);
    const hash = jenkinsHash(swap(source), persistent ? 0 : swap(destination));
    return this.#at(Math.floor((hash * this.size) / 0x1_0000_0000));
  }

  #at(index: number): Ipv4Address {
    let rest = index;
    for (const { low, high } of this.ranges) {
      const size = high - low + 1;
      if (rest < size) return ipv4Address(low + rest);
      rest -= size;
    }
    return ipv4Address(0);
  }
}

/** The address as a little-endian machine reads it from memory: so does the hash of Linux on x86. */
function swap(address: number): number {
  const outer = (address << 24) | (address >>> 24);
  return outer | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00);
}

/** Bob Jenkins' lookup3 over one word and the three zeros behind it in a nf_inet_addr (jhash2). */
function jenkinsHash(word: number, initial: number): number {
  let a = (0xdead_beef + 16 + initial) | 0;
  let b = a;
  let c = a;
  a = (a + word) | 0;
  // __jhash_mix, with the second and third word zero
  a = ((a - c) | 0) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = ((a - c) | 0) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 4);
  b = (b + a) | 0;
  // __jhash_final, with the fourth word zero
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
