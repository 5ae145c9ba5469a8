// One flow: all that one client asks one service, whatever its source ports. Which requests were answered in time, and
// the stretches in which none was. Times as applications feel them: from the first request that was lost to the first
// answer after it.

import type { Nanos } from '../sim/time.ts';

const PENDING_LIMIT = 1_024;
const OUTAGE_LIMIT = 1_000;
const SIGN_LIMIT = 1_000;

/** A request that has no answer yet. */
interface Request {
  readonly key: number;
  readonly at: Nanos;
  readonly frame: number;
  readonly mac: number;
  /** An answer to a later one came then. */
  overtaken: Nanos | null;
  tries: number;
  /** It carries data: opening a connection is no request of its own. */
  readonly counts: boolean;
}

/** No request was answered. */
export interface FlowOutage {
  readonly from: Nanos;
  to: Nanos | null;
  readonly frame: number;
  lost: number;
  /** MAC addresses that the lost requests were sent to. */
  readonly macs: Set<number>;
}

/** Something that speaks for the cause of an outage. */
export interface SeenRefusal {
  readonly at: Nanos;
  readonly frame: number;
  readonly kind: 'reset' | 'refused' | 'rejected' | 'unreachable';
  /** Who sent it. */
  readonly mac: number;
}

/** The protocols of flows. */
export type FlowProtocol = 'icmp' | 'tcp' | 'udp';

/** How one flow fared. */
export class FlowLog {
  readonly client: number;
  readonly server: number;
  readonly protocol: FlowProtocol;
  /** Null for ICMP. */
  readonly port: number | null;
  readonly domain: string;
  readonly ports: Set<number> = new Set();
  readonly outages: FlowOutage[] = [];
  readonly refusals: SeenRefusal[] = [];
  sent = 0;
  /** Times that a connection was opened, or was tried to be. */
  opened = 0;
  answered = 0;
  retransmissions = 0;
  first: Nanos = 0;
  last: Nanos = 0;
  /** Who answered last, and before the latest change. */
  servedBy = -1;
  /** By key, oldest first. */
  readonly #pending = new Map<number, Request>();
  readonly #patience: Nanos;

  constructor(
    client: number,
    server: number,
    protocol: FlowProtocol,
    port: number | null,
    domain: string,
  ) {
    this.client = client;
    this.server = server;
    this.protocol = protocol;
    this.port = port;
    this.domain = domain;
    this.#patience = protocol === 'tcp' ? 250_000_000 : 1_000_000_000;
  }

  request(key: number, at: Nanos, frame: number, mac: number, counts = true): void {
    this.#expire(at);
    if (this.sent + this.opened === 0) this.first = at;
    this.last = at;
    const again = this.#pending.get(key);
    if (again !== undefined) {
      again.tries++;
      this.retransmissions++;
      return;
    }
    if (counts) this.sent++;
    else this.opened++;
    if (this.#pending.size >= PENDING_LIMIT) {
      const [oldest] = this.#pending.values();
      if (oldest !== undefined) {
        this.#pending.delete(oldest.key);
        this.#lose(oldest, null);
      }
    }
    this.#pending.set(key, { key, at, frame, mac, overtaken: null, tries: 1, counts });
  }

  /** Answers all requests of which `isIt`; the newest one when it is null. */
  answer(isIt: ((key: number) => boolean) | null, at: Nanos, mac: number): void {
    this.#expire(at);
    this.last = at;
    const answered = this.#answeredBy(isIt);
    if (answered.length === 0) return;
    this.servedBy = mac;
    for (const { counts } of answered) if (counts) this.answered++;
    const open = this.outages.at(-1);
    if (open !== undefined && open.to === null) open.to = at;
    for (const { key } of answered) this.#pending.delete(key);
    for (const request of this.#pending.values()) request.overtaken ??= at;
  }

  /** Requests on a connection that was reset, or that were refused: they will not be answered. */
  refuse(isIt: (key: number) => boolean, refusal: SeenRefusal): void {
    this.#expire(refusal.at);
    this.last = refusal.at;
    if (this.refusals.length < SIGN_LIMIT) this.refusals.push(refusal);
    for (const request of this.#pending.values()) {
      if (!isIt(request.key)) continue;
      this.#pending.delete(request.key);
      this.#lose(request, request.overtaken);
    }
  }

  /** The capture is over. */
  finish(at: Nanos): void {
    this.#expire(at);
  }

  /** Requests that have waited too long are lost, or their answer comes late. */
  #expire(now: Nanos): void {
    for (const request of this.#pending.values()) {
      if (now - request.at <= this.#patience) return;
      this.#pending.delete(request.key);
      this.#lose(request, request.overtaken);
    }
  }

  /** The newest request where an answer does not say which it answers. */
  #answeredBy(isIt: ((key: number) => boolean) | null): Request[] {
    if (isIt === null) {
      let newest: Request | null = null;
      for (const request of this.#pending.values()) newest = request;
      return newest === null ? [] : [newest];
    }
    const answered: Request[] = [];
    for (const request of this.#pending.values()) if (isIt(request.key)) answered.push(request);
    return answered;
  }

  #lose(request: Request, overtaken: Nanos | null): void {
    const last = this.outages.at(-1);
    if (last !== undefined && (last.to === null || last.to >= request.at)) {
      if (request.counts) last.lost++;
      last.macs.add(request.mac);
      if (last.to !== null && overtaken !== null && overtaken > last.to) last.to = overtaken;
    } else if (this.outages.length < OUTAGE_LIMIT) {
      const { at, counts, frame, mac } = request;
      this.outages.push({
        from: at,
        to: overtaken,
        frame,
        lost: counts ? 1 : 0,
        macs: new Set([mac]),
      });
    }
  }
}
