// How a flow fared, from its requests alone: sent when, answered or not, and the outages in between.

import { type Nanos, NEVER } from '../../sim/time.ts';
import type { Outage } from '../report.ts';

/** One request of a flow. */
export interface RequestRecord {
  readonly sentAt: Nanos;
  /** When the flow had been stopped before this request, the first after its restart; else null. */
  readonly pausedAt: Nanos | null;
  /** Null while waiting, and forever if no answer came. */
  answeredAt: Nanos | null;
  /** When it was given up: its timeout, or an error before it. */
  lostAt: Nanos | null;
  /** The errno or drop reason that is known to have ended it; null when it was plain silence. */
  why: string | null;
}

/** Requests of a flow, by what became of them. */
export interface FlowCounts {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly pending: number;
}

/** Counts requests sent in [from, to). */
export function countRequests(
  requests: readonly RequestRecord[],
  from: Nanos = 0,
  to: Nanos = NEVER,
): FlowCounts {
  let sent = 0;
  let answered = 0;
  let lost = 0;
  for (const request of requests) {
    if (request.sentAt < from || request.sentAt >= to) continue;
    sent++;
    if (request.answeredAt !== null) answered++;
    else if (request.lostAt !== null) lost++;
  }
  return { sent, answered, lost, pending: sent - answered - lost };
}

/**
 * The stretches in which nothing was answered: from the sending of the first unanswered request to
 * the sending of the next answered one, or to `end` for the last. A request that still waits counts
 * as unanswered only after one that was given up. While the flow is stopped nothing is out.
 */
export function findOutages(
  requests: readonly RequestRecord[],
  end: Nanos,
  from: Nanos = 0,
  to: Nanos = NEVER,
): Outage[] {
  const outages: Outage[] = [];
  let first: RequestRecord | null = null;
  let unanswered = 0;
  let reasons = new Map<string, number>();
  const close = (until: Nanos | null, lastMoment: Nanos): void => {
    if (first === null) return;
    outages.push({
      from: first.sentAt,
      to: until,
      duration: lastMoment - first.sentAt,
      unanswered,
      why: mostFrequent(reasons),
    });
    first = null;
    unanswered = 0;
    reasons = new Map();
  };
  for (const request of requests) {
    if (request.sentAt < from || request.sentAt >= to) continue;
    if (request.pausedAt !== null) close(null, request.pausedAt);
    if (request.answeredAt !== null) {
      close(request.sentAt, request.sentAt);
    } else if (request.lostAt !== null || first !== null) {
      first ??= request;
      unanswered++;
      if (request.why !== null) reasons.set(request.why, (reasons.get(request.why) ?? 0) + 1);
    }
  }
  close(null, end);
  return outages;
}

/** 0 when there was none. */
export function longestOutage(outages: readonly Outage[]): Nanos {
  return outages.reduce((longest, outage) => Math.max(longest, outage.duration), 0);
}

function mostFrequent(counts: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  let most = 0;
  for (const [reason, count] of counts) {
    if (count > most) {
      best = reason;
      most = count;
    }
  }
  return best;
}
