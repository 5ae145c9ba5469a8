// `log:`: lines that a component has, or has not, logged until now.

import { NEVER } from '../../sim/time.ts';
import type { LogExpectation } from '../../topology/expectations/log.ts';
import type { ScenarioState } from '../state.ts';
import { compare } from './compare.ts';

/** Log lines shown when an expectation fails. */
const SHOWN = 3;

/** How many lines there are instead, and the last few. */
export function log({ lab }: ScenarioState, expectation: LogExpectation): string[] {
  const from = expectation.window?.from ?? 0;
  const to = expectation.window?.to ?? NEVER;
  const lines = (lab.cluster?.logLines(expectation.from) ?? []).filter(
    ({ at }) => at >= from && at < to,
  );
  const matching = lines.filter(({ text }) => text.includes(expectation.contains)).length;
  const saw = compare('number of such lines', matching, expectation.count);
  if (saw.length > 0) for (const { text } of lines.slice(-SHOWN)) saw.push(`logged: ${text}`);
  return saw;
}
