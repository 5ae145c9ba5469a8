// What may be wrong with a packet, mostly nothing: odd header fields, IP and TCP options good and bad,
// checksums that do not fit, ends that are cut off.

import type { Random } from '../../../src/sim/random.ts';
import { concat, type IpFields } from '../build.ts';
import { fromHex } from '../case.ts';

const IP_OPTIONS = [
  '01010101',
  '00000000',
  '94040000',
  '440405f0',
  '83070400000000',
  '830704c0000201',
  '890704c0000201',
  '01ff0000',
  '07000000',
  '070203',
  '070605000000',
  '94030000',
];
const SYN_OPTIONS = ['020405b4', '020405b40402', '020405b401030307', '020400400103030e', '0204'];
const SEGMENT_OPTIONS = ['01010101', '0101050a0000000100000002', '00000000'];

/** What may be odd in an IPv4 header. */
export function headerQuirks(random: Random): Partial<IpFields> {
  return {
    ...(random.chance(0.12) ? { ttl: random.pick([0, 1, 1, 2, 255]) } : {}),
    ...(random.chance(0.1) ? { tos: random.integer(0, 255) } : {}),
    ...(random.chance(0.15) ? { fragment: random.pick([0x4000, 0x4000, 0x8000, 0xc000]) } : {}),
    ...(random.chance(0.06) ? { options: padded(random.pick(IP_OPTIONS)) } : {}),
    ...(random.chance(0.015) ? { version: random.pick([0, 3, 5, 6]) } : {}),
    ...(random.chance(0.015) ? { headerWords: random.pick([0, 4, 6, 15]) } : {}),
    ...(random.chance(0.03) ? { totalLength: random.integer(0, 120) } : {}),
    ...(random.chance(0.02) ? { checksumError: random.pick([1, 0x8000, 0xffff]) } : {}),
  };
}

export function checksumQuirk(random: Random): { readonly checksumError?: number } {
  return random.chance(0.04) ? { checksumError: random.pick([1, 0x0100, 0xffff]) } : {};
}

export function tcpOptions(random: Random, isSyn: boolean): Uint8Array {
  return padded(random.pick(isSyn ? SYN_OPTIONS : SEGMENT_OPTIONS));
}

/** Sometimes the front of something only. */
export function cut(
  random: Random,
  octets: Uint8Array,
  probability: number,
  longest: number,
): Uint8Array {
  return random.chance(probability) ? octets.subarray(0, random.integer(0, longest)) : octets;
}

/** Payload: mostly a few octets, sometimes none, sometimes many. */
export function anyData(random: Random): Uint8Array {
  const length = random.chance(0.1)
    ? random.integer(500, 1_472)
    : random.chance(0.2)
      ? 0
      : random.integer(1, 48);
  return Uint8Array.from({ length }, () => random.integer(0, 255));
}

/** Options end where a word does. */
function padded(text: string): Uint8Array {
  const octets = fromHex(text);
  return concat(octets, new Uint8Array((4 - (octets.length % 4)) % 4));
}
