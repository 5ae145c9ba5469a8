// One flow of a scenario: asks at its interval, keeps a record of every request, notices when answers
// stop and come back. The protocol is the requester's matter.

import { EgressLabError } from '../../base/errors.ts';
import type { Emitter } from '../../sim/event-log.ts';
import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { ScenarioEvents } from '../../topology/events.ts';
import type { FlowSpec } from '../../topology/model.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { FlowReport } from '../report.ts';
import { ConnectionLog } from './connections.ts';
import { createRequester } from './create-requester.ts';
import type { FlowSources } from './flow-sources.ts';
import { keptRequests, RequestLog } from './request-log.ts';
import type { Requester, RequestOutcome } from './requester.ts';
import type { RequestRecord } from './statistics.ts';
import { writeTag } from './tag.ts';

/** A flow of 10,000 requests a second for 100 s: more is a benchmark, not a scenario. */
const MAXIMUM_REQUESTS = 1_000_000;

/** What is larger than a datagram is a transfer. */
const TRANSFER = 65_000;

/** What a flow needs of its lab. */
export interface FlowContext {
  readonly scheduler: Scheduler;
  readonly events: Emitter<ScenarioEvents>;
  readonly stack: NetworkStack;
  readonly sources: FlowSources;
  /** When the scenario ends: no request is sent then or later; NEVER in a live lab. */
  readonly end: Nanos;
  /** Called for each request that is lost. */
  readonly onLost?: (spec: FlowSpec, index: number) => void;
}

interface OpenRequest {
  sentAt: Nanos;
  pausedAt: Nanos | null;
  answeredAt: Nanos | null;
  lostAt: Nanos | null;
  why: string | null;
  timer: Timer | null;
}

/** A flow under way: its requests, and whether it is being answered. */
export class Flow implements RequestOutcome {
  readonly spec: FlowSpec;
  /** Its place in the scenario's list; part of every tag. */
  readonly index: number;
  readonly #context: FlowContext;
  readonly #requests: RequestLog<OpenRequest>;
  readonly #stopPowerListener: () => void;
  readonly #connections: ConnectionLog;
  #requester: Requester | null = null;
  #tick: Timer | null = null;
  #running = false;
  /** The youngest request whose fate is known; what becomes of older ones is no news. */
  #youngestSettled = -1;
  /** Null until something was answered or lost. */
  #answering: boolean | null = null;
  #outageFrom: Nanos | null = null;
  #endedAt: Nanos | null = null;
  /** When it ended before it was started again; reported with the first request after that. */
  #pausedAt: Nanos | null = null;

  constructor(spec: FlowSpec, index: number, context: FlowContext) {
    this.spec = spec;
    this.index = index;
    this.#context = context;
    this.#requests = new RequestLog(keptRequests(context.end));
    this.#connections = new ConnectionLog(context.scheduler);
    // A host that lost its power has no sockets left.
    let listening = true;
    context.stack.onPower(() => {
      if (!listening) return;
      this.#requester = null;
      this.#connections.ended('the host lost its power');
    });
    this.#stopPowerListener = () => {
      listening = false;
    };
  }

  /** Its requests so far. */
  get requests(): RequestLog<RequestRecord> {
    return this.#requests;
  }

  /** Whether the latest request that was answered or given up was answered; null before the first. */
  get answering(): boolean | null {
    return this.#answering;
  }

  /** When it sent no further request; null while it runs or has not started. */
  get endedAt(): Nanos | null {
    return this.#endedAt;
  }

  /** It would go on asking. */
  get running(): boolean {
    return this.#running;
  }

  /** Sends the first request now. */
  start(): void {
    if (this.#tick !== null) return;
    this.#pausedAt = this.#endedAt;
    this.#endedAt = null;
    this.#outageFrom = null;
    this.#ask();
  }

  /** No further requests; those that wait may still be answered. */
  stop(): void {
    if (this.#tick === null) return;
    this.#context.scheduler.cancel(this.#tick);
    this.#tick = null;
    this.#running = false;
    this.#endedAt = this.#context.scheduler.now;
  }

  /** Called by the requester: the answer to a request came. */
  answered(id: number): void {
    const request = this.#requests.get(id);
    if (request === undefined || request.answeredAt !== null || request.lostAt !== null) return;
    this.#settle(request);
    request.answeredAt = this.#context.scheduler.now;
    this.#context.sources.answered(this.index, id);
    this.#observe(id, true, request, null);
  }

  /** Called by the requester: a request was lost, `why` if that is known. */
  failed(id: number, why: string | null): void {
    const request = this.#requests.get(id);
    if (request === undefined || request.answeredAt !== null || request.lostAt !== null) return;
    this.#settle(request);
    request.lostAt = this.#context.scheduler.now;
    request.why = why;
    this.#context.onLost?.(this.spec, this.index);
    this.#observe(id, false, request, why);
  }

  /** What became of it, as of `now`. */
  report(now: Nanos): FlowReport {
    const { spec } = this;
    const figures = this.#requests.figures(this.#endedAt ?? now);
    return {
      name: spec.name,
      from: spec.from,
      to: spec.toName ?? formatIpv4(spec.to),
      protocol: spec.protocol === 'icmp' ? 'icmp echo' : `${spec.protocol} ${spec.port}`,
      ...figures,
      seenAs: this.#context.sources.of(this.index),
      answeredBy: this.#context.sources.answerers(this.index),
      state: this.#state(),
      why: this.#answering === false ? this.#lastReason() : null,
      throughput: spec.size > TRANSFER ? this.#throughput() : null,
      connections: this.#connections.entries,
    };
  }

  /** Closes its sockets. */
  close(): void {
    this.stop();
    this.#stopPowerListener();
    for (const request of this.#requests.kept) this.#settle(request);
    this.#requester?.close();
    this.#requester = null;
  }

  #ask(): void {
    const { scheduler, stack, end } = this.#context;
    const { spec } = this;
    const { every, stop, count, timeout } = spec;
    const id = this.#requests.length;
    const last = Math.min(stop ?? end, end);
    if (scheduler.now >= last || (count !== null && id >= count)) {
      this.#tick = null;
      this.#endedAt = scheduler.now;
      // It is the scenario that has ended, and not the flow.
      this.#running = scheduler.now >= end && scheduler.now < (stop ?? NEVER) && id !== count;
      return;
    }
    this.#running = true;
    // It stops when it is to stop, not when the next request would have been due.
    const next = Math.min(scheduler.now + every, stop ?? NEVER);
    this.#tick = scheduler.at(next, askAgain, this, null);
    if (!stack.powered) return;
    if (end !== NEVER && id >= MAXIMUM_REQUESTS) this.#failOnTooMany();
    this.#requester ??= this.#createRequester();
    const timer = scheduler.after(timeout, timeOut, this, id);
    const sentAt = scheduler.now;
    const pausedAt = this.#pausedAt;
    this.#pausedAt = null;
    const keptAll = this.#requests.forgotten === 0;
    this.#requests.push({ sentAt, pausedAt, answeredAt: null, lostAt: null, why: null, timer });
    if (keptAll && this.#requests.forgotten > 0) {
      this.#context.events.emit(spec.name, 'flow-condensed', { kept: keptRequests(end) });
    }
    this.#requester.request(id);
  }

  /** Called by the timer of `#ask`. */
  tick(): void {
    if (this.#tick !== null) this.#ask();
  }

  /** Called by the timer of a request. */
  timeOut(id: number): void {
    this.#requester?.giveUp(id);
    this.failed(id, null);
  }

  #createRequester(): Requester {
    const { spec, index } = this;
    const name = spec.name;
    return createRequester({
      stack: this.#context.stack,
      spec,
      payload: (request) => writeTag({ flow: index, request }, name, spec.size),
      outcome: this,
      connections: this.#connections,
    });
  }

  #settle(request: OpenRequest): void {
    if (request.timer !== null) this.#context.scheduler.cancel(request.timer);
    request.timer = null;
  }

  /** Says when answers stop and when they are back. */
  #observe(id: number, answered: boolean, request: OpenRequest, why: string | null): void {
    const { events } = this.#context;
    if (id < this.#youngestSettled) return;
    this.#youngestSettled = id;
    const before = this.#answering;
    this.#answering = answered;
    if (before === answered) return;
    if (!answered) {
      this.#outageFrom = request.sentAt;
      const kind = before === null ? 'flow-unanswered' : 'flow-interrupted';
      events.emit(this.spec.name, kind, { since: request.sentAt, why });
    } else if (this.#outageFrom !== null) {
      const outage = request.sentAt - this.#outageFrom;
      this.#outageFrom = null;
      events.emit(this.spec.name, 'flow-answered', { outage });
    } else {
      events.emit(this.spec.name, 'flow-answered', { outage: null });
    }
  }

  #state(): string {
    if (this.#requests.length === 0) return 'not started';
    if (this.#answering === true || this.#answering === null)
      return this.running ? 'running' : 'stopped';
    const last = this.#lastReason();
    if (last === 'ECONNREFUSED') return 'refused';
    if (last === 'ECONNRESET') return 'reset';
    if (last !== null && last !== 'ETIMEDOUT') return 'failing';
    const everAnswered = this.#requests.figures(0).answered > 0;
    return everAnswered ? 'timed out' : 'never answered';
  }

  /** What ended the latest request that was lost; null when it was plain silence. */
  #lastReason(): string | null {
    return this.#requests.kept.findLast((request) => request.lostAt !== null)?.why ?? null;
  }

  /** Of the requests that are kept. */
  #throughput(): number | null {
    let octets = 0;
    let time: Nanos = 0;
    for (const { sentAt, answeredAt } of this.#requests.kept) {
      if (answeredAt === null) continue;
      octets += this.spec.size;
      time += answeredAt - sentAt;
    }
    return time === 0 ? null : Math.round((octets * 1e9) / time);
  }

  #failOnTooMany(): never {
    throw new EgressLabError(
      'EGL_FLOW_TOO_LONG',
      `flow "${this.spec.name}" has sent ${MAXIMUM_REQUESTS} requests`,
      { hint: 'Ask less often (`every`), stop earlier (`stop`), or shorten the scenario.' },
    );
  }
}

function askAgain(flow: Flow): void {
  flow.tick();
}

function timeOut(flow: Flow, id: number): void {
  flow.timeOut(id);
}
