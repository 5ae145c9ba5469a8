// Where everything of a source was written: a tree beside the tree of values. What is copied from one
// place to another (merge keys, defaults, included files) keeps the position at which it was written.

import { type Diagnostic, type DiagnosticSeverity, excerpt } from './diagnostic.ts';
import { formatPath, type Path, type PathSegment, type Position } from './position.ts';
import type { TextLines } from './text-lines.ts';

/** The place of a value, or of its key, in the text. */
export type EntryPart = 'key' | 'value';

/** Knows where everything was written. */
export interface SourceMap {
  /** Where what is at `path` was written, or the nearest thing around it. */
  position(path: Path, part: EntryPart): Position;
  /** A diagnostic about it. */
  diagnostic(
    path: Path,
    part: EntryPart,
    message: string,
    remedy: string | null,
    severity?: DiagnosticSeverity,
  ): Diagnostic;
  /** What is at `to` was written where `of` has `from`. */
  graft(to: Path, from: Path, of?: SourceMap): void;
}

/** A text with its name and lines. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  readonly lines: TextLines;
}

/** Offsets of a value and of the key before it, and the same for what it contains. */
export interface Place {
  readonly source: SourceText;
  readonly range: readonly [number, number];
  readonly key: readonly [number, number] | null;
  readonly children: Map<PathSegment, Place>;
}

/** A tree of places. */
export class Places implements SourceMap {
  root: Place;

  constructor(source: SourceText) {
    this.root = { source, range: [0, 0], key: null, children: new Map() };
  }

  position(path: Path, part: EntryPart): Position {
    const { range, source } = this.#find(path, part);
    return positionIn(source, range[0], path);
  }

  diagnostic(
    path: Path,
    part: EntryPart,
    message: string,
    remedy: string | null,
    severity: DiagnosticSeverity = 'error',
  ): Diagnostic {
    const { range, source } = this.#find(path, part);
    return { ...diagnosticIn(source, range, path, message, remedy), severity };
  }

  graft(to: Path, from: Path, of: SourceMap = this): void {
    const last = to.at(-1);
    if (!(of instanceof Places) || last === undefined) return;
    const origin = of.#at(from);
    const parent = this.#at(to.slice(0, -1));
    if (origin !== null && parent !== null) parent.children.set(last, copy(origin));
  }

  #at(path: Path): Place | null {
    let place: Place | undefined = this.root;
    for (const segment of path) place = place?.children.get(segment);
    return place ?? null;
  }

  #find(path: Path, part: EntryPart): Pick<Place, 'range' | 'source'> {
    let place = this.root;
    let exact = true;
    for (const segment of path) {
      const child = place.children.get(segment);
      exact = child !== undefined;
      if (child === undefined) break;
      place = child;
    }
    // A missing key is reported at the key of its parent.
    const range = (part === 'key' || !exact ? place.key : null) ?? place.range;
    return { range, source: place.source };
  }
}

/** What is grafted onto a copy stays out of the original. */
function copy(place: Place): Place {
  const children = [...place.children].map(([key, child]) => [key, copy(child)] as const);
  return { ...place, children: new Map(children) };
}

/** The offset `start` as line and column. */
export function positionIn({ file, lines }: SourceText, start: number, path: Path): Position {
  const line = lines.lineOf(start);
  return { file, line, column: start - lines.startOf(line) + 1, path: formatPath(path) };
}

/** An error in a piece of a text. */
export function diagnosticIn(
  source: SourceText,
  [start, end]: readonly [number, number],
  path: Path,
  message: string,
  remedy: string | null,
): Diagnostic {
  const { lines, text } = source;
  const line = lines.lineOf(start);
  const shown = excerpt(text, lines.startOf(line), lines.endOf(line), start, end);
  const position = positionIn(source, start, path);
  return { severity: 'error', position, message, remedy, source: shown };
}
