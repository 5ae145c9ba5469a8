// What a reader of a lab gets: one snapshot, then batches of changes, and the copy that they make.
// All of it is plain data, so that any transport can carry it.
//
//   snapshot + the batches after it = the lab as it is now

import { assert } from '../base/assert.ts';
import type { Nanos } from '../sim/time.ts';
import type { EventRow } from './events.ts';
import type { LadderRow } from './ladder.ts';
import type { ViewRows } from './tables.ts';

/** The rows of each table that can be followed: those of ViewRows, and what is only seen by looking on. */
export interface LiveRows extends ViewRows {
  /** What happened. */
  readonly events: EventRow;
  /** The ladder: who sent, who got, who dropped. */
  readonly frames: LadderRow;
}

/** The name of a table that can be followed. */
export type LiveTable = keyof LiveRows;

/** A row, where it belongs, and what tells it from the others there. */
export type PlacedRow<Name extends LiveTable = LiveTable> = {
  [Table in Name]: {
    readonly table: Table;
    readonly key: string;
    readonly row: LiveRows[Table];
  };
}[Name];

/** One row that came, changed or went; one that went is told as it was last. */
export type ViewChange = PlacedRow & { readonly change: 'added' | 'changed' | 'removed' };

/** How many rows of a table are not shown because of a bound; tables without any are left out. */
export type OmittedRows = Readonly<Partial<Record<LiveTable, number>>>;

/** All rows at one look. */
export interface ViewSnapshot {
  /** Counts the changes so far. */
  readonly sequence: number;
  /** Lab time of the look. */
  readonly at: Nanos;
  readonly rows: readonly PlacedRow[];
  readonly omitted: OmittedRows;
}

/** Everything that changed between two looks at a lab. */
export interface ViewBatch {
  /** The sequence number at which a reader must stand to apply this. */
  readonly from: number;
  /** The one at which it stands afterwards: every change counts one. */
  readonly sequence: number;
  /** Lab time of the look. */
  readonly at: Nanos;
  /** In the order of their sequence numbers. */
  readonly changes: readonly ViewChange[];
  readonly omitted: OmittedRows;
}

/** A reader's copy of a lab, kept up to date by batches. */
export class ViewCopy {
  readonly #tables = new Map<LiveTable, Map<string, PlacedRow>>();
  #sequence: number;
  #at: Nanos;
  #omitted: OmittedRows;

  /** Begins with a snapshot. */
  constructor({ at, omitted, rows, sequence }: ViewSnapshot) {
    for (const row of rows) this.#table(row.table).set(row.key, row);
    this.#sequence = sequence;
    this.#at = at;
    this.#omitted = omitted;
  }

  /** Where it stands: what to ask `LabView.since` for. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Lab time of the last look. */
  get at(): Nanos {
    return this.#at;
  }

  /** How many rows are not here because of a bound. */
  get omitted(): OmittedRows {
    return this.#omitted;
  }

  /** The rows of a table, in the order in which their keys came. */
  rows<Name extends LiveTable>(name: Name): LiveRows[Name][] {
    return [...this.#table(name).values()].map(({ row }) => row as LiveRows[Name]);
  }

  /** A row by its key. */
  get<Name extends LiveTable>(name: Name, key: string): LiveRows[Name] | null {
    return (this.#table(name).get(key)?.row as LiveRows[Name] | undefined) ?? null;
  }

  /** The keys of a table. */
  keys(name: LiveTable): string[] {
    return [...this.#table(name).keys()];
  }

  /** Takes the next batch. @throws AssertionFailure for one that does not follow on the last */
  apply({ at, changes, from, omitted, sequence }: ViewBatch): void {
    assert(from === this.#sequence, 'batches are applied in order and without a gap');
    for (const change of changes) this.#change(change);
    this.#sequence = sequence;
    this.#at = at;
    this.#omitted = omitted;
  }

  /** The copy as a snapshot, by table: what another reader may begin with. */
  snapshot(): ViewSnapshot {
    const names = [...this.#tables.keys()].sort();
    const rows = names.flatMap((name) => [...this.#table(name).values()]);
    return { sequence: this.#sequence, at: this.#at, rows, omitted: this.#omitted };
  }

  #change({ change, ...placed }: ViewChange): void {
    const table = this.#table(placed.table);
    if (change === 'removed') table.delete(placed.key);
    else table.set(placed.key, placed);
  }

  #table(name: LiveTable): Map<string, PlacedRow> {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(name, table);
    }
    return table;
  }
}
