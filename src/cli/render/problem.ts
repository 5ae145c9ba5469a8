// What went wrong, and what to do about it: for users in two lines, for bugs with all that a report needs.

import { VERSION } from '../../base/version.ts';
import type { Style } from './style.ts';
import { printableLines } from './text.ts';

/** 'error EGL_FILE_NOT_FOUND: there is no file x' and, when there is one, the hint. */
export function renderProblem(
  problem: { readonly code: string; readonly message: string; readonly hint: string | null },
  style: Style,
): string[] {
  const first = `${style.red('error')} ${problem.code}: ${printableLines(problem.message)}`;
  return problem.hint === null
    ? [first]
    : [first, `${style.bold('hint')}  ${printableLines(problem.hint)}`];
}

/** For anything thrown that is not an EgressLabError. `reproduce` is the command that met it. */
export function renderBug(error: unknown, reproduce: string, style: Style): string[] {
  const trace = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return [
    `${style.red('bug')} This should not have happened. It is a bug in egresslab, not your mistake.`,
    printableLines(trace),
    'Please report it with the topology file, the lines above, and these:',
    `  egresslab ${VERSION}, Node.js ${process.version}, ${process.platform} ${process.arch}`,
    `  ${reproduce}`,
  ];
}
