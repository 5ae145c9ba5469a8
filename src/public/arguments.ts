// What a library's caller can get wrong, said with a code and a cure.

import { EgressLabError } from '../base/errors.ts';
import { hintAmong } from '../base/suggest.ts';

const SEEDS = 2 ** 32;

/** The options that a lab takes its seed from. @throws EgressLabError EGL_SEED */
export function seedOption(seed: number | undefined): { readonly seed?: number } {
  if (seed === undefined) return {};
  if (Number.isInteger(seed) && seed >= 0 && seed < SEEDS) return { seed };
  throw new EgressLabError('EGL_SEED', `${String(seed)} is not a seed`, {
    hint: 'Give an integer from 0 to 4294967295.',
  });
}

/** A function to call. @throws EgressLabError EGL_ARGUMENT */
export function functionArgument<T>(name: string, value: T): T {
  if (typeof value === 'function') return value;
  throw new EgressLabError('EGL_ARGUMENT', `${name} is not a function`, {
    hint: 'Give a function.',
  });
}

/** Names of things, each a text. @throws EgressLabError EGL_ARGUMENT */
export function textArguments(name: string, values: readonly string[]): readonly string[] {
  const wrong = values.find((value) => typeof value !== 'string');
  if (wrong === undefined) return values;
  throw new EgressLabError('EGL_ARGUMENT', `${name} cannot be ${String(wrong)}`, {
    hint: 'Give a text.',
  });
}

/**
 * What may be decided about something: an object that has no other keys than these.
 * @throws EgressLabError EGL_ARGUMENT
 */
export function optionsArgument<T extends object>(options: T, known: readonly string[]): T {
  if (typeof options !== 'object' || options === null) {
    throw new EgressLabError('EGL_ARGUMENT', `the options cannot be ${String(options)}`, {
      hint: `Give an object: ${known.join(', ')}.`,
    });
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return options;
  throw new EgressLabError('EGL_ARGUMENT', `there is no option "${unknown}"`, {
    hint: hintAmong(unknown, known),
  });
}

/** A whole number within bounds. @throws EgressLabError EGL_ARGUMENT */
export function integerArgument(name: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new EgressLabError('EGL_ARGUMENT', `${name} cannot be ${String(value)}`, {
    hint: `Give an integer from ${from} to ${to}.`,
  });
}
