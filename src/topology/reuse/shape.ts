// How reuse is written, for editors and for the reference: a file is checked after all of it is undone.

import { z } from 'zod';
import { integer } from '../../schema/values.ts';
import { COUNT_LIMIT } from './count.ts';
import { DEFAULT_KINDS } from './defaults.ts';

const shared = z.record(z.string(), z.unknown());

/** Keys of the whole file. */
export const reuseShape: {
  readonly include: z.ZodExactOptional<z.ZodType<string | readonly string[]>>;
  readonly defaults: z.ZodExactOptional<
    z.ZodType<Partial<Record<string, Record<string, unknown>>>>
  >;
} = {
  include: z
    .union([z.string(), z.array(z.string())])
    .exactOptional()
    .describe('Files beside this one whose sections are joined with these'),
  defaults: z
    .partialRecord(z.enum(DEFAULT_KINDS as [string, ...string[]]), shared)
    .exactOptional()
    .describe(`What all of a kind share unless they say otherwise: ${DEFAULT_KINDS.join(', ')}`),
};

/** A key of a host or pod. */
export const countShape: { readonly count: z.ZodExactOptional<z.ZodType<number>> } = {
  count: integer(1, COUNT_LIMIT, `a number from 1 to ${COUNT_LIMIT}`)
    .exactOptional()
    .describe('As many of them, named NAME-1 and so on, each with the next address'),
};
