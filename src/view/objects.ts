// The objects of the cluster's API, as rows, and the tables of one instant as `oc get` prints them.

import { z } from 'zod';
import type { KubeObject } from '../kube/kinds/object.ts';
import { TableLayout } from '../kube/server/table.ts';
import type { Lab } from '../lab/lab.ts';
import type { Nanos } from '../sim/time.ts';

/** One object of the API. */
export interface ObjectRow {
  readonly kind: string;
  /** Null for kinds without namespaces. */
  readonly namespace: string | null;
  readonly name: string;
  /** Grows with each change of any object. */
  readonly resourceVersion: number;
  /** As the API serves it. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** All objects, by kind and name; none in a lab without a cluster. */
export function objectRows({ cluster }: Lab): ObjectRow[] {
  if (cluster === null) return [];
  const { kinds } = cluster.store.kinds;
  return kinds.flatMap((kind) => cluster.store.list(kind).items.map(objectRow));
}

function objectRow(object: KubeObject): ObjectRow {
  const { name, namespace = null, resourceVersion } = object.metadata;
  return {
    kind: object.kind,
    namespace,
    name,
    resourceVersion: Number(resourceVersion),
    object,
  };
}

/** The cells that `oc get <resource>` prints, unpadded. */
export interface ObjectTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** `egresslab run` prints it before and after. */
  readonly printed: boolean;
}

/** The tables of one instant. */
export interface ObjectTables {
  /** Lab time. */
  readonly at: Nanos;
  /** By resource name ('nodes'), in the order that the cluster's network gives them. */
  readonly tables: Readonly<Record<string, ObjectTable>>;
}

/** Validates ObjectTables. */
export const objectTablesSchema: z.ZodType<ObjectTables> = z.strictObject({
  at: z.int(),
  tables: z.record(
    z.string(),
    z.strictObject({
      columns: z.array(z.string()),
      rows: z.array(z.array(z.string())),
      printed: z.boolean(),
    }),
  ),
});

/** The tables that tell how the cluster stands now; null in a lab without one. */
export function objectTables(lab: Lab): ObjectTables | null {
  const { cluster, now } = lab;
  return cluster === null ? null : { at: now, tables: cluster.tables() };
}

/** The lines of a table, header first, as `oc get` prints them. */
export function objectTableLines({ columns, rows }: ObjectTable): readonly string[] {
  return new TableLayout().lines([columns, ...rows]);
}
