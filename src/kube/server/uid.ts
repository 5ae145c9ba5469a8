// Uids of objects, drawn from the seed (RFC 9562 version 4 in form).

import { hashName, Random } from '../../sim/random.ts';

/** @param about what tells the object from all others of the store, in all its lives */
export function objectUid(seed: number, about: string): string {
  const random = new Random(seed ^ hashName(about));
  const hex = word(random) + word(random) + word(random) + word(random);
  const variant = (8 + random.integer(0, 3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function word(random: Random): string {
  return random.uint32().toString(16).padStart(8, '0');
}
