// What happened, a line each, while it happens: lab seconds, who, what.

import type { TimelineEntry } from '../../scenario/report.ts';
import { formatSeconds, type Nanos } from '../../sim/time.ts';
import type { Style } from './style.ts';
import { displayWidth, formatCount, padEnd, printable } from './text.ts';

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
  return renderLine(entry.at, entry.source, entry.text, width, style);
}

function renderLine(at: Nanos, source: string, text: string, width: number, style: Style): string {
  const time = style.dim(formatSeconds(at).padStart(8));
  const who = style.cyan(padEnd(printable(source), width));
  return `${time}  ${who}  ${printable(text)}`.trimEnd();
}

/** Of one kind in one second of lab time, people read so many lines; the rest is a number. */
const LINES_PER_KIND = 20;
const FOLD_WINDOW: Nanos = 1e9;

/**
 * The timeline as lines, one by one, with floods folded: a broadcast storm or a thousand nodes that
 * boot say the same thing more often than a reader wants. The report has every entry.
 */
export class TimelineLines {
  readonly #width: number;
  readonly #style: Style;
  #window = 0;
  readonly #counts = new Map<string, number>();

  constructor(width: number, style: Style) {
    this.#width = width;
    this.#style = style;
  }

  /** What to print now that this entry has come; nothing when it is folded away. */
  next(entry: TimelineEntry): string[] {
    const window = Math.floor(entry.at / FOLD_WINDOW);
    const lines = window === this.#window ? [] : this.rest();
    this.#window = window;
    const count = (this.#counts.get(entry.kind) ?? 0) + 1;
    this.#counts.set(entry.kind, count);
    if (count <= LINES_PER_KIND) lines.push(renderTimelineEntry(entry, this.#width, this.#style));
    return lines;
  }

  /** How many entries were folded away since the last line that said so. */
  rest(): string[] {
    const lines: string[] = [];
    for (const [kind, count] of this.#counts) {
      const folded = count - LINES_PER_KIND;
      if (folded <= 0) continue;
      const text = `${formatCount(folded)} more of ${kind} in this second; --json has them all`;
      lines.push(renderLine(this.#window * FOLD_WINDOW, '...', text, this.#width, this.#style));
    }
    this.#counts.clear();
    return lines;
  }
}
