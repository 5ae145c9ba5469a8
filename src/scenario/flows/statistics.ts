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

/** Outages of one flow that are told one by one; older ones are counted in `longest` alone. */
const MAXIMUM_OUTAGES = 10_000;

/**
 * The stretches in which nothing was answered: from the sending of the first unanswered request to
 * the sending of the next answered one, or to the end for the last. A request that still waits counts
 * as unanswered only after one that was given up. While the flow is stopped nothing is out.
 */
export class OutageScan {
  #outages: Outage[] = [];
  #longest: Nanos = 0;
  /** When the first unanswered request of the present outage was sent; null when there is none. */
  #from: Nanos | null = null;
  #unanswered = 0;
  #reasons = new Map<string, number>();

  /** Oldest first. */
  get outages(): readonly Outage[] {
    return this.#outages;
  }

  /** 0 when there was none. */
  get longest(): Nanos {
    return this.#longest;
  }

  /** Looks at the next request. */
  take(request: RequestRecord): void {
    if (request.pausedAt !== null) this.#close(null, request.pausedAt);
    if (request.answeredAt !== null) {
      this.#close(request.sentAt, request.sentAt);
    } else if (request.lostAt !== null || this.#from !== null) {
      this.#from ??= request.sentAt;
      this.#unanswered++;
      const { why } = request;
      if (why !== null) this.#reasons.set(why, (this.#reasons.get(why) ?? 0) + 1);
    }
  }

  /** There are no further requests. */
  end(at: Nanos): void {
    this.#close(null, at);
  }

  /** Another one that has seen the same. */
  copy(): OutageScan {
    const copy = new OutageScan();
    copy.#outages = [...this.#outages];
    copy.#longest = this.#longest;
    copy.#from = this.#from;
    copy.#unanswered = this.#unanswered;
    copy.#reasons = new Map(this.#reasons);
    return copy;
  }

  #close(to: Nanos | null, lastMoment: Nanos): void {
    const from = this.#from;
    if (from === null) return;
    const duration = lastMoment - from;
    const why = mostFrequent(this.#reasons);
    this.#outages.push({ from, to, duration, unanswered: this.#unanswered, why });
    if (this.#outages.length >= 2 * MAXIMUM_OUTAGES) {
      this.#outages = this.#outages.slice(MAXIMUM_OUTAGES);
    }
    this.#longest = Math.max(this.#longest, duration);
    this.#from = null;
    this.#unanswered = 0;
    this.#reasons = new Map();
  }
}

/** The outages among requests sent in [from, to), the last of which may go on until `end`. */
export function findOutages(
  requests: readonly RequestRecord[],
  end: Nanos,
  from: Nanos = 0,
  to: Nanos = NEVER,
): readonly Outage[] {
  const scan = new OutageScan();
  for (const request of requests) {
    if (request.sentAt >= from && request.sentAt < to) scan.take(request);
  }
  scan.end(end);
  return scan.outages;
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
