// What is wrong with a topology, to people and as JSON.

import {
  type Diagnostic,
  type DiagnosticSeverity,
  formatDiagnostics,
} from '../schema/diagnostic.ts';
import type { Io } from './io.ts';
import { createStyle, type Style, wantsColor } from './render/style.ts';
import { plural, printableLines } from './render/text.ts';

/** One problem in the documents that `--json` prints. `file`, `line` and `column` are null where there is none. */
export interface JsonProblem {
  readonly code: string;
  /** A warning does not change the exit code. */
  readonly severity: DiagnosticSeverity;
  readonly message: string;
  readonly hint: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** Where in the document's structure: 'scenario.steps[3].expect'. */
  readonly path: string | null;
}

/** What is wrong in a file, as opposed to with reading it. */
const TOPOLOGY_PROBLEM_CODE = 'EGL_TOPOLOGY_INVALID';
/** What is sound, and probably not what was meant. */
const TOPOLOGY_WARNING_CODE = 'EGL_TOPOLOGY_WARNING';

/** A diagnostic as `--json` prints it. */
export function toJsonProblem({ position, message, remedy, severity }: Diagnostic): JsonProblem {
  return {
    code: severity === 'error' ? TOPOLOGY_PROBLEM_CODE : TOPOLOGY_WARNING_CODE,
    severity,
    message,
    hint: remedy,
    file: position.file,
    line: position.line === 0 ? null : position.line,
    column: position.column === 0 ? null : position.column,
    path: position.path,
  };
}

/** With code frames, and the number of them at the end. */
export function renderDiagnostics(
  file: string,
  diagnostics: readonly Diagnostic[],
  style: Style,
): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counts = [
    ...(errors === 0 ? [] : [style.red(plural(errors, 'problem'))]),
    ...(warnings === 0 ? [] : [style.yellow(plural(warnings, 'warning'))]),
  ];
  return `${printableLines(formatDiagnostics(diagnostics))}\n${counts.join(' and ')} in ${file}\n`;
}

/** For a command that needs the topology: on stderr, and under --json as the document on stdout. */
export function reportDiagnostics(
  file: string,
  diagnostics: readonly Diagnostic[],
  { json, noColor }: { readonly json: boolean; readonly noColor: boolean },
  io: Io,
): void {
  const style = createStyle(wantsColor(noColor, io.stderr.isTerminal, io.environment));
  io.stderr.write(renderDiagnostics(file, diagnostics, style));
  if (json) io.stdout.write(jsonDocument({ problems: diagnostics.map(toJsonProblem) }));
}

/** For a command that goes on with the topology: warnings, on stderr. */
export function reportWarnings(
  file: string,
  diagnostics: readonly Diagnostic[],
  noColor: boolean,
  io: Io,
): void {
  if (diagnostics.length === 0) return;
  const style = createStyle(wantsColor(noColor, io.stderr.isTerminal, io.environment));
  io.stderr.write(renderDiagnostics(file, diagnostics, style));
}

/** Every document that is not a run's report has the same first key as one. */
export function jsonDocument(
  content: Readonly<Record<string, unknown>>,
  schemaVersion = 1,
): string {
  return `${JSON.stringify({ schemaVersion, ...content }, null, 2)}\n`;
}
