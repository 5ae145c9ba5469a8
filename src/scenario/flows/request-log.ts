// The requests of one flow. A flow of a live lab has no end, so its log may be bounded: then the younger
// requests are kept one by one, and of the older ones what a report says of them, their number and outages.

import { type Nanos, NEVER } from '../../sim/time.ts';
import type { Outage } from '../report.ts';
import { countRequests, type FlowCounts, OutageScan, type RequestRecord } from './statistics.ts';

/** Of a flow of a live lab: 100 s of one that asks every millisecond. */
const LIVE_REQUESTS = 100_000;

/** How many requests of a flow are kept in full at least, when no request is sent at `end` or later. */
export function keptRequests(end: Nanos): number {
  return end === NEVER ? LIVE_REQUESTS : Number.POSITIVE_INFINITY;
}

/** What a report says of a flow's requests. */
export interface FlowFigures extends FlowCounts {
  readonly longestOutage: Nanos;
  readonly outages: readonly Outage[];
}

/** Requests by number, the youngest in full. */
export class RequestLog<R extends RequestRecord> {
  readonly #keep: number;
  #kept: R[] = [];
  #forgotten = 0;
  #answered = 0;
  #lost = 0;
  readonly #older = new OutageScan();

  /** Keeps at least the last `keep` requests in full: Infinity keeps all. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Requests so far; the number of the next one. */
  get length(): number {
    return this.#forgotten + this.#kept.length;
  }

  /** How many of them are counted and no longer kept. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** When the oldest one that is kept was sent; 0 as long as all of them are. */
  get keptSince(): Nanos {
    return this.#forgotten === 0 ? 0 : (this.#kept[0]?.sentAt ?? 0);
  }

  /** Those that are kept, in the order of sending. */
  get kept(): readonly R[] {
    return this.#kept;
  }

  /** Undefined for one that is not kept. */
  get(id: number): R | undefined {
    return this.#kept[id - this.#forgotten];
  }

  /** Adds the next one. */
  push(request: R): void {
    this.#kept.push(request);
    // Trimmed in halves, so that the cost per request stays constant.
    if (this.#kept.length >= 2 * this.#keep) this.#condense();
  }

  /** Of all requests, as of `end`. */
  figures(end: Nanos): FlowFigures {
    const young = countRequests(this.#kept);
    const scan = this.#older.copy();
    for (const request of this.#kept) scan.take(request);
    scan.end(end);
    return {
      sent: this.#forgotten + young.sent,
      answered: this.#answered + young.answered,
      lost: this.#lost + young.lost,
      pending: young.pending,
      longestOutage: scan.longest,
      outages: scan.outages,
    };
  }

  /** Of those sent in [from, to), which is not before `keptSince`. */
  figuresWithin(end: Nanos, from: Nanos, to: Nanos): FlowFigures {
    if (from === 0 && to === NEVER) return this.figures(end);
    const scan = new OutageScan();
    for (const request of this.#kept) {
      if (request.sentAt >= from && request.sentAt < to) scan.take(request);
    }
    scan.end(end);
    const { longest: longestOutage, outages } = scan;
    return { ...countRequests(this.#kept, from, to), longestOutage, outages };
  }

  /** Of one that still waits nothing can be said yet: it stays, and the younger ones with it. */
  #condense(): void {
    let count = 0;
    for (; count < this.#keep; count++) {
      const request = this.#kept[count];
      if (request === undefined) break;
      if (request.answeredAt !== null) this.#answered++;
      else if (request.lostAt !== null) this.#lost++;
      else break;
      this.#older.take(request);
    }
    this.#forgotten += count;
    this.#kept = this.#kept.slice(count);
  }
}
