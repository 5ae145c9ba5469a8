// The options of `explore`, and what they mean.

import { availableParallelism } from 'node:os';
import { EgressLabError } from '../../base/errors.ts';
import { parseDuration } from '../../base/quantity.ts';
import { hintAmong } from '../../base/suggest.ts';
import { parseFaults } from '../../explore/space.ts';
import { STRATEGY_NAMES, type StrategyName } from '../../explore/strategy/strategy.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import {
  type FaultName,
  type FaultWindow,
  MAXIMUM_FAULTS,
  parseFaultWindow,
  VARY_NAMES,
  type VaryName,
} from '../../topology/explore.ts';
import { parseProperty } from '../../topology/properties/property.ts';
import { PROPERTY_NAMES } from '../../topology/properties/words.ts';
import { variablesOf, word } from '../commands/command.ts';

/** The options, read. */
export interface ExploreArguments {
  readonly topology: string;
  readonly folders: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly properties: readonly string[] | null;
  readonly faults: readonly FaultName[] | null;
  readonly upTo: number | null;
  readonly vary: readonly VaryName[] | null;
  readonly window: FaultWindow | null;
  readonly until: Nanos | null;
  readonly every: Nanos;
  readonly runs: number | null;
  readonly minutes: number | null;
  readonly seed: number;
  readonly strategy: StrategyName;
  /** Tenths of a second. */
  readonly grid: number;
  readonly threads: number;
  readonly lag: number;
  readonly slice: number;
  readonly slices: number;
  readonly out: string | null;
  readonly resume: boolean;
  readonly queue: string | null;
  readonly html: string | null;
  readonly json: boolean;
  readonly dryRun: boolean;
}

type Typed = Readonly<Record<string, unknown>>;

/** @throws EgressLabError EGL_USAGE, EGL_EXPLORE_SPACE */
export function readExploreArguments(typed: Typed): ExploreArguments {
  const own = (name: string): string | null => word(typed[name]);
  const faults = own('faults');
  const vary = own('vary');
  const window = own('window');
  const properties = own('properties');
  const systematic = typed.systematic === true;
  const strategy = STRATEGY_NAMES.find((name) => name === own('strategy'));
  if (strategy === undefined) throw usage('there is no such strategy', 'One of guided and random.');
  const [slice, slices] = sliceOf(own('slice') ?? '1/1');
  return {
    topology: String(typed.topology),
    folders: Array.isArray(typed.folders) ? typed.folders.map(String) : [],
    set: variablesOf(typed.set),
    properties: properties === null ? null : propertiesOf(properties),
    faults: faults === null ? null : parseFaults(faults),
    upTo: numberOf('up-to', own('up-to'), 1, MAXIMUM_FAULTS),
    vary: vary === null ? null : varyOf(vary),
    window: window === null ? null : windowOf(window),
    until: durationOf('until', own('until')),
    every: durationOf('every', own('every')) ?? seconds(1),
    runs: numberOf('runs', own('runs'), 1, 1e12),
    minutes: numberOf('minutes', own('minutes'), 0, 1e6),
    seed: numberOf('seed', own('seed'), 0, 0xffff_ffff) ?? 1,
    strategy: systematic ? 'systematic' : strategy,
    grid: Math.max(1, Math.round((durationOf('grid', own('grid')) ?? seconds(1)) / 1e8)),
    threads: numberOf('threads', own('threads'), 1, 1024) ?? availableParallelism(),
    lag: numberOf('lag', own('lag'), 1, 1e6) ?? 32,
    slice: slice - 1,
    slices,
    out: own('out'),
    resume: typed.resume === true,
    queue: own('queue'),
    html: own('html'),
    json: typed.json === true,
    dryRun: typed['dry-run'] === true,
  };
}

function propertiesOf(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const found = part.trim();
    if (parseProperty(found) !== null) return found;
    throw new EgressLabError('EGL_EXPLORE_SPACE', `there is no property "${found}"`, {
      hint: hintAmong(found.split('<')[0] ?? found, PROPERTY_NAMES),
    });
  });
}

function varyOf(text: string): readonly VaryName[] {
  return text.split(',').map((part) => {
    const name = VARY_NAMES.find((known) => known === part.trim());
    if (name !== undefined) return name;
    throw new EgressLabError('EGL_EXPLORE_SPACE', `"${part.trim()}" cannot be varied`, {
      hint: hintAmong(part.trim(), VARY_NAMES),
    });
  });
}

function windowOf(text: string): FaultWindow {
  const window = parseFaultWindow(text);
  if (window !== null) return window;
  throw usage(`--window ${text} is no window`, 'Two times, such as --window 5s..40s.');
}

function durationOf(name: string, text: string | null): Nanos | null {
  if (text === null) return null;
  const duration = parseDuration(text);
  if (duration !== null && duration > 0) return duration;
  throw usage(`--${name} ${text} is no duration`, `Such as --${name} 30s.`);
}

function numberOf(name: string, text: string | null, low: number, high: number): number | null {
  if (text === null) return null;
  const value = Number(text);
  const isWhole = name === 'minutes' || Number.isInteger(value);
  if (text !== '' && isWhole && value >= low && value <= high) return value;
  throw usage(
    `--${name} ${text} is no number from ${low} to ${high}`,
    `Such as --${name} ${Math.max(low, 2)}.`,
  );
}

function sliceOf(text: string): readonly [number, number] {
  const [, slice = '', slices = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (slice !== '' && Number(slice) >= 1 && Number(slice) <= Number(slices)) {
    return [Number(slice), Number(slices)];
  }
  throw usage(`--slice ${text} is no slice`, 'Such as --slice 3/8: the third of eight parts.');
}

function usage(message: string, hint: string): EgressLabError {
  return new EgressLabError('EGL_USAGE', message, { hint });
}
