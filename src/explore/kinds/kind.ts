// What a kind of fault is: whom it can be aimed at, what else it draws, and what it does from when to when.

import type { Random } from '../../sim/random.ts';
import type { FaultName } from '../../topology/explore.ts';
import type { ChangeWords, Effect } from '../effects.ts';
import type { Decis, Item } from '../genome.ts';

/** A change of an administrator, with its name. */
export interface NamedChange extends ChangeWords {
  readonly what: string;
}

/** What of a topology faults can be aimed at; names in the order of the file. */
export interface FaultPlace {
  /** Hosts and nodes. */
  readonly machines: readonly string[];
  readonly nodes: readonly string[];
  /** 'worker02/eth0', by machine; only those that end at a segment. */
  readonly cables: ReadonlyMap<string, readonly string[]>;
  /** The machines on each segment. */
  readonly segments: ReadonlyMap<string, readonly string[]>;
  readonly changes: readonly NamedChange[];
  /** Machines that are alike but for name and address have the same word. */
  readonly alike: ReadonlyMap<string, string>;
}

/** One kind of fault. */
export interface FaultKind {
  readonly name: FaultName;
  /** In one line, for those who choose. */
  readonly says: string;
  /** Each target once, in a fixed order. */
  targets(place: FaultPlace): readonly (readonly string[])[];
  /** What else is drawn, beside time and duration; also what `systematic` takes when `random` is null. */
  draw(random: Random | null): Readonly<Record<string, number>>;
  /** It never stays to the end: its cure is part of what it is. */
  readonly mustEnd: boolean;
  effects(item: Item, place: FaultPlace): readonly Effect[];
}

/** When an item ends; null: it stays. */
export function endOf({ at, for: duration }: Item): Decis | null {
  return duration === null ? null : at + duration;
}

/** The names of a list, each as a target. */
export function each(names: readonly string[]): readonly (readonly string[])[] {
  return names.map((name) => [name]);
}

/** Kinds that draw nothing else. */
export function nothing(): Readonly<Record<string, number>> {
  return {};
}
