// Watches a run and keeps what a RunRecord holds. It looks at the tables whenever an event was logged, and at
// least every 20 ms of lab time in which anything happened: neighbors, claims, FDB and the like change with an
// event, while connections, sockets and drops are read at that pace. It changes nothing of the run.

import { present } from '../../base/assert.ts';
import { VERSION } from '../../base/version.ts';
import type { Lab } from '../../lab/lab.ts';
import { millis, type Nanos } from '../../sim/time.ts';
import type { ViewBatch } from '../../view/changes.ts';
import { topologyGraph } from '../../view/graph.ts';
import { LabView } from '../../view/lab-view.ts';
import { Ladder } from '../../view/ladder.ts';
import { TABLE_NAMES } from '../../view/tables.ts';
import type { RunReport } from '../report.ts';
import { RECORD_FORMAT, type RecordedChange, type RunRecord } from './record.ts';

/** Frames beyond this: the first ones are forgotten. A report with them all has about 10 MB. */
const FRAME_LIMIT = 100_000;
/** Rows of tables beyond this are not kept: about 50 MB. */
const CHANGE_LIMIT = 200_000;
/** The longest that the tables are not looked at while things happen. */
const PERIOD: Nanos = millis(20);

/** Keeps one run. Give it to a run as `recorder`, then ask for the record. */
export class RunRecorder {
  readonly #frameLimit: number;
  readonly #changeLimit: number;
  readonly #changes: RecordedChange[] = [];
  #watched: { readonly lab: Lab; readonly view: LabView; readonly ladder: Ladder } | null = null;
  #events = 0;
  #looked: Nanos = 0;
  #changesUntil: Nanos | null = null;

  /** Keeps the last `frameLimit` frames and the first `changeLimit` changes of tables. */
  constructor(frameLimit: number = FRAME_LIMIT, changeLimit: number = CHANGE_LIMIT) {
    this.#frameLimit = frameLimit;
    this.#changeLimit = changeLimit;
  }

  /** Before the first frame. */
  begin(lab: Lab): void {
    const view = LabView.of(lab, { tables: TABLE_NAMES, historyLimit: 1 });
    this.#watched = { lab, view, ladder: new Ladder(lab, this.#frameLimit) };
    for (const placed of view.snapshot().rows) this.#keep(placed, 'added', lab.now);
  }

  /** After each instant in which something happened. */
  look(): void {
    const { lab } = this.#begun;
    const { forgotten, events } = lab.events;
    const known = forgotten + events.length;
    if (known === this.#events && lab.now - this.#looked < PERIOD) return;
    this.#events = known;
    this.#looked = lab.now;
    this.#poll();
  }

  /** After the last frame, with the topology's text. Nothing is attached to the lab any more. */
  finish(report: RunReport, source: string): RunRecord {
    const { lab, ladder, view } = this.#begun;
    this.#poll();
    view.dispose();
    ladder.dispose();
    const frames = ladder.rows();
    return {
      format: RECORD_FORMAT,
      application: `egresslab ${VERSION}`,
      source,
      graph: topologyGraph(lab.topology),
      report,
      frames,
      framesTotal: ladder.total,
      changes: this.#changes,
      changesUntil: this.#changesUntil,
      octets: octetsOf(ladder, frames),
    };
  }

  get #begun(): { readonly lab: Lab; readonly view: LabView; readonly ladder: Ladder } {
    return present(this.#watched, 'a recorder begins before it looks');
  }

  #poll(): void {
    if (this.#changesUntil !== null) return;
    const { lab, view } = this.#begun;
    const batch = view.poll();
    if (batch === null) return;
    if (this.#changes.length + batch.changes.length > this.#changeLimit) {
      this.#changesUntil = lab.now;
      return;
    }
    for (const { change, ...placed } of batch.changes) this.#keep(placed, change, batch.at);
  }

  #keep(
    placed: Omit<ViewBatch['changes'][number], 'change'>,
    change: RecordedChange['change'],
    at: Nanos,
  ): void {
    // A view of tables alone has rows of tables alone.
    this.#changes.push({ ...placed, change, at } as RecordedChange);
  }
}

function octetsOf(
  ladder: Ladder,
  frames: readonly { readonly sequence: number; readonly length: number }[],
): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { sequence, length } of frames) {
    const { bytes, start } = present(ladder.frame(sequence), 'a row that is kept has its frame');
    octets.set(bytes.subarray(start, start + length), at);
    at += length;
  }
  return octets;
}
