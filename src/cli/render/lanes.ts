// Time from left to right, one lane for each thing that lasts: plain ASCII, for people to look at.

import { formatLabTime, padEnd } from './text.ts';

/** What a lane shows in one cell, given the cell's span of time; a later span wins. */
export interface TextLaneSpan {
  readonly from: number;
  /** Null: to the end. */
  readonly to: number | null;
  /** One character. */
  readonly mark: string;
}

/** One line of the picture. */
export interface TextLane {
  readonly label: string;
  readonly spans: readonly TextLaneSpan[];
}

/** Lanes under a scale from 0 to `end`, no wider than `width`. */
export function renderLanes(lanes: readonly TextLane[], end: number, width: number): string[] {
  if (end <= 0 || lanes.length === 0) return [];
  const labels = Math.max(...lanes.map(({ label }) => label.length)) + INDENT.length + GAP;
  const cells = Math.max(MINIMUM_CELLS, width - labels);
  const lines = lanes.map((lane) =>
    `${padEnd(INDENT + lane.label, labels)}${cellsOf(lane, end, cells)}`.trimEnd(),
  );
  return [`${' '.repeat(labels)}${scale(end, cells)}`.trimEnd(), ...lines];
}

const INDENT = '  ';
const GAP = 2;
const MINIMUM_CELLS = 40;
/** Between two marks of the scale. */
const TICK_CELLS = 18;

function cellsOf({ spans }: TextLane, end: number, cells: number): string {
  const marks = new Array<string>(cells).fill(' ');
  for (const { from, mark, to } of spans) {
    const first = Math.min(cells - 1, Math.floor((from / end) * cells));
    const last = to === null ? cells : Math.ceil((to / end) * cells);
    // However short, it is seen.
    for (let at = first; at < Math.max(first + 1, last) && at < cells; at++) marks[at] = mark;
  }
  return marks.join('');
}

/** '0 s               15 s …', each mark over the cell that it names. */
function scale(end: number, cells: number): string {
  const parts = Math.max(1, Math.floor(cells / TICK_CELLS));
  let line = '';
  for (let part = 0; part < parts; part++) {
    line = padEnd(line, Math.round((cells * part) / parts));
    line += `|${formatLabTime(Math.round((end * part) / parts / 1e6) * 1e6)}`;
  }
  const last = `${formatLabTime(end)}|`;
  return line.length + last.length < cells ? padEnd(line, cells - last.length) + last : line;
}
