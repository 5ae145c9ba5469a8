// The columns that the API server prints for a kind when a client asks for a Table, and the cells that
// several kinds have.

import { humanDuration } from '../duration.ts';
import { parseTimestamp, type WallClock } from '../wall-clock.ts';
import type { KubeObject } from './object.ts';

/** What a cell holds; null is a field that is absent. */
export type Cell = string | number | null;

/** How a list stands in a cell: `[a b]` (Kubernetes up to 1.18) or `["a","b"]`. */
export type ListStyle = 'go' | 'json';

/** What a cell may need besides its object. */
export interface ColumnContext {
  readonly clock: WallClock;
  readonly listStyle: ListStyle;
}

/** One column. */
export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer';
  /** Only with `-o wide` (priority 1). */
  readonly wide: boolean;
  /** What an object shows in this column. */
  cell(object: T, context: ColumnContext): Cell;
}

type CellOf<T extends KubeObject> = (object: T, context: ColumnContext) => Cell;

/** What stands in a cell for a value that the object does not have. */
export const NONE = '<none>';

/** A column that is always printed. */
export function column<T extends KubeObject>(
  name: string,
  cell: CellOf<T>,
  type: Column['type'] = 'string',
): Column<T> {
  return { name, type, wide: false, cell };
}

/** A column of `-o wide`. */
export function wideColumn<T extends KubeObject>(name: string, cell: CellOf<T>): Column<T> {
  return { name, type: 'string', wide: true, cell };
}

/** The first column of every kind. */
export const nameColumn: Column = column('Name', (object) => object.metadata.name);

/** The age of the object. */
export const ageColumn: Column = column('Age', (object, { clock }) =>
  ageCell(object.metadata.creationTimestamp, clock),
);

/** A list in one cell; an absent field is blank, an empty list is '[]'. */
export function listCell(list: readonly string[] | undefined, style: ListStyle): string | null {
  if (list === undefined) return null;
  return style === 'go' ? `[${list.join(' ')}]` : JSON.stringify(list);
}

/** How long ago a timestamp was: '23h'. */
export function ageCell(timestamp: string, clock: WallClock): string {
  const since = parseTimestamp(timestamp);
  return since === null ? '<unknown>' : humanDuration(clock.seconds() - since);
}
