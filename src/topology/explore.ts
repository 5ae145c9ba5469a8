// `explore:`: what `egresslab explore` may vary in this topology, and what must hold in every variant.

import { z } from 'zod';
import { parseDuration } from '../base/quantity.ts';
import type { Path } from '../schema/position.ts';
import { integer, leaf, positiveDuration } from '../schema/values.ts';
import type { Nanos } from '../sim/time.ts';
import type { Context } from './context.ts';
import { type Dialect, perDialect } from './dialect.ts';
import {
  normalizeProperty,
  type Property,
  propertySchema,
  type RawProperty,
} from './properties/property.ts';

/** What a fault can be; explore/kinds/ makes them. */
export const FAULT_NAMES = [
  'power',
  'agent',
  'cable',
  'deaf',
  'mute',
  'loss',
  'split',
  'partial',
  'flap',
  'swizzle',
  'rolling',
  'api',
] as const;
/** The name of a kind of fault. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** What else may vary from run to run. */
export const VARY_NAMES = ['seed', 'step-times'] as const;
/** The name of what may vary. */
export type VaryName = (typeof VARY_NAMES)[number];

/** When faults may begin. */
export interface FaultWindow {
  readonly from: Nanos;
  readonly to: Nanos;
}

/** `explore:` of a valid topology; what is null is left to the explorer. */
export interface ExploreSpec {
  readonly faults: readonly FaultName[] | null;
  readonly window: FaultWindow | null;
  readonly vary: readonly VaryName[] | null;
  readonly until: Nanos | null;
  readonly upTo: number | null;
  readonly properties: readonly Property[] | null;
}

/** `explore:` as it is written. */
export interface RawExplore {
  readonly faults?: readonly FaultName[];
  readonly window?: FaultWindow;
  readonly vary?: readonly VaryName[];
  readonly until?: Nanos;
  readonly upTo?: number;
  readonly properties?: readonly RawProperty[];
}

/** Reads '5s..40s'; null for what is no window. */
export function parseFaultWindow(text: string): FaultWindow | null {
  const [from = '', to = '', ...rest] = text.split('..');
  const window = { from: parseDuration(from), to: parseDuration(to) };
  if (rest.length > 0 || window.from === null || window.to === null) return null;
  return window.from < window.to ? { from: window.from, to: window.to } : null;
}

/** The largest number of faults in one run. */
export const MAXIMUM_FAULTS = 20;

const fault: z.ZodType<FaultName> = z.enum(FAULT_NAMES);
const vary: z.ZodType<VaryName> = z.enum(VARY_NAMES);

/** `explore:` in one dialect. */
export const exploreSchema: (dialect: Dialect) => z.ZodType<RawExplore> = perDialect((dialect) =>
  z
    .strictObject({
      faults: z
        .array(fault)
        .min(1, { error: 'expected at least one fault' })
        .exactOptional()
        .describe('The kinds of faults; all that have a target when left out'),
      window: leaf(
        'faultWindow',
        'two times, the first before the second, such as 5s..40s',
        ['5s..40s'],
        parseFaultWindow,
      )
        .exactOptional()
        .describe('When faults begin; from when the lab has settled when left out'),
      vary: z.array(vary).exactOptional().describe('What else varies; nothing when left out'),
      until: positiveDuration
        .exactOptional()
        .describe('How long a run lasts; until 40s after the window when left out'),
      upTo: integer(1, MAXIMUM_FAULTS, 'a number of faults')
        .exactOptional()
        .describe('Faults in one run; 3 when left out'),
      properties: z
        .array(propertySchema(dialect))
        .min(1, { error: 'expected at least one property' })
        .exactOptional()
        .describe('What must hold; all that the lab knows when left out'),
    })
    .meta({ id: 'explore', description: 'What `egresslab explore` varies, and what must hold' }),
);

/** Null when nothing is written. */
export function normalizeExplore(
  context: Context,
  raw: RawExplore | undefined,
  path: Path,
): ExploreSpec | null {
  if (raw === undefined) return null;
  const { faults = null, upTo = null, until = null, vary: varied = null, window = null } = raw;
  if (until !== null && window !== null && window.to >= until) {
    context.report(
      [...path, 'until'],
      'the run ends before the window of the faults',
      'end it later',
    );
  }
  const properties =
    raw.properties?.flatMap(
      (given, index) =>
        normalizeProperty(context, given, until ?? 0, [...path, 'properties', index]) ?? [],
    ) ?? null;
  return { faults, window, vary: varied, until, upTo, properties };
}
