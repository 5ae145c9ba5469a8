// What can be compared of two runs: a report as names and short values, in a fixed order. Times of single events
// are left out: with another seed all of them differ.

import { formatDuration } from '../base/quantity.ts';
import { millis, type Nanos } from '../sim/time.ts';
import type { RunReport } from './report.ts';

/** 'web-to-db outage' → '20.6s'. */
export type ReportFacts = ReadonlyMap<string, string>;

/** A pure function of the report. */
export function reportFacts(report: RunReport): ReportFacts {
  const { analysis, drops, expectations, flows, outcome, problems } = report;
  const facts = new Map<string, string>([['outcome', outcome]]);
  const held = expectations.filter(({ verdict }) => verdict === 'held').length;
  facts.set('expectations', `${held} of ${expectations.length} hold`);
  for (const { position, text, verdict } of expectations) {
    facts.set(`expect ${position.path} ${text}`, verdict);
  }
  for (const { code } of problems) facts.set(`problem ${code}`, 'yes');
  for (const flow of flows) {
    const { answered, answeredBy, longestOutage, lost, name, seenAs, sent, state } = flow;
    facts.set(`${name} sent`, String(sent));
    facts.set(`${name} answered`, String(answered));
    facts.set(`${name} lost`, String(lost));
    facts.set(`${name} outage`, rounded(longestOutage));
    facts.set(`${name} seen as`, seenAs.map(({ address }) => address).join(', ') || '-');
    facts.set(`${name} answered by`, answeredBy.map(({ machine }) => machine).join(', ') || '-');
    facts.set(`${name} state`, state);
  }
  for (const { address, duplicates, holdings } of analysis?.addresses ?? []) {
    const last = holdings.filter(({ to }) => to === null).map(({ machine }) => machine);
    facts.set(`${address} held by`, last.join(', ') || '-');
    const conflicts = duplicates.filter(({ kind }) => kind === 'conflict').length;
    facts.set(`${address} conflicts`, String(conflicts));
  }
  for (const { flow, stages } of analysis?.flows ?? []) {
    const causes = stages.map(({ cause }) => cause).filter((cause) => cause !== 'retry-pending');
    facts.set(`${flow} causes`, [...new Set(causes)].join(', ') || '-');
  }
  for (const { count, device, reason } of drops) facts.set(`${device} ${reason}`, String(count));
  return facts;
}

/** Names whose values are not the same everywhere, in the order of their first appearance. */
export function differing(all: readonly ReportFacts[]): string[] {
  const names = new Set(all.flatMap((facts) => [...facts.keys()]));
  return [...names].filter((name) => new Set(all.map((facts) => facts.get(name))).size > 1);
}

function rounded(duration: Nanos): string {
  return formatDuration(millis(Math.round(duration / millis(1))));
}
