// Names and process ids as Kubernetes and Linux hand them out, drawn from the seed.

import type { Random } from '../sim/random.ts';

/** apimachinery util/rand: no vowels, nothing that looks like something else. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/** 'sdn' → 'sdn-8zhv7'. */
export function podName(prefix: string, random: Random): string {
  let name = `${prefix}-`;
  for (let i = 0; i < SUFFIX_LENGTH; i++) name += ALPHABET[random.integer(0, ALPHABET.length - 1)];
  return name;
}

/** The hash of a ReplicaSet, the same for all its pods. */
export function replicaSetHash(random: Random): string {
  let hash = '';
  for (let i = 0; i < 10; i++) hash += ALPHABET[random.integer(0, ALPHABET.length - 1)];
  return hash;
}

/** A process id as a node's early daemons have them. */
export function processId(random: Random): number {
  return random.integer(1800, 9999);
}
