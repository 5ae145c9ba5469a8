// `flow:`: how a flow fared so far, or within a window of its requests.

import { present } from '../../base/assert.ts';
import { setDifference } from '../../base/difference.ts';
import { formatDuration } from '../../base/quantity.ts';
import { formatSeconds, NEVER } from '../../sim/time.ts';
import type { FlowExpectation } from '../../topology/expectations/flow.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';
import { compare } from './compare.ts';

/** The figures of the flow that are not as they should be. */
export function flow(state: ScenarioState, expectation: FlowExpectation): string[] {
  const { requests, index, answering, endedAt } = present(
    state.flows.get(expectation.flow),
    'the topology was validated',
  );
  const from = expectation.window?.from ?? 0;
  const to = expectation.window?.to ?? NEVER;
  if (expectation.window !== null && from < requests.keptSince) {
    return [
      `what was sent before ${formatSeconds(requests.keptSince)} is no longer kept one by one`,
    ];
  }
  const end = Math.min(endedAt ?? state.lab.now, to);
  const counts = requests.figuresWithin(end, from, to);
  const outage = counts.longestOutage;
  const settled = counts.answered + counts.lost;
  const loss = settled === 0 ? 0 : counts.lost / settled;
  const seen = sourcesWithin(state, index, from, to);
  const saw = [
    ...compare('sent', counts.sent, expectation.sent),
    ...compare('answered', counts.answered, expectation.answered),
    ...compare('lost', counts.lost, expectation.lost),
    ...compare('loss', loss, expectation.loss, (ratio) => `${(ratio * 100).toFixed(1)} %`),
    ...compare('longest outage', outage, expectation.longestOutage, formatDuration),
    ...setDifference(
      'the server saw: source',
      [...new Set(seen)].map(formatIpv4),
      expectation.sources === null ? null : expectation.sources.map(formatIpv4),
    ),
  ];
  const latest = seen.at(-1) ?? null;
  if (expectation.source !== null && latest !== expectation.source) {
    saw.push(
      latest === null
        ? 'the server saw no request'
        : `the server saw source ${formatIpv4(latest)} last`,
    );
  }
  if (expectation.answering !== null && (answering ?? false) !== expectation.answering) {
    saw.push(answering === true ? 'it is being answered' : 'it is not being answered');
  }
  return saw;
}

/** The sources that requests sent within [from, to) were seen from, in the order of seeing. */
function sourcesWithin(
  { flows, sources }: ScenarioState,
  index: number,
  from: number,
  to: number,
): Ipv4Address[] {
  const requests = [...flows.values()][index]?.requests;
  const seen: Ipv4Address[] = [];
  for (const { request, source } of sources.sightings(index)) {
    const sentAt = requests?.get(request)?.sentAt ?? 0;
    if (sentAt >= from && sentAt < to) seen.push(source);
  }
  return seen;
}
