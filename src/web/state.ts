// What the page shows, as signals: the run, the cursor, the filter, what is chosen. Views read them and call the
// verbs below; nothing else changes them.

import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { TableName } from '../view/tables.ts';
import { packetFilter, shownFrames } from './query/filter.ts';
import { type Letters, lettersOf } from './query/letters.ts';
import { type Cursor, lastUntil, type RunIndex } from './query/run-index.ts';

const START: Cursor = { at: 0, frame: -1, event: -1 };

/** The run that is looked at; null before there is one. */
export const run: Signal<RunIndex | null> = signal(null);
/** Where one stands. */
export const cursor: Signal<Cursor> = signal(START);
/** Where one stood before: what changed in between is marked. */
export const previous: Signal<Cursor> = signal(START);
/** Words that frames must hold to be shown. */
export const filter: Signal<string> = signal('');
/** The address whose story is told; null when none is contested. */
export const address: Signal<string | null> = signal(null);
/** The machine whose rows the tables show; null for all. */
export const machine: Signal<string | null> = signal(null);
/** The table that is open. */
export const table: Signal<TableName> = signal('neighbors');
/** The panel that is open. */
export const panel: Signal<'story' | 'frame' | 'tables'> = signal('story');
/** The stretch of octets of the frame that is looked at; null for none. */
export const octets: Signal<{ readonly at: number; readonly length: number } | null> = signal(null);
/** Lab seconds a second; null while paused. */
export const playing: Signal<boolean> = signal(false);
/** How fast. */
export const speed: Signal<number> = signal(1);
/** The lab runs while one looks at it. */
export const isLive: Signal<boolean> = signal(false);
/** The cursor stays at the end, whatever comes. */
export const following: Signal<boolean> = signal(false);
/** The first instant whose tables are known. */
export const since: Signal<number> = signal(0);
/** The stretch of time that the lanes show; null for all. */
export const zoom: Signal<{ readonly from: number; readonly to: number } | null> = signal(null);
/** What the last step did, for those who listen. */
export const said: Signal<string> = signal('');

/** Indices of the frames that the filter shows. */
export const shown: ReadonlySignal<readonly number[]> = computed(() => {
  const index = run.value;
  if (index === null) return [];
  return shownFrames(index.record.frames, filter.value, index.record.report.flows);
});

/** The letters of the address whose story is told. */
export const letters: ReadonlySignal<Letters> = computed(() => {
  const found = run.value?.contested().find((each) => each.address === address.value);
  return found === undefined ? new Map() : lettersOf(found);
});

/** The conflict in which the cursor stands; null outside of all. */
export const conflict: ReadonlySignal<Conflict | null> = computed(() => {
  const { at } = cursor.value;
  return conflicts.value.find(({ from, to }) => from <= at && at < to) ?? null;
});

/** A stretch of time in which several machines had one address. */
export interface Conflict {
  readonly address: string;
  readonly machines: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** All conflicts of the run, handovers left out. */
export const conflicts: ReadonlySignal<readonly Conflict[]> = computed(() => {
  const index = run.value;
  if (index === null) return [];
  return index.contested().flatMap(({ address: of, duplicates }) =>
    duplicates
      .filter(({ kind }) => kind === 'conflict')
      .map(({ from, machines, to }) => {
        // A conflict that outlasts the run is one at its last instant, too.
        return { address: of, machines, from, to: to ?? Number.POSITIVE_INFINITY };
      }),
  );
});

/** Shows a run from its beginning, at what is most worth seeing. */
export function open(index: RunIndex): void {
  const [first = null] = index.contested();
  run.value = index;
  zoom.value = null;
  address.value = first?.address ?? null;
  filter.value = first?.address ?? '';
  machine.value = null;
  playing.value = false;
  octets.value = null;
  previous.value = START;
  cursor.value = index.at(0);
}

/** Makes ready for a lab that runs. */
export function beginLive(): void {
  isLive.value = true;
  following.value = true;
}

/** Shows what is new of a lab that runs; `forgotten` frames went at the beginning. */
export function update(index: RunIndex, forgotten: number, knownSince: number): void {
  batch(() => {
    const isFirst = run.value === null;
    const stays = { ...cursor.value, frame: Math.max(-1, cursor.value.frame - forgotten) };
    run.value = index;
    since.value = knownSince;
    address.value ??= index.contested()[0]?.address ?? null;
    if (following.value || isFirst) {
      previous.value = cursor.value;
      cursor.value = index.at(index.duration);
    } else {
      cursor.value = stays;
    }
  });
}

/** Moves the cursor; `what` is said to those who listen. */
export function move(to: Cursor, what: string): void {
  following.value = isLive.value && to.at >= (run.value?.duration ?? 0);
  previous.value = cursor.value;
  cursor.value = to;
  octets.value = null;
  said.value = what;
}

/** To a time. */
export function moveTo(at: number): void {
  const index = run.value;
  if (index !== null) move(index.at(at), `${(at / 1e9).toFixed(3)} seconds`);
}

/** To a frame by its index. */
export function moveToFrame(at: number): void {
  const index = run.value;
  const row = index?.record.frames[at];
  if (index === null || index === undefined || row === undefined) return;
  move(index.atFrame(at), sentenceOf(row.at, `${row.from?.machine ?? ''} ${row.text}`));
}

/** To an entry of the timeline. */
export function moveToEvent(at: number): void {
  const index = run.value;
  const entry = index?.record.report.timeline[at];
  if (index === null || index === undefined || entry === undefined) return;
  move(index.atEvent(at), sentenceOf(entry.at, `${entry.source} ${entry.text}`));
}

/** To the next (1) or previous (-1) frame that is shown. */
export function stepFrame(by: 1 | -1): void {
  stepIn(shown.value, by);
}

/** To the next or previous frame that was dropped, among all. */
export function stepDrop(by: 1 | -1): void {
  const frames = run.value?.record.frames ?? [];
  stepIn(
    frames.flatMap(({ drops }, index) => (drops.length > 0 ? [index] : [])),
    by,
  );
}

/** To the next or previous entry of the timeline. */
export function stepEvent(by: 1 | -1): void {
  const timeline = run.value?.record.report.timeline ?? [];
  const { at, event } = cursor.value;
  // Standing after an entry but not on it, a step back leads to it.
  const isOn = timeline[event]?.at === at;
  moveToEvent(by === 1 ? event + 1 : isOn ? event - 1 : event);
}

/** To the next or previous instant at which something changed about the chosen address. */
export function stepChange(by: 1 | -1): void {
  const index = run.value;
  if (index === null) return;
  const { at } = cursor.value;
  const changes = index.record.changes.filter(
    (change) =>
      (change.table === 'neighbors' || change.table === 'claims') &&
      change.row.address === address.value,
  );
  const last = lastUntil(changes, by === 1 ? at : at - 1);
  const target = changes[by === 1 ? last + 1 : last];
  if (target !== undefined) moveTo(target.at);
}

/** The narrowest that lanes show, in nanoseconds. */
const NARROWEST = 1e6;

/** Shows less (a factor below 1) or more of the lanes' time, around the cursor. */
export function zoomBy(factor: number): void {
  const duration = run.value?.duration ?? 0;
  const { from, to } = zoom.value ?? { from: 0, to: duration };
  const width = Math.max(NARROWEST, (to - from) * factor);
  if (width >= duration) zoom.value = null;
  else {
    const { at } = cursor.value;
    const center = at >= from && at <= to ? at : (from + to) / 2;
    showFrom(center - width / 2, width);
  }
}

/** Moves the lanes by a part of their width. */
export function pan(part: number): void {
  const now = zoom.value;
  if (now === null) return;
  const width = now.to - now.from;
  showFrom(now.from + part * width, width);
}

function showFrom(from: number, width: number): void {
  const duration = run.value?.duration ?? 0;
  const start = Math.min(Math.max(0, from), Math.max(0, duration - width));
  zoom.value = { from: start, to: start + width };
}

// The lanes go where the cursor goes.
effect(() => {
  const { at } = cursor.value;
  const now = zoom.peek();
  if (now !== null && (at < now.from || at > now.to)) {
    showFrom(at - (now.to - now.from) / 2, now.to - now.from);
  }
});

/** Shows one packet from end to end; again: all that was shown before. */
export function follow(): void {
  const row = run.value?.record.frames[cursor.value.frame];
  if (row === undefined) return;
  const own = packetFilter(row.packet);
  filter.value = filter.value === own ? (address.value ?? '') : own;
}

function stepIn(frames: readonly number[], by: 1 | -1): void {
  const { frame } = cursor.value;
  const target =
    by === 1 ? frames.find((each) => each > frame) : frames.findLast((each) => each < frame);
  if (target === undefined) return;
  panel.value = panel.value === 'story' ? 'frame' : panel.value;
  moveToFrame(target);
}

function sentenceOf(at: number, what: string): string {
  return `${(at / 1e9).toFixed(6)} seconds: ${what}`;
}

/** Wall time between two steps of the play button, in milliseconds. */
const TICK = 50;
/** Quiet stretches longer than this are jumped over. */
const QUIET = 1e9;

let timer: ReturnType<typeof setInterval> | null = null;

effect(() => {
  if (timer !== null) clearInterval(timer);
  timer = playing.value ? setInterval(tick, TICK) : null;
});

function tick(): void {
  const index = run.value;
  if (index === null) return;
  const { at, frame } = cursor.value;
  const next = shown.value.find((each) => each > frame);
  const nextAt = index.record.frames[next ?? -1]?.at ?? index.duration;
  const step = (TICK / 1000) * 1e9 * speed.value;
  const target = nextAt - at > QUIET ? nextAt : at + step;
  const end = Math.min(target, index.duration);
  previous.value = cursor.value;
  cursor.value = index.at(end);
  if (end >= index.duration) playing.value = false;
}
