// The record of a lab that runs: what a page has been told, and no more than a page can hold. Old frames are
// forgotten; old changes of tables are put together, so that the tables of the remembered time stay exact.

import type { LiveMessage } from '../../scenario/recording/live-message.ts';
import {
  RECORD_FORMAT,
  type RecordedChange,
  type RunRecord,
} from '../../scenario/recording/record.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { ViewChange } from '../../view/changes.ts';
import type { TopologyGraph } from '../../view/graph.ts';
import type { LadderRow } from '../../view/ladder.ts';
import { OctetStore } from './octet-store.ts';

/** Rows of the ladder. */
const FRAME_LIMIT = 5_000;
/** Changes of tables; beyond, the older half is put together. */
const CHANGE_LIMIT = 20_000;

/** What a page knows of a lab. */
export class LiveRecord {
  readonly #frameLimit: number;
  readonly #changeLimit: number;
  readonly #octets: OctetStore = new OctetStore();
  #frames: LadderRow[] = [];
  #changes: RecordedChange[] = [];
  #report: RunReport | null = null;
  #graph: TopologyGraph | null = null;
  #application = '';
  #framesTotal = 0;
  #forgotten = 0;
  #at = 0;
  #since: number | null = null;

  /** Keeps so many frames and changes. */
  constructor(frameLimit: number = FRAME_LIMIT, changeLimit: number = CHANGE_LIMIT) {
    this.#frameLimit = frameLimit;
    this.#changeLimit = changeLimit;
  }

  /** Lab time from which on it knows the tables; null before it knows any. */
  get since(): number | null {
    return this.#since;
  }

  /** Frames that were forgotten since this was asked last: by so much the indices of the others fell. */
  takeForgotten(): number {
    const forgotten = this.#forgotten;
    this.#forgotten = 0;
    return forgotten;
  }

  /** Takes the next message. */
  take(message: LiveMessage): void {
    switch (message.kind) {
      case 'begin':
        this.#graph = message.graph;
        this.#application = message.application;
        break;
      case 'rows': {
        const { at, rows } = message.snapshot;
        this.#at = at;
        this.#since = at;
        this.#changes = rows.map((row) => ({ ...row, change: 'added', at }) as RecordedChange);
        break;
      }
      case 'batch':
        this.#at = message.batch.at;
        this.#takeChanges(message.batch.changes, message.octets);
        break;
      case 'report':
        this.#report = message.report;
        this.#at = Math.max(this.#at, message.report.labDuration);
        break;
      case 'pace':
        this.#at = Math.max(this.#at, message.at);
        break;
      case 'end':
        break;
    }
  }

  /** As a run that has lasted until now; null before enough is known. */
  record(): RunRecord | null {
    const [graph, report] = [this.#graph, this.#report];
    if (graph === null || report === null || this.#since === null) return null;
    return {
      format: RECORD_FORMAT,
      application: this.#application,
      source: '',
      graph,
      report: { ...report, labDuration: this.#at },
      frames: [...this.#frames],
      framesTotal: this.#framesTotal,
      changes: [...this.#changes],
      changesUntil: null,
      octets: this.#octets.view(),
    };
  }

  #takeChanges(changes: readonly ViewChange[], octets: string): void {
    this.#octets.append(Uint8Array.from(atob(octets), (character) => character.charCodeAt(0)));
    for (const change of changes) {
      if (change.table === 'frames') {
        if (change.change === 'added') this.#frames.push(change.row);
        else this.#replace(change.row);
        if (change.change === 'added') this.#framesTotal++;
      } else if (change.table !== 'events') {
        this.#changes.push({ ...change, at: this.#at } as RecordedChange);
      }
    }
    this.#forget();
  }

  /** Somebody got it, or dropped it. */
  #replace(row: LadderRow): void {
    let low = 0;
    let high = this.#frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#frames[middle]?.sequence ?? 0) < row.sequence) low = middle + 1;
      else high = middle;
    }
    if (this.#frames[low]?.sequence === row.sequence) this.#frames[low] = row;
  }

  #forget(): void {
    const surplus = this.#frames.length - this.#frameLimit;
    if (surplus > 0) {
      for (const { length } of this.#frames.splice(0, surplus)) this.#octets.drop(length);
      this.#forgotten += surplus;
    }
    if (this.#changes.length <= this.#changeLimit) return;
    const old = this.#changes.splice(0, this.#changeLimit >> 1);
    const standing = new Map<string, RecordedChange>();
    for (const change of old) {
      const key = `${change.table} ${change.key}`;
      // A row that goes and comes again stands at the end, as in the lab.
      if (change.change === 'removed') standing.delete(key);
      else standing.set(key, change);
    }
    this.#changes.unshift(...standing.values());
    this.#since = old.at(-1)?.at ?? this.#since;
  }
}
