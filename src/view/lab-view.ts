// A lab as a page or another program follows it: one snapshot, then batches of changed rows.
//
//   const view = LabView.of(lab);
//   const copy = new ViewCopy(view.snapshot());
//   view.follow((batch) => copy.apply(batch));      // in this process
//   lab.advance('100ms');
//   view.poll();                                     // whoever drives the lab decides how often
//
// A poll compares the tables with what readers know, so its cost is that of the tables and not of the
// traffic; only the ladder looks at each frame, and only in a view that has it. Everything has a bound:
// rows of a table, frames of a poll, batches that are kept for readers who were away.

import type { Lab } from '../lab/lab.ts';
import {
  type LiveTable,
  type PlacedRow,
  type ViewBatch,
  type ViewChange,
  ViewCopy,
  type ViewSnapshot,
} from './changes.ts';
import { eventRows } from './events.ts';
import { Ladder } from './ladder.ts';
import { isSameRow } from './same-row.ts';
import {
  TABLE_NAMES,
  type TableName,
  VIEW_TABLES,
  type ViewRows,
  type ViewTable,
} from './tables.ts';

/** What a view shows, and its bounds. */
export interface LabViewOptions {
  /** All of them when left out. */
  readonly tables?: readonly LiveTable[];
  /** Rows of one table beyond this are counted and not shown; events and frames keep their last ones. */
  readonly rowLimit?: number;
  /** New frames of one poll beyond this are counted and not shown. */
  readonly framesPerPoll?: number;
  /** Changes that are kept for readers who were away. */
  readonly historyLimit?: number;
}

/** What can be followed. */
export const LIVE_TABLES: readonly LiveTable[] = [...TABLE_NAMES, 'events', 'frames'];
const DEFAULT_ROW_LIMIT = 10_000;
const DEFAULT_FRAMES_PER_POLL = 2_000;
const DEFAULT_HISTORY_LIMIT = 100_000;

/** Follows a lab from its construction on, until disposed of. */
export class LabView {
  readonly #lab: Lab;
  readonly #tables: readonly TableName[];
  readonly #hasEvents: boolean;
  readonly #ladder: Ladder | null;
  readonly #rowLimit: number;
  readonly #historyLimit: number;
  /** What readers know. */
  readonly #known: ViewCopy;
  readonly #history: ViewBatch[] = [];
  #historySize = 0;
  readonly #followers = new Set<(batch: ViewBatch) => void>();
  #eventsSeen = 0;

  private constructor(lab: Lab, options: LabViewOptions) {
    const tables = options.tables ?? LIVE_TABLES;
    this.#lab = lab;
    this.#tables = TABLE_NAMES.filter((name) => tables.includes(name));
    this.#hasEvents = tables.includes('events');
    this.#rowLimit = options.rowLimit ?? DEFAULT_ROW_LIMIT;
    this.#historyLimit = options.historyLimit ?? DEFAULT_HISTORY_LIMIT;
    const budget = options.framesPerPoll ?? DEFAULT_FRAMES_PER_POLL;
    this.#ladder = tables.includes('frames') ? new Ladder(lab, this.#rowLimit, budget) : null;
    this.#known = new ViewCopy({ sequence: 0, at: lab.now, rows: [], omitted: {} });
    this.poll();
  }

  /** @internal */
  static of(lab: Lab, options: LabViewOptions = {}): LabView {
    return new LabView(lab, options);
  }

  /**
   * @internal
   * The frames behind the rows of `frames`, for who wants their octets; null in a view without.
   */
  get ladder(): Ladder | null {
    return this.#ladder;
  }

  /** All rows as of the last poll. */
  snapshot(): ViewSnapshot {
    return this.#known.snapshot();
  }

  /** Looks at the lab now: what has changed since the last poll, or null when nothing has. */
  poll(): ViewBatch | null {
    const changes: ViewChange[] = [];
    const omitted: Partial<Record<LiveTable, number>> = {};
    for (const name of this.#tables) {
      const beyond = this.#compare(name, changes);
      if (beyond > 0) omitted[name] = beyond;
    }
    if (this.#hasEvents) this.#addEvents(changes);
    if (this.#ladder !== null) {
      this.#addFrames(this.#ladder, changes);
      if (this.#ladder.missed > 0) omitted.frames = this.#ladder.missed;
    }
    if (changes.length === 0) return null;
    const from = this.#known.sequence;
    const sequence = from + changes.length;
    const batch: ViewBatch = { from, sequence, at: this.#lab.now, changes, omitted };
    this.#known.apply(batch);
    this.#remember(batch);
    for (const follower of this.#followers) follower(batch);
    return batch;
  }

  /**
   * The batches that a reader who stands at `sequence` has missed, oldest first; null when they are no
   * longer kept: such a reader begins anew with a snapshot.
   */
  since(sequence: number): readonly ViewBatch[] | null {
    if (sequence === this.#known.sequence) return [];
    const first = this.#history.findIndex(({ from }) => from === sequence);
    return first < 0 ? null : this.#history.slice(first);
  }

  /** Calls `listener` with every later batch, until the returned function is called. */
  follow(listener: (batch: ViewBatch) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  /** Looks no more; nothing stays attached to the lab. */
  dispose(): void {
    this.#ladder?.dispose();
    this.#followers.clear();
  }

  /** Adds what differs in one table; returns how many rows are beyond the bound. */
  #compare(name: TableName, changes: ViewChange[]): number {
    const { now } = this.#lab;
    const placed = placedRows(this.#lab, name);
    const gone = new Set(this.#known.keys(name));
    for (const each of placed.slice(0, this.#rowLimit)) {
      const known = this.#known.get(name, each.key);
      gone.delete(each.key);
      if (known === null) changes.push({ ...each, change: 'added' });
      else if (!isSameRow(known, each.row, now)) changes.push({ ...each, change: 'changed' });
    }
    for (const key of gone) this.#remove(name, key, changes);
    return Math.max(0, placed.length - this.#rowLimit);
  }

  #remove(name: LiveTable, key: string, changes: ViewChange[]): void {
    const row = this.#known.get(name, key);
    if (row !== null) changes.push({ table: name, key, row, change: 'removed' } as ViewChange);
  }

  #addEvents(changes: ViewChange[]): void {
    const rows = eventRows(this.#lab, this.#eventsSeen, this.#rowLimit);
    for (const row of rows) {
      this.#eventsSeen = row.sequence;
      changes.push({ table: 'events', key: String(row.sequence), row, change: 'added' });
    }
    const keys = this.#known.keys('events');
    const surplus = keys.length + rows.length - this.#rowLimit;
    for (const key of keys.slice(0, Math.max(0, surplus))) this.#remove('events', key, changes);
  }

  #addFrames(ladder: Ladder, changes: ViewChange[]): void {
    for (const sequence of ladder.takeTouched()) {
      const key = String(sequence);
      const isKnown = this.#known.get('frames', key) !== null;
      const row = ladder.row(sequence);
      if (row === null) {
        this.#remove('frames', key, changes);
      } else {
        changes.push({ table: 'frames', key, row, change: isKnown ? 'changed' : 'added' });
      }
    }
  }

  #remember(batch: ViewBatch): void {
    this.#history.push(batch);
    this.#historySize += batch.changes.length;
    while (this.#historySize > this.#historyLimit && this.#history.length > 1) {
      this.#historySize -= this.#history.shift()?.changes.length ?? 0;
    }
  }
}

/** The rows of a table with keys of their own: a second row of one key gets a number behind it. */
function placedRows<Name extends TableName>(lab: Lab, name: Name): PlacedRow[] {
  const table: ViewTable<ViewRows[Name]> = VIEW_TABLES[name];
  const seen = new Map<string, number>();
  return table.rows(lab, null).map((row) => {
    const key = table.key(row);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return { table: name, key: count === 1 ? key : `${key}#${count}`, row } as PlacedRow;
  });
}
