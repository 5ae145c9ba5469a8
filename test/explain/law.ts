// The law of `explain`: of a lab, its capture tells from outside what the analysis tells from inside. Each line of
// `disagreements` is one fact that differs.

import { analysisOf } from '../../src/explain/analysis.ts';
import type { Explanation } from '../../src/explain/model.ts';
import type { AddressAnalysis } from '../../src/scenario/analysis/model.ts';
import type { FlowReport, RunReport } from '../../src/scenario/report.ts';

/** A frame is on its way, or waits in a machine, no longer. */
const FLIGHT = 20_000_000;
/** The log has a series of announcements once, and those that nobody heard are known from it alone. */
const SERIES = 5_000_000_000;
const SECOND = 1_000_000_000;

interface Span {
  readonly from: number;
  readonly to: number | null;
}

/** Times of the explanation in lab time. */
class LabTime {
  readonly #shift: number;
  readonly end: number;

  constructor(report: RunReport, found: Explanation) {
    this.#shift = (found.start - Date.parse(report.epoch) / 1000) * 1e9;
    this.end = report.labDuration;
  }

  of(at: number): number {
    return at + this.#shift;
  }

  overlap(inside: Span, outside: Span): boolean {
    const begins = this.of(outside.from) <= (inside.to ?? this.end) + SECOND;
    return begins && (outside.to === null || this.of(outside.to) >= inside.from - FLIGHT);
  }
}

/** Facts that differ, as 'conflict 192.168.50.120 ...'. */
export function disagreements(report: RunReport, found: Explanation): string[] {
  const time = new LabTime(report, found);
  const outside = analysisOf(found)?.addresses ?? [];
  const inside = report.analysis?.addresses ?? [];
  const lines = inside.flatMap((address) => {
    const seen = outside.find((each) => each.address === address.address);
    return [
      ...claims(address, found, time),
      ...conflicts(address, seen, time),
      ...moves(address, found, time),
      ...announcements(address, found, time),
    ];
  });
  const known = new Set(inside.map(({ address }) => address));
  for (const { address, duplicates, moves: seen } of outside) {
    if (known.has(address)) continue;
    if (duplicates.length > 0) lines.push(`conflict ${address}: only outside`);
    if (seen.length > 0) lines.push(`move ${address}: only outside`);
  }
  return [...lines, ...report.flows.flatMap((flow) => outages(flow, report, found, time))];
}

function claims({ address, holdings }: AddressAnalysis, found: Explanation, time: LabTime) {
  const lines: string[] = [];
  // Overlay networks are networks of their own.
  const owners = found.claims.filter(
    (claim) => claim.address === address && claim.kind === 'owner' && claim.domain === '',
  );
  for (const { from, mac } of owners) {
    const own = holdings.filter((holding) => holding.mac === mac || holding.mac === null);
    if (own.length === 0) lines.push(`claim ${address}: ${mac} only outside`);
    const isIn = ({ from: since, to }: Span): boolean =>
      from === null || (time.of(from) >= since - FLIGHT && time.of(from) <= (to ?? time.end));
    if (own.length > 0 && !own.some(isIn)) lines.push(`claim ${address}: ${mac} out of its time`);
  }
  for (const { machine, mac } of holdings) {
    const isSeen = mac === null || owners.some((owner) => owner.mac === mac);
    if (!isSeen) lines.push(`claim ${address}: ${machine} only inside`);
  }
  return lines;
}

function conflicts(
  { address, duplicates }: AddressAnalysis,
  seen: AddressAnalysis | undefined,
  time: LabTime,
): string[] {
  const lines: string[] = [];
  const inside = duplicates.filter(({ kind }) => kind === 'conflict');
  const outside = seen?.duplicates ?? [];
  const isSame = (a: AddressAnalysis['duplicates'][number], b: typeof a): boolean =>
    time.overlap(a, b) && (a.macs.includes('') || b.macs.every((mac) => a.macs.includes(mac)));
  for (const window of inside) {
    const match = outside.find((each) => isSame(window, each));
    if (match === undefined) lines.push(`conflict ${address}: only inside`);
    else if (time.of(match.from) < window.from - FLIGHT)
      lines.push(`conflict ${address}: too early`);
    else if (match.to !== null && window.to === null && !window.macs.includes(''))
      lines.push(`conflict ${address}: over outside`);
  }
  for (const window of outside) {
    if (!inside.some((each) => isSame(each, window)))
      lines.push(`conflict ${address}: only outside`);
  }
  return lines;
}

function moves(
  { address, holdings, moves: all }: AddressAnalysis,
  found: Explanation,
  time: LabTime,
): string[] {
  const lines: string[] = [];
  const outside = found.moves.filter((move) => move.address === address);
  const macOf = (machine: string): string | null =>
    holdings.find((holding) => holding.machine === machine)?.mac ?? null;
  const inside = all.filter(({ clean }) => clean);
  let next = 0;
  for (const move of inside) {
    const match = outside.findIndex(
      ({ from, taken, to }, index) =>
        index >= next &&
        from === macOf(move.from) &&
        to === macOf(move.to) &&
        time.of(taken) >= move.taken - FLIGHT,
    );
    if (match < 0) lines.push(`move ${address}: ${move.from} to ${move.to} only inside`);
    else next = match + 1;
    const lost = outside[match]?.lost ?? null;
    if (lost !== null && move.lost !== null && time.of(lost) > move.lost + FLIGHT) {
      lines.push(`move ${address}: lost too late`);
    }
  }
  if (outside.length > inside.length) lines.push(`move ${address}: more of them outside`);
  return lines;
}

function announcements(
  { address, announcements: inside }: AddressAnalysis,
  found: Explanation,
  time: LabTime,
): string[] {
  const outside = found.announcements.filter((each) => each.address === address);
  const lines = inside
    .filter(
      ({ at, form, mac }) =>
        !outside.some(
          (each) =>
            each.mac === mac &&
            each.form.startsWith(form) &&
            Math.abs(time.of(each.at) - at) < FLIGHT,
        ),
    )
    .map(({ at, form }) => `announcement ${address}: ${form} at ${at / 1e9} only inside`);
  for (const { at, form, mac } of outside) {
    const own = time.of(at);
    const isKnown = inside.some(
      (each) =>
        each.mac === mac &&
        form.startsWith(each.form) &&
        own >= each.at - FLIGHT &&
        own < each.at + SERIES + FLIGHT,
    );
    if (!isKnown) lines.push(`announcement ${address}: ${form} at ${own / 1e9} only outside`);
  }
  return lines;
}

function outages(flow: FlowReport, report: RunReport, found: Explanation, time: LabTime): string[] {
  const lines: string[] = [];
  const addressesOf = (name: string): string[] => [
    name,
    ...Object.keys(found.names).filter((address) => found.names[address] === name),
  ];
  const [clients, servers] = [addressesOf(flow.from), addressesOf(flow.to)];
  const [protocol, port] = flow.protocol.split(' ');
  const isOf = (other: FlowReport): boolean =>
    other.from === flow.from && other.to === flow.to && other.protocol === flow.protocol;
  // The capture cannot tell apart flows between the same ends.
  const inside = report.flows.filter(isOf).flatMap((each) => each.outages);
  const rows = found.flows.filter(
    (row) =>
      clients.includes(row.client) &&
      servers.includes(row.server) &&
      row.protocol === protocol &&
      (row.port === null || `${row.port}` === port),
  );
  const name = `outage ${flow.name}`;
  if (rows.length === 0) return flow.sent > 0 ? [`${name}: the flow is only inside`] : [];
  const outside = rows.flatMap((row) => row.outages);
  for (const outage of flow.outages) {
    const match = outside.find((each) => time.overlap(outage, each));
    if (match === undefined) lines.push(`${name}: at ${outage.from / 1e9} only inside`);
  }
  for (const outage of outside) {
    const match = inside.find((each) => time.overlap(each, outage));
    if (match === undefined) lines.push(`${name}: at ${time.of(outage.from) / 1e9} only outside`);
  }
  return lines;
}
