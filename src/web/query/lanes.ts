// Time from left to right: who has an address, who believes whom, when there was a conflict, which flow was out.

import type { AddressAnalysis } from '../../scenario/analysis/model.ts';
import type { RunReport } from '../../scenario/report.ts';
import { formatSeconds } from '../../sim/time.ts';
import { lettersOf } from './letters.ts';

/** What a stretch of a lane means. */
export type SpanKind = 'holds' | 'believes' | 'conflict' | 'handover' | 'outage' | 'announces';

/** A stretch of a lane. */
export interface SwimlaneSpan {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number;
  /** Whose: a letter, '?' for a MAC that no machine has; empty for none. */
  readonly letter: string;
  /** A sentence without a period: what, from when to when, why. */
  readonly text: string;
}

/** One lane. */
export interface Swimlane {
  readonly label: string;
  readonly spans: readonly SwimlaneSpan[];
}

/** Lanes of belief beyond this many are left to the tables. */
const BELIEF_LIMIT = 6;

/** The lanes of an address (null: none is contested) and of all flows. */
export function lanesOf(report: RunReport, address: AddressAnalysis | null): Swimlane[] {
  const end = report.labDuration;
  const lanes = address === null ? [] : addressLanes(address, end);
  return [...lanes, ...report.flows.map((flow) => flowLane(flow, end))];
}

function addressLanes(address: AddressAnalysis, end: number): Swimlane[] {
  const letters = lettersOf(address);
  const claims: Swimlane[] = [...letters].map(([machine, letter]) => {
    const held = address.holdings
      .filter((holding) => holding.machine === machine)
      .map(({ from, to, how }) =>
        span('holds', from, to ?? end, letter, `${machine} has ${address.address}, ${how}`),
      );
    const announced = address.announcements
      .filter((announcement) => announcement.machine === machine)
      .map(({ at, form }) =>
        span('announces', at, at, letter, `${machine} announces itself by an ARP ${form}`),
      );
    return { label: `${letter} ${machine}`, spans: [...held, ...announced] };
  });
  const shared = address.duplicates.map(({ from, to, kind, machines }) =>
    span(kind, from, to ?? end, '', `${machines.join(' and ')} both have ${address.address}`),
  );
  const beliefs: Swimlane[] = address.beliefs.slice(0, BELIEF_LIMIT).map(({ observer, spans }) => ({
    label: `${observer} believes`,
    spans: spans.map(({ cause, from, mac, machine, to }) => {
      const letter = letters.get(machine ?? '') ?? '?';
      const text = `${observer} believes ${machine ?? mac}, by ${cause}`;
      return span('believes', from, to ?? end, letter, text);
    }),
  }));
  const conflict = shared.length === 0 ? [] : [{ label: 'conflict', spans: shared }];
  return [...claims, ...conflict, ...beliefs];
}

function flowLane({ name, outages }: RunReport['flows'][number], end: number): Swimlane {
  const spans = outages.map(({ from, to, unanswered, why }) => {
    const because = why === null ? '' : `, ${why}`;
    const text = `${name} is not answered, ${unanswered} requests${because}`;
    return span('outage', from, to ?? end, '', text);
  });
  return { label: name, spans };
}

function span(
  kind: SpanKind,
  from: number,
  to: number,
  letter: string,
  what: string,
): SwimlaneSpan {
  const when = to > from ? `${formatSeconds(from)} to ${formatSeconds(to)}` : formatSeconds(from);
  return { kind, from, to, letter, text: `${when}: ${what}` };
}
