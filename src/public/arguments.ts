// What a library's caller can get wrong, said with a code and a cure.

import { EgressLabError } from '../base/errors.ts';

const SEEDS = 2 ** 32;

/** The options that a lab takes its seed from. @throws EgressLabError EGL_SEED */
export function seedOption(seed: number | undefined): { readonly seed?: number } {
  if (seed === undefined) return {};
  if (Number.isInteger(seed) && seed >= 0 && seed < SEEDS) return { seed };
  throw new EgressLabError('EGL_SEED', `${String(seed)} is not a seed`, {
    hint: 'Give an integer from 0 to 4294967295.',
  });
}

/** A whole number within bounds. @throws EgressLabError EGL_ARGUMENT */
export function integerArgument(name: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new EgressLabError('EGL_ARGUMENT', `${name} cannot be ${String(value)}`, {
    hint: `Give an integer from ${from} to ${to}.`,
  });
}
