// `oc:` with `prints:`: what a command that only looks prints now.

import { runOc } from '../../kube/oc/execute.ts';
import { type OcExpectation, printedLines } from '../../topology/expectations/oc.ts';
import type { ScenarioState } from '../state.ts';

/** Lines shown when an expectation fails; a table of nodes fits. */
const SHOWN = 12;

/** What the command printed instead. */
export function oc({ lab }: ScenarioState, { command, lines }: OcExpectation): string[] {
  if (lab.cluster === null) return ['there is no cluster'];
  // Not by `cluster.oc`: it was not typed, so it is not an event.
  const { stdout, stderr } = runOc(command, lab.cluster.ocEnvironment);
  const printed = printedLines(stdout + stderr);
  const different = (line: string | undefined, at: number): boolean => line !== lines[at];
  if (printed.length === lines.length && !printed.some(different)) return [];
  const first = printed.findIndex(different);
  const from = first < 0 ? printed.length : Math.max(0, first - SHOWN + 1);
  const shown = printed.slice(from, from + SHOWN).map((line) => `printed: ${line}`);
  return [
    `printed ${printed.length} lines, ${first < 0 ? 'too few' : `line ${first + 1} is another`}`,
    ...shown,
  ];
}
