// A record made ready for questions: which frame stands at a time, how a table looked then, who claims an
// address. Pure: no page, no state, and the same answer whichever way the cursor came.

import type { AddressAnalysis } from '../../scenario/analysis/model.ts';
import type { RecordedChange, RunRecord } from '../../scenario/recording/record.ts';
import type { LadderRow } from '../../view/ladder.ts';
import type { TableName, ViewRows } from '../../view/tables.ts';
import { Frame } from '../../wire/frame.ts';

/** Where one stands in a run: everything that is shown is a function of it. */
export interface Cursor {
  /** Lab time in nanoseconds. Tables are those at the end of this instant. */
  readonly at: number;
  /** Index of the last frame that was sent; -1 before the first. */
  readonly frame: number;
  /** Index of the last entry of the timeline; -1 before the first. */
  readonly event: number;
}

/** A row of a table as it stands, and since when. */
export interface StandingRow<Row> {
  readonly key: string;
  readonly row: Row;
  readonly change: 'added' | 'changed' | 'removed';
  readonly changedAt: number;
}

/** A full copy of the tables after so many changes, so that a seek has a bound. */
const KEYFRAME_EVERY = 1_000;

type Tables = ReadonlyMap<string, ReadonlyMap<string, RecordedChange>>;

/** Answers questions about one record. */
export class RunIndex {
  readonly record: RunRecord;
  /** Where the octets of each frame begin. */
  readonly #offsets: Float64Array;
  readonly #keyframes: Tables[] = [];
  #last: { readonly count: number; readonly tables: Tables } = { count: 0, tables: new Map() };
  #machines: ReadonlyMap<string, string> | null = null;

  /** Takes a record; copies nothing of it. */
  constructor(record: RunRecord) {
    this.record = record;
    this.#offsets = new Float64Array(record.frames.length + 1);
    let offset = 0;
    for (const [index, { length }] of record.frames.entries()) {
      this.#offsets[index] = offset;
      offset += length;
    }
    let tables: Tables = new Map();
    for (let at = 0; at <= record.changes.length; at += KEYFRAME_EVERY) {
      if (at > 0) tables = applied(tables, record.changes.slice(at - KEYFRAME_EVERY, at));
      this.#keyframes.push(tables);
    }
  }

  /** How long the run lasted, in nanoseconds. */
  get duration(): number {
    return this.record.report.labDuration;
  }

  /** The frame with its octets; null beyond either end. */
  frame(index: number): { readonly row: LadderRow; readonly octets: Frame } | null {
    const row = this.record.frames[index];
    if (row === undefined) return null;
    const { octets } = this.record;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    const start = this.#offsets[index] ?? 0;
    return { row, octets: new Frame(octets, view, start, row.length, row.packet) };
  }

  /** Index of the frame with a sequence number; -1 when it was not kept. */
  frameNumbered(sequence: number): number {
    const first = this.record.frames[0]?.sequence ?? 0;
    const index = sequence - first;
    return this.record.frames[index]?.sequence === sequence ? index : -1;
  }

  /** The cursor at a time: all that happened until then, and in that instant. */
  at(time: number): Cursor {
    const at = Math.min(Math.max(0, Math.round(time)), this.duration);
    return { at, frame: this.frameAt(at), event: this.#eventAt(at) };
  }

  /** The cursor at a frame, which was just sent. */
  atFrame(index: number): Cursor {
    const row = this.record.frames[index];
    return row === undefined ? this.at(0) : { ...this.at(row.at), frame: index };
  }

  /** The cursor at an entry of the timeline. */
  atEvent(index: number): Cursor {
    const entry = this.record.report.timeline[index];
    return entry === undefined ? this.at(0) : { ...this.at(entry.at), event: index };
  }

  /** Index of the last frame until a time; -1 when there is none. */
  frameAt(at: number): number {
    return lastUntil(this.record.frames, at);
  }

  /** A table as it stood at the end of an instant, in the order in which its rows came. */
  table<Name extends TableName>(name: Name, at: number): StandingRow<ViewRows[Name]>[] {
    const rows = this.#tablesAt(at).get(name)?.values() ?? [];
    return [...rows].map(({ change, key, row, at: changedAt }) => {
      // A change of a table carries a row of that table.
      return { key, row: row as ViewRows[Name], change, changedAt };
    });
  }

  /** The rows that left a table after `from` and until `to`, as they were last. */
  removed<Name extends TableName>(name: Name, from: number, to: number): ViewRows[Name][] {
    const { changes } = this.record;
    const found: ViewRows[Name][] = [];
    for (let index = lastUntil(changes, to); index >= 0; index--) {
      const change = changes[index];
      if (change === undefined || change.at <= from) break;
      if (change.table === name && change.change === 'removed') {
        found.push(change.row as ViewRows[Name]);
      }
    }
    return found;
  }

  /** The machine that has a MAC address; null when none does. */
  machineOf(mac: string): string | null {
    this.#machines ??= new Map(
      this.record.changes.flatMap(({ row, table }) =>
        table === 'interfaces' ? [[row.mac, row.machine] as const] : [],
      ),
    );
    return this.#machines.get(mac) ?? null;
  }

  /** The tables that ever had a row, by name. */
  tableNames(): TableName[] {
    return [...new Set(this.record.changes.map(({ table }) => table))].sort();
  }

  /** The addresses that the analysis has a story of. */
  contested(): readonly AddressAnalysis[] {
    const addresses = this.record.report.analysis?.addresses ?? [];
    return addresses.filter(
      ({ announcements, beliefs, holdings }) =>
        holdings.length + announcements.length + beliefs.length > 0,
    );
  }

  #eventAt(at: number): number {
    return lastUntil(this.record.report.timeline, at);
  }

  #tablesAt(at: number): Tables {
    const { changes } = this.record;
    const count = lastUntil(changes, at) + 1;
    if (this.#last.count !== count) {
      const keyframe = Math.floor(count / KEYFRAME_EVERY);
      const base = this.#keyframes[keyframe] ?? new Map();
      const rest = changes.slice(keyframe * KEYFRAME_EVERY, count);
      this.#last = { count, tables: applied(base, rest) };
    }
    return this.#last.tables;
  }
}

/** Index of the last of things in order of time that is not after `at`; -1 when all are. */
export function lastUntil(things: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = things.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((things[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A copy of the tables with changes in it; tables that do not change are shared. */
function applied(tables: Tables, changes: readonly RecordedChange[]): Tables {
  const next = new Map(tables);
  const own = new Map<string, Map<string, RecordedChange>>();
  for (const change of changes) {
    let table = own.get(change.table);
    if (table === undefined) {
      table = new Map(tables.get(change.table));
      own.set(change.table, table);
      next.set(change.table, table);
    }
    if (change.change === 'removed') table.delete(change.key);
    else table.set(change.key, change);
  }
  return next;
}
