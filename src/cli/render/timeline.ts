// What happened, a line each, while it happens: lab seconds, who, what.

import type { TimelineEntry } from '../../scenario/report.ts';
import { formatSeconds } from '../../sim/time.ts';
import type { Style } from './style.ts';
import { displayWidth, padEnd, printable } from './text.ts';

const MIN_SOURCE_WIDTH = 10;
const MAX_SOURCE_WIDTH = 20;

/** How wide the "who" column should be for these names, known before the first event. */
export function sourceWidth(names: Iterable<string>): number {
  let width = MIN_SOURCE_WIDTH;
  for (const name of names) width = Math.max(width, displayWidth(name));
  return Math.min(width, MAX_SOURCE_WIDTH);
}

/** '   2.003  controller  gives 192.168.50.120 to worker02'. */
export function renderTimelineEntry(entry: TimelineEntry, width: number, style: Style): string {
  const time = formatSeconds(entry.at).padStart(8);
  const source = padEnd(printable(entry.source), width);
  return `${style.dim(time)}  ${style.cyan(source)}  ${printable(entry.text)}`.trimEnd();
}
