// `arping:` and `ping:`: what an earlier step found.

import { setDifference } from '../../base/difference.ts';
import type {
  ArpingExpectation,
  ArpingVerdict,
  PingExpectation,
} from '../../topology/expectations/probe.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { ScenarioState } from '../state.ts';
import { compare } from './compare.ts';

/** What the named `arping` step found instead. */
export function arping({ arpings }: ScenarioState, expectation: ArpingExpectation): string[] {
  const run = arpings.get(expectation.arping);
  if (run === undefined) return [`arping ${expectation.arping} has not been run yet`];
  if (run.statistics === null) return [`arping ${expectation.arping} is still running`];
  const { exitCode, received, answeredBy } = run.statistics;
  const saw: string[] = [];
  if (expectation.verdict !== null && !agrees(expectation.verdict, exitCode, received)) {
    saw.push(`it exited with ${exitCode} after ${received} answers`);
  }
  const wanted = expectation.answeredBy?.map(({ mac }) => formatMac(mac)) ?? null;
  return [...saw, ...setDifference('answered by', answeredBy.map(formatMac), wanted)];
}

/** What the named `ping` step counted instead. */
export function ping({ pings }: ScenarioState, expectation: PingExpectation): string[] {
  const run = pings.get(expectation.ping);
  if (run === undefined) return [`ping ${expectation.ping} has not been run yet`];
  return [
    ...compare('sent', run.sent, expectation.sent),
    ...compare('answered', run.answered, expectation.answered),
    ...compare('lost', run.sent - run.answered, expectation.lost),
  ];
}

function agrees(verdict: ArpingVerdict, exitCode: number, received: number): boolean {
  switch (verdict) {
    case 'duplicate':
      return exitCode === 1;
    case 'free':
      return exitCode === 0;
    case 'answered':
      return received > 0;
    case 'unanswered':
      return received === 0;
  }
}
