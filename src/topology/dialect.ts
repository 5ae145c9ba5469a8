// Which fabrics a topology may speak of. A file is read in the dialect of the one fabric that its cluster
// names: whatever belongs to another is an unknown key. The JSON Schema of editors knows all of them.

import type { z } from 'zod';
import { present } from '../base/assert.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { isMap, type PlainValue, valueAt } from '../schema/plain-value.ts';

/** The fabrics whose words are known. */
export interface Dialect {
  /** Whose keys and expectations are known. */
  readonly fabrics: readonly Fabric[];
  /** Every kind that could be named instead. */
  readonly kinds: readonly string[];
}

/** The fabric that reads a file which names none, or none that exists. */
export function firstOf(fabrics: readonly Fabric[]): Fabric {
  return present(fabrics[0], 'there is at least one fabric');
}

/** All fabrics at once. */
export function everyDialect(fabrics: readonly Fabric[]): Dialect {
  return { fabrics, kinds: fabrics.map(({ kind }) => kind) };
}

const dialects = new WeakMap<readonly Fabric[], Map<Fabric, Dialect>>();

/** The dialect of one of the fabrics; the same object each time, as long as the list is the same. */
export function dialectOf(fabric: Fabric, fabrics: readonly Fabric[]): Dialect {
  const known = dialects.get(fabrics) ?? new Map<Fabric, Dialect>();
  dialects.set(fabrics, known);
  let dialect = known.get(fabric);
  if (dialect === undefined) {
    dialect = { fabrics: [fabric], kinds: fabrics.map(({ kind }) => kind) };
    known.set(fabric, dialect);
  }
  return dialect;
}

/** The fabric that a topology names under `cluster`, whatever else may be wrong with it. */
export function fabricNamedIn(root: PlainValue, fabrics: readonly Fabric[]): Fabric {
  for (const key of FABRIC_KEYS) {
    const given = valueAt(root, ['cluster', key]);
    const kind = isMap(given) ? given.kind : given;
    const named = fabrics.find((fabric) => fabric.kind === kind);
    if (named !== undefined) return named;
  }
  return firstOf(fabrics);
}

/**
 * The keys that the fabrics add to the cluster, to each node, namespace or pod, to be spread into a strict
 * object. Typed as no keys at all: only the fabric knows what they become.
 */
export function sectionShape(
  { fabrics }: Dialect,
  part: 'cluster' | 'node' | 'namespace' | 'pod',
): Readonly<Record<never, z.ZodType>> {
  const shapes = fabrics.map(({ section }) => Object.entries(section[part]));
  return Object.fromEntries(shapes.flat());
}

/** `sdn` is what `fabric` was called when there was one. */
export const FABRIC_KEYS: readonly ['fabric', 'sdn'] = ['fabric', 'sdn'];

/** Makes something of a dialect once: schemas are dear, and a program reads many files. */
export function perDialect<T>(make: (dialect: Dialect) => T): (dialect: Dialect) => T {
  const made = new WeakMap<Dialect, T>();
  return (dialect) => {
    const known = made.get(dialect);
    if (known !== undefined) return known;
    const value = make(dialect);
    made.set(dialect, value);
    return value;
  };
}
