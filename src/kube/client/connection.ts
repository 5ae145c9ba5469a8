// One client's connection to the API server: that of a node's kubelet and sdn pod, or that of the
// controller. It has a latency and can be cut; while it is cut no change arrives and no request gets
// through. Leaves out the TCP underneath: a request under way when the cable is cut times out, and
// a healed connection is used again after client-go's one-second reflector period.

import type { Scheduler } from '../../sim/scheduler.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../kinds/object.ts';
import type { ApiResult } from '../server/status.ts';
import { timedOut } from '../server/status.ts';
import type { ObjectStore } from '../server/store.ts';
import { Informer, type InformerContext, type InformerHandler } from './informer.ts';

/** One way, client to server; a request and its answer take twice this. */
const DEFAULT_API_LATENCY: Nanos = millis(1);
/** client-go net/http dialer timeout: how long a request waits for an unreachable server. */
const REQUEST_TIMEOUT: Nanos = seconds(30);
/** client-go reflector period: a broken list-and-watch is tried again after it. */
const RECONNECT_DELAY: Nanos = seconds(1);

/** Who connects to what. */
export interface ApiConnectionOptions {
  readonly store: ObjectStore;
  readonly scheduler: Scheduler;
  /** Who connects: 'worker02', 'controller'. */
  readonly name: string;
  readonly latency?: Nanos;
}

/** One client's connection. */
export class ApiConnection {
  readonly name: string;
  readonly latency: Nanos;
  readonly #store: ObjectStore;
  readonly #scheduler: Scheduler;
  readonly #informers = new Set<Informer>();
  #up = true;
  #session = 0;

  constructor(options: ApiConnectionOptions) {
    this.name = options.name;
    this.latency = options.latency ?? DEFAULT_API_LATENCY;
    this.#store = options.store;
    this.#scheduler = options.scheduler;
  }

  /** False while the connection is cut. */
  get up(): boolean {
    return this.#up;
  }

  /** Counts cuts and restorations: what was sent in an earlier session does not arrive. */
  get session(): number {
    return this.#session;
  }

  /** Nothing gets through in either direction any more. Cutting twice is the same as once. */
  cut(): void {
    if (!this.#up) return;
    this.#up = false;
    this.#session++;
    for (const informer of this.#informers) informer.disconnect();
  }

  /** The way is open again; the client uses it after RECONNECT_DELAY. */
  restore(): void {
    if (this.#up) return;
    this.#up = true;
    const session = ++this.#session;
    this.#scheduler.after(RECONNECT_DELAY, reconnect, this, session);
  }

  /** Called by the timer that `restore` sets. */
  reconnect(session: number): void {
    if (session !== this.#session) return;
    for (const informer of this.#informers) informer.connect();
  }

  /** Keeps a view of a kind and tells the handler of it, until the informer is closed with `release`. */
  informer<T extends KubeObject>(
    kind: Kind<T>,
    handler: InformerHandler<T>,
    options: { readonly resync?: Nanos } = {},
  ): Informer<T> {
    const context: InformerContext = {
      store: this.#store,
      scheduler: this.#scheduler,
      latency: this.latency,
      resync: options.resync ?? null,
    };
    const informer = new Informer(kind, context, handler);
    this.#informers.add(informer);
    if (this.#up) informer.connect();
    return informer;
  }

  /** Closes an informer of this connection: its client is gone. */
  release(informer: Informer): void {
    informer.close();
    this.#informers.delete(informer);
  }

  /** Carries a call to the server and its answer back; a call that is lost is answered by a timeout (504). */
  request<T>(
    call: (store: ObjectStore) => ApiResult<T>,
    done: (result: ApiResult<T>) => void,
  ): void {
    const session = this.#session;
    if (!this.#up) {
      this.#lose(done);
      return;
    }
    const serve = (): void => {
      if (session !== this.#session) {
        this.#lose(done);
        return;
      }
      this.#scheduler.after(this.latency, receive, call(this.#store), null);
    };
    const receive = (result: ApiResult<T>): void => {
      if (session === this.#session) done(result);
      else this.#lose(done);
    };
    this.#scheduler.after(this.latency, serve, null, null);
  }

  #lose<T>(done: (result: ApiResult<T>) => void): void {
    const status = timedOut('dial tcp: i/o timeout');
    this.#scheduler.after(REQUEST_TIMEOUT, done, { ok: false, status } as const, null);
  }
}

function reconnect(connection: ApiConnection, session: number): void {
  connection.reconnect(session);
}
