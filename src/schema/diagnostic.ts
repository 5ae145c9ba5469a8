// One thing to say of a topology: where, what was found, and what to do about it. An error keeps it from
// running, a warning does not. All of a file are collected and reported together, in the order of the file.

import { formatPosition, type Position } from './position.ts';

/** Whether a topology can run with it: a warning is sound, and probably not what was meant. */
export type DiagnosticSeverity = 'error' | 'warning';

/** One problem of a topology: where, what, and what to do. */
export interface Diagnostic {
  readonly severity: DiagnosticSeverity;
  readonly position: Position;
  /** One sentence without a period: 'segment "lann" does not exist'. */
  readonly message: string;
  /** What to do, a sentence without a period: 'did you mean "lan"?'; null when the message says it. */
  readonly remedy: string | null;
  /** The line it stands on, for the code frame; null for a topology built in code. */
  readonly source: SourceExcerpt | null;
}

/** A piece of one line (long lines are cut) and what to underline in it. */
export interface SourceExcerpt {
  readonly text: string;
  /** Where the underlining starts in `text`, from 0. */
  readonly start: number;
  readonly length: number;
}

/** More problems than this are counted, not listed: no reader goes on. */
export const DIAGNOSTIC_LIMIT = 1_000;

/** Sorted by place, without repetitions, at most DIAGNOSTIC_LIMIT and one line that says how many more. */
export function orderDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const distinct = diagnostics.filter((diagnostic) => {
    const key = `${formatPosition(diagnostic.position)} ${diagnostic.message}`;
    return !seen.has(key) && seen.add(key);
  });
  // The sort is stable: problems of one place, and those of a topology built in code, stay in order.
  distinct.sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
  const last = distinct[DIAGNOSTIC_LIMIT];
  if (last === undefined) return distinct;
  const more = `and ${distinct.length - DIAGNOSTIC_LIMIT} more problems from here on`;
  return [
    ...distinct.slice(0, DIAGNOSTIC_LIMIT),
    { severity: 'error', position: last.position, message: more, remedy: null, source: null },
  ];
}

/** Whether there is an error among them. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** As compilers print them: position and message, the line with a caret under it, the remedy. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join('\n');
}

/** One diagnostic; every line ends with a newline. */
function formatDiagnostic({ position, message, remedy, severity, source }: Diagnostic): string {
  const kind = severity === 'warning' ? 'warning: ' : '';
  let text = `${formatPosition(position)}: ${kind}${message}\n`;
  if (source !== null) {
    const gutter = String(position.line);
    const under = source.text.slice(0, source.start).replaceAll(/[^\t]/g, ' ');
    text += `  ${gutter} | ${source.text}\n`;
    text += `  ${' '.repeat(gutter.length)} | ${under}${'^'.repeat(Math.max(1, source.length))}\n`;
  }
  return remedy === null ? text : `${text}  ${remedy}\n`;
}

const EXCERPT_BEFORE = 60;
const EXCERPT_LENGTH = 120;

/** Cuts the line `lineStart`..`lineEnd` around `start`..`end` (all offsets into `text`) to what fits on a screen. */
export function excerpt(
  text: string,
  lineStart: number,
  lineEnd: number,
  start: number,
  end: number,
): SourceExcerpt {
  const from = Math.max(lineStart, start - EXCERPT_BEFORE);
  const to = Math.min(lineEnd, from + EXCERPT_LENGTH);
  // Control characters would move the caret, or the terminal.
  const shown = text
    .slice(from, to)
    .replace(/[\r\n]+$/, '')
    .replaceAll(/[^\P{Cc}\t]/gu, ' ');
  const length = Math.max(0, Math.min(end, from + shown.length) - start);
  return { text: shown, start: start - from, length };
}
