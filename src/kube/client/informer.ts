// A client's view of one kind: the list it started from and the changes since, handed on in order.
// While the connection is cut the view stands still; back again, it hears of the difference between
// its view and the server's as client-go's reflector relists: one event per object, intermediate
// states lost, deletions last. A resync hands every known object on again (SharedInformer).

import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Kind } from '../kinds/kind.ts';
import { type KubeObject, keyOf, objectKey } from '../kinds/object.ts';
import type { ObjectStore } from '../server/store.ts';
import { type Change, Watch } from '../server/watch.ts';

/** Who is told. */
export interface InformerHandler<T extends KubeObject> {
  /** The first list, all at once; the array is shared by all clients that list at that version. */
  onList(items: readonly T[]): void;
  /** A later change, or an unchanged object (`object === previous`) that is handed on again. */
  onChange(change: Change<T>): void;
}

/** What an informer needs from the connection that made it. */
export interface InformerContext {
  readonly store: ObjectStore;
  readonly scheduler: Scheduler;
  readonly latency: Nanos;
  /** Hand every object on again this often; null never does. */
  readonly resync: Nanos | null;
}

/** Use `ApiConnection.informer`. */
export class Informer<T extends KubeObject = KubeObject> {
  readonly #kind: Kind<T>;
  readonly #context: InformerContext;
  readonly #handler: InformerHandler<T>;
  #resyncTimer: Timer | null = null;
  #watch: Watch<T> | null = null;
  /** What the client knows while no watch tells it; null before the first list and while one does. */
  #known: ReadonlyMap<string, T> | null = null;
  #synced = false;
  /** Counts connects and disconnects: what was sent in an earlier session never arrives. */
  #session = 0;

  constructor(kind: Kind<T>, context: InformerContext, handler: InformerHandler<T>) {
    this.#kind = kind;
    this.#context = context;
    this.#handler = handler;
  }

  /** True once the first list has arrived. */
  get synced(): boolean {
    return this.#synced;
  }

  /** The object as this client last heard of it, or null. */
  get(name: string, namespace?: string): T | null {
    if (!this.#synced) return null;
    const key = keyOf(name, namespace);
    if (this.#known !== null) return this.#known.get(key) ?? null;
    const missed = this.#undelivered().find((change) => objectKey(change.object) === key);
    if (missed !== undefined) return missed.previous;
    return this.#context.store.get(this.#kind, name, namespace);
  }

  /** All objects as this client last heard of them, sorted by key. */
  list(): readonly T[] {
    if (!this.#synced) return [];
    if (this.#known === null && this.#undelivered().length === 0) {
      return this.#context.store.list(this.#kind).items;
    }
    const known = this.#known ?? this.#snapshot();
    return [...known.keys()].sort().flatMap((key) => known.get(key) ?? []);
  }

  /** Called by the connection when it stands, or stands again: asks for the list. */
  connect(): void {
    this.#session++;
    this.#travel(serveList, this.#session);
  }

  /** Called by the connection when it is cut: what is on its way is lost, the view stands still. */
  disconnect(): void {
    this.#session++;
    if (this.#watch === null) return;
    if (this.#synced) this.#known ??= this.#snapshot();
    this.#watch.close();
    this.#watch = null;
  }

  /** The client is gone; nothing is handed on any more. */
  close(): void {
    this.disconnect();
    this.#known = null;
    this.#synced = false;
    if (this.#resyncTimer !== null) this.#context.scheduler.cancel(this.#resyncTimer);
    this.#resyncTimer = null;
  }

  /** Called at the server, one latency after `connect`. */
  serve(session: number): void {
    if (session !== this.#session) return;
    const { store, latency } = this.#context;
    const { items, resourceVersion } = store.list(this.#kind);
    const options = { since: resourceVersion, latency };
    const watch = store.watch(this.#kind, options, (change) => {
      this.#handler.onChange(change);
    });
    if (!(watch instanceof Watch)) return;
    this.#watch = watch;
    // Sent before any later change on the same lane, so it arrives before them.
    this.#travel(receiveList, { session, items });
  }

  /** Called at the client, one latency later. */
  receive(session: number, items: readonly T[]): void {
    if (session !== this.#session) return;
    if (this.#synced) {
      const known = this.#known ?? new Map<string, T>();
      this.#known = null;
      this.#handOnDifference(known, items);
      return;
    }
    this.#synced = true;
    this.#armResync();
    this.#handler.onList(items);
  }

  #handOnDifference(known: ReadonlyMap<string, T>, items: readonly T[]): void {
    const gone = new Map(known);
    const session = this.#session;
    for (const object of items) {
      const previous = known.get(objectKey(object)) ?? null;
      gone.delete(objectKey(object));
      const version = Number(object.metadata.resourceVersion);
      if (object === previous) continue;
      const type = previous === null ? 'ADDED' : 'MODIFIED';
      this.#handler.onChange({ type, version, object, previous });
      if (session !== this.#session) return;
    }
    for (const object of gone.values()) {
      const version = Number(object.metadata.resourceVersion);
      this.#handler.onChange({ type: 'DELETED', version, object, previous: object });
      if (session !== this.#session) return;
    }
  }

  /** Changes that the server has made and this client has not heard of. */
  #undelivered(): readonly Change<T>[] {
    if (this.#watch === null) return [];
    return this.#context.store.changesSince(this.#kind, this.#watch.delivered);
  }

  #snapshot(): ReadonlyMap<string, T> {
    const known = new Map<string, T>();
    for (const object of this.#context.store.list(this.#kind).items) {
      known.set(objectKey(object), object);
    }
    for (const change of this.#undelivered().toReversed()) {
      const key = objectKey(change.object);
      if (change.previous === null) known.delete(key);
      else known.set(key, change.previous);
    }
    return known;
  }

  #armResync(): void {
    const { scheduler, resync } = this.#context;
    if (resync === null) return;
    const options = { background: true };
    this.#resyncTimer = scheduler.after(resync, resyncInformer, this, null, options);
  }

  /** Called by the resync timer. */
  resync(): void {
    this.#armResync();
    const session = this.#session;
    for (const object of this.list()) {
      const version = Number(object.metadata.resourceVersion);
      this.#handler.onChange({ type: 'MODIFIED', version, object, previous: object });
      if (session !== this.#session) return;
    }
  }

  #travel<A>(task: (informer: Informer<T>, argument: A) => void, argument: A): void {
    const { scheduler, latency } = this.#context;
    scheduler.sharedLane(latency).push(scheduler.now + latency, task, this, argument);
  }
}

function serveList<T extends KubeObject>(informer: Informer<T>, session: number): void {
  informer.serve(session);
}

function receiveList<T extends KubeObject>(
  informer: Informer<T>,
  list: { readonly session: number; readonly items: readonly T[] },
): void {
  informer.receive(list.session, list.items);
}

function resyncInformer<T extends KubeObject>(informer: Informer<T>): void {
  informer.resync();
}
