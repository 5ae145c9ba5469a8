// What every expectation has, and how numbers are compared.

import type { Position } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';
import type { MacAddress } from '../../wire/mac-address.ts';

/** Where it stands in the file, and how the user wrote it. */
export interface ExpectationBase {
  readonly position: Position;
  /** As written, on one line; for reports. */
  readonly text: string;
}

/** How a number is compared. */
export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** One bound on a number: Nanos for durations, 0..1 for ratios, else a plain count. */
export interface Comparison {
  readonly operator: Operator;
  readonly value: number;
}

/** All must hold: '>= 10, < 20'. */
export type Comparisons = readonly Comparison[];

/** What is expected of something that is only said to happen. */
export const AT_LEAST_ONE: Comparisons = [{ operator: '>=', value: 1 }];

/** Lab time, `from` included, `to` excluded. */
export interface Window {
  readonly from: Nanos;
  readonly to: Nanos;
}

/** A MAC address, and whose it is when the user named the owner. */
export interface MacReference {
  readonly mac: MacAddress;
  /** 'worker02/enp1s0'; null when the user wrote an address. */
  readonly owner: string | null;
}

/** Whether a number satisfies all the comparisons. */
export function satisfies(actual: number, comparisons: Comparisons): boolean {
  return comparisons.every(({ operator, value }) => HOLDS[operator](actual, value));
}

const HOLDS: Readonly<Record<Operator, (actual: number, value: number) => boolean>> = {
  '<': (actual, value) => actual < value,
  '<=': (actual, value) => actual <= value,
  '>': (actual, value) => actual > value,
  '>=': (actual, value) => actual >= value,
  '==': (actual, value) => actual === value,
  '!=': (actual, value) => actual !== value,
};
