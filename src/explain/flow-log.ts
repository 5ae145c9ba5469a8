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
  readonly kind: 'reset' | 'refused' | 'unreachable';
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
  #pending: Request[] = [];
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
    const again = this.#pending.find((each) => each.key === key);
    if (again !== undefined) {
      again.tries++;
      this.retransmissions++;
      return;
    }
    if (counts) this.sent++;
    else this.opened++;
    if (this.#pending.length >= PENDING_LIMIT) this.#lose(this.#pending.shift() ?? null, null);
    this.#pending.push({ key, at, frame, mac, overtaken: null, tries: 1, counts });
  }

  /** Answers all requests of which `isIt`; the newest one when it is null. */
  answer(isIt: ((key: number) => boolean) | null, at: Nanos, mac: number): void {
    this.#expire(at);
    this.last = at;
    const newest = this.#pending.at(-1);
    const answered =
      isIt === null
        ? newest === undefined
          ? []
          : [newest]
        : this.#pending.filter(({ key }) => isIt(key));
    if (answered.length === 0) return;
    this.servedBy = mac;
    for (const { counts } of answered) if (counts) this.answered++;
    const open = this.outages.at(-1);
    if (open !== undefined && open.to === null) open.to = at;
    this.#pending = this.#pending.filter((each) => !answered.includes(each));
    for (const request of this.#pending) request.overtaken ??= at;
  }

  /** Requests on a connection that was reset, or that were refused: they will not be answered. */
  refuse(isIt: (key: number) => boolean, refusal: SeenRefusal): void {
    this.#expire(refusal.at);
    this.last = refusal.at;
    if (this.refusals.length < SIGN_LIMIT) this.refusals.push(refusal);
    const lost = this.#pending.filter(({ key }) => isIt(key));
    this.#pending = this.#pending.filter((each) => !lost.includes(each));
    for (const request of lost) this.#lose(request, request.overtaken);
  }

  /** The capture is over. */
  finish(at: Nanos): void {
    this.#expire(at);
  }

  /** Requests that have waited too long are lost, or their answer comes late. */
  #expire(now: Nanos): void {
    while (this.#pending.length > 0) {
      const [request] = this.#pending;
      if (request === undefined || now - request.at <= this.#patience) return;
      this.#pending.shift();
      this.#lose(request, request.overtaken);
    }
  }

  #lose(request: Request | null, overtaken: Nanos | null): void {
    if (request === null) return;
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
