// The analysis as a schema: what the published JSON Schema of the report says of it.

import { z } from 'zod';
import { CAUSES, type Cause } from './causes.ts';
import type {
  AddressAnalysis,
  Analysis,
  Announcement,
  Belief,
  BlackHole,
  DuplicateWindow,
  FlowAnalysis,
  Holding,
  Move,
  Refusal,
} from './model.ts';

const nanos = z.int();
const span = { from: nanos, to: nanos.nullable() };
const cause = z.enum(Object.keys(CAUSES) as [Cause, ...Cause[]]);

const holding: z.ZodType<Holding> = z.strictObject({
  ...span,
  machine: z.string(),
  interface: z.string(),
  mac: z.string().nullable(),
  how: z.enum(['configured', 'claimed', 'added']),
  end: z.enum(['released', 'removed', 'power-off']).nullable(),
  overstayed: z.strictObject({ from: nanos, answers: z.int() }).nullable(),
});

const refusal: z.ZodType<Refusal> = z.strictObject({
  machine: z.string(),
  why: z.enum(['locktime', 'policy', 'permanent']),
  left: nanos.nullable(),
  rule: z.string().nullable(),
});

const announcement: z.ZodType<Announcement> = z.strictObject({
  at: nanos,
  machine: z.string().nullable(),
  mac: z.string().nullable(),
  form: z.enum(['reply', 'request']),
  heardBy: z.array(z.string()),
  ignoredBy: z.array(refusal),
});

const belief: z.ZodType<Belief> = z.strictObject({
  observer: z.string(),
  interface: z.string(),
  spans: z.array(
    z.strictObject({
      ...span,
      mac: z.string(),
      machine: z.string().nullable(),
      cause: z.string(),
      permanent: z.boolean(),
    }),
  ),
});

const duplicate: z.ZodType<DuplicateWindow> = z.strictObject({
  ...span,
  machines: z.array(z.string()),
  macs: z.array(z.string()),
  kind: z.enum(['handover', 'conflict']),
  answers: z.array(z.int()),
  flips: z.int(),
});

const move: z.ZodType<Move> = z.strictObject({
  from: z.string(),
  to: z.string(),
  lost: nanos.nullable(),
  taken: nanos,
  clean: z.boolean(),
});

const blackHole: z.ZodType<BlackHole> = z.strictObject({
  ...span,
  cause,
  text: z.string(),
  flows: z.array(z.string()),
});

const address: z.ZodType<AddressAnalysis> = z.strictObject({
  address: z.string(),
  holdings: z.array(holding),
  announcements: z.array(announcement),
  beliefs: z.array(belief),
  duplicates: z.array(duplicate),
  moves: z.array(move),
  blackHoles: z.array(blackHole),
});

const flow: z.ZodType<FlowAnalysis> = z.strictObject({
  flow: z.string(),
  longestOutage: nanos,
  ...span,
  stages: z.array(
    z.strictObject({
      from: nanos,
      to: nanos,
      cause,
      text: z.string(),
      address: z.string().nullable(),
    }),
  ),
  ended: z.string(),
});

/** Validates an Analysis. */
export const analysisSchema: z.ZodType<Analysis> = z.strictObject({
  addresses: z.array(address),
  omitted: z.int(),
  flows: z.array(flow),
});
