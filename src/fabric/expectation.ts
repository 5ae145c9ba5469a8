// What a scenario can expect of a fabric's objects, by a keyword of its own. One definition holds both the
// part that reads the file and the part that looks at the running cluster.

import type { z } from 'zod';
import type { ObjectStore } from '../kube/server/store.ts';
import type { Path } from '../schema/position.ts';
import type { Reporter } from '../schema/reporter.ts';
import type { FabricSettings } from './plan.ts';

/** An expectation of a scenario that a fabric brings: one of its objects, with what it must say. */
export interface FabricExpectation {
  /** The key by which an expectation is of this kind; no other kind has it. */
  readonly keyword: string;
  readonly schema: z.ZodType;
  /** Resolves names and fills in defaults. Null when something was wrong, and reported. */
  normalize(reporter: Reporter, raw: unknown, path: Path): FabricSettings | null;
  /** What was seen instead, one fact per line; empty when the expectation holds. */
  check(store: ObjectStore, wanted: FabricSettings): string[];
}

/** Declares one; `normalize` sees what `schema` makes of the YAML, `check` sees what `normalize` made. */
export function defineFabricExpectation<
  Schema extends z.ZodType,
  Wanted extends FabricSettings,
>(definition: {
  readonly keyword: string;
  readonly schema: Schema;
  readonly normalize: (reporter: Reporter, raw: z.output<Schema>, path: Path) => Wanted | null;
  readonly check: (store: ObjectStore, wanted: Wanted) => string[];
}): FabricExpectation {
  const { keyword, schema, normalize, check } = definition;
  return {
    keyword,
    schema,
    // A registry holds all kinds in one list, which forgets whose output is whose.
    normalize: (reporter, raw, path) => normalize(reporter, raw as z.output<Schema>, path),
    check: (store, wanted) => check(store, wanted as Wanted),
  };
}
