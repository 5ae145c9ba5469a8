// What pages see of a running lab. Nothing is attached to the lab while no page is open. However many watch,
// the lab is looked at once, and never so often that it would cost more than a small part of its time:
// the next look comes after a multiple of what the last one took.

import { present } from '../../base/assert.ts';
import { VERSION } from '../../base/version.ts';
import type { LiveMessage } from '../../scenario/recording/live-message.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { ScenarioSession } from '../../scenario/session.ts';
import type { ViewBatch } from '../../view/changes.ts';
import { topologyGraph } from '../../view/graph.ts';
import { LabView } from '../../view/lab-view.ts';
import { TABLE_NAMES } from '../../view/tables.ts';
import type { RealtimeDriver } from '../realtime-driver.ts';

/** Wall time between two looks, in milliseconds, unless a look takes long. */
const PERIOD = 100;
/** Looks may take one part in so many of the time. */
const LOOK_SHARE = 15;
/** The same for reports, of which there is at most one a second. */
const REPORT_PERIOD = 1000;
const REPORT_SHARE = 40;
/** Nobody reads more frames than these in a look; the others are counted. */
const FRAMES_A_LOOK = 200;
/** Nobody scrolls through more; the page says so. */
const TIMELINE_LIMIT = 2_000;

/** A page that watches. */
export interface Watcher {
  /** Takes a line; never blocks. */
  write(line: string): void;
  /** It has not read what it was sent: it is spared. */
  readonly isBehind: boolean;
}

/** Looks at a lab for pages. */
export class LabWatch {
  readonly #session: ScenarioSession;
  readonly #driver: RealtimeDriver;
  readonly #name: string;
  /** Watcher → the sequence at which it stands; null before it has the rows. */
  readonly #watchers = new Map<Watcher, number | null>();
  #view: LabView | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** What a look takes, in milliseconds, smoothed: a single slow one says little. */
  #cost = 0;
  #reportDue = 0;
  #paceDue = 0;

  /** `name` is how commands call the lab. */
  constructor(session: ScenarioSession, driver: RealtimeDriver, name: string) {
    this.#session = session;
    this.#driver = driver;
    this.#name = name;
  }

  /** Begins to show the lab to a page; returns how to stop. */
  add(watcher: Watcher): () => void {
    const { lab } = this.#session;
    const graph = topologyGraph(lab.topology);
    say(watcher, { kind: 'begin', application: `egresslab ${VERSION}`, lab: this.#name, graph });
    this.#view ??= LabView.of(lab, {
      tables: [...TABLE_NAMES, 'frames'],
      framesPerPoll: FRAMES_A_LOOK,
      historyLimit: 1,
    });
    this.#watchers.set(watcher, null);
    this.#reportDue = 0;
    this.#timer ??= setTimeout(() => this.#look(), 0);
    return () => this.#remove(watcher);
  }

  /** The lab ends, and all pages are told. */
  end(): void {
    for (const watcher of [...this.#watchers.keys()]) {
      say(watcher, { kind: 'end' });
      this.#remove(watcher);
    }
  }

  #remove(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#view?.dispose();
    this.#view = null;
  }

  #look(): void {
    const view = present(this.#view, 'there is a view as long as somebody watches');
    const begun = performance.now();
    const batch = this.#driver.perform(() => view.poll());
    const change = batch === null ? null : lineOf(batchMessage(view, batch));
    const rest = { from: batch?.from ?? -1, sequence: batch?.sequence ?? -1 };
    for (const [watcher, sequence] of this.#watchers) {
      if (watcher.isBehind) {
        this.#watchers.set(watcher, null);
      } else if (sequence === null) {
        this.#watchers.set(watcher, this.#sendRows(view, watcher));
      } else if (change !== null && sequence === rest.from) {
        watcher.write(change);
        this.#watchers.set(watcher, rest.sequence);
      } else if (change !== null) {
        this.#watchers.set(watcher, this.#sendRows(view, watcher));
      }
    }
    this.#cost += (performance.now() - begun - this.#cost) / 4;
    this.#sendReport();
    this.#sendPace(view);
    this.#timer = setTimeout(() => this.#look(), Math.max(PERIOD, this.#cost * LOOK_SHARE));
  }

  #sendRows(view: LabView, watcher: Watcher): number {
    const snapshot = view.snapshot();
    const rows = snapshot.rows.filter(({ table }) => table !== 'frames');
    say(watcher, { kind: 'rows', snapshot: { ...snapshot, rows } });
    return snapshot.sequence;
  }

  #sendReport(): void {
    const begun = performance.now();
    if (begun < this.#reportDue) return;
    const report = this.#driver.perform(() => this.#session.soFar());
    this.#broadcast({ kind: 'report', report: shortened(report) });
    const took = performance.now() - begun;
    this.#reportDue = begun + Math.max(REPORT_PERIOD, took * REPORT_SHARE);
  }

  #sendPace(view: LabView): void {
    const now = performance.now();
    if (now < this.#paceDue) return;
    this.#paceDue = now + REPORT_PERIOD / 4;
    const { now: at } = this.#session.lab;
    const missed = view.ladder?.missed ?? 0;
    const lag = Math.max(0, this.#driver.now - at);
    this.#broadcast({ kind: 'pace', at, missed, lag });
  }

  #broadcast(message: LiveMessage): void {
    const line = lineOf(message);
    for (const watcher of this.#watchers.keys()) if (!watcher.isBehind) watcher.write(line);
  }
}

function batchMessage({ ladder }: LabView, batch: ViewBatch): LiveMessage {
  const parts: Uint8Array[] = [];
  for (const change of batch.changes) {
    if (change.table !== 'frames' || change.change !== 'added') continue;
    const frame = ladder?.frame(change.row.sequence) ?? null;
    if (frame !== null) parts.push(frame.toBytes());
  }
  // The page forgets frames by itself.
  const changes = batch.changes.filter(
    ({ change, table }) => table !== 'frames' || change !== 'removed',
  );
  return {
    kind: 'batch',
    batch: { ...batch, changes },
    octets: Buffer.concat(parts).toString('base64'),
  };
}

/** Without what a page has from the tables, and no longer than anybody reads. */
function shortened(report: RunReport): RunReport {
  const timeline = report.timeline.slice(-TIMELINE_LIMIT);
  const expectations = report.expectations.filter(({ verdict }) => verdict !== 'not-reached');
  return {
    ...report,
    timeline,
    expectations,
    tables: null,
    neighbors: [],
    fdb: [],
    conntrack: [],
    drops: [],
  };
}

function say(watcher: Watcher, message: LiveMessage): void {
  watcher.write(lineOf(message));
}

function lineOf(message: LiveMessage): string {
  return `${JSON.stringify(message)}\n`;
}
