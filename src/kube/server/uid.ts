// Uids of objects, drawn from the seed (RFC 9562 version 4 in form).

import { hashName, Random } from '../../sim/random.ts';

/** @param about what tells the object from all others of the store, in all its lives */
export function objectUid(seed: number, about: string): string {
  const random = new Random(seed ^ hashName(about));
  const [first, second, third, last] = [word(random), word(random), word(random), word(random)];
  const variant = (8 + random.integer(0, 3)).toString(16);
  return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${last}`;
}

const OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

function word(random: Random): string {
  const bits = random.uint32();
  return hex(bits >>> 24) + hex((bits >>> 16) & 255) + hex((bits >>> 8) & 255) + hex(bits & 255);
}

function hex(octet: number): string {
  return OCTETS[octet] ?? '';
}
