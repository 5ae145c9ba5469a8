// Which expectations failed, when, and what was seen instead; those that hold are a number.

import type { ExpectationReport } from '../../scenario/report.ts';
import { formatPosition } from '../../schema/position.ts';
import { formatSeconds } from '../../sim/time.ts';
import type { Style } from './style.ts';
import { printable } from './text.ts';

/** Empty without expectations. */
export function renderExpectations(
  expectations: readonly ExpectationReport[],
  style: Style,
): string[] {
  if (expectations.length === 0) return [];
  const held = expectations.filter((each) => each.verdict === 'held').length;
  const open = expectations.filter((each) => each.verdict === 'not-reached').length;
  const failed = expectations.filter((each) => each.verdict === 'failed');
  const paint = failed.length > 0 ? style.red : open > 0 ? style.yellow : style.green;
  const summary = `${held} of ${expectations.length} expectations hold${open === 0 ? '' : `, ${open} not reached`}`;
  return [...failed.flatMap((each) => renderFailure(each, style)), paint(summary)];
}

function renderFailure(expectation: ExpectationReport, style: Style): string[] {
  const time = formatSeconds(expectation.at).trim();
  return [
    `${style.red('FAILED')}  at ${time}: ${printable(expectation.text)}`,
    ...expectation.saw.map((fact) => `        saw ${printable(fact)}`),
    style.dim(`        expected at ${printable(formatPosition(expectation.position))}`),
  ];
}
