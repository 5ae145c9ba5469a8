// What the API server remembers: objects by kind and key, one resourceVersion counter for all of them,
// the latest changes and who watches. It stores what it is given; what may be stored is the store's
// decision.

import { present } from '../../base/assert.ts';
import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import type { JsonObject } from '../json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { type KubeObject, metadataOf } from '../kinds/object.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import { Collection } from './collection.ts';
import { WatchHistory } from './history.ts';
import type { ApiResult, Status } from './status.ts';
import * as status from './status.ts';
import { Storage, sizeOf } from './storage.ts';
import { type Change, type ChangeType, Watch } from './watch.ts';

/** All objects of a kind, sorted by key, and the version at which that was so. */
export interface ObjectList<T extends KubeObject = KubeObject> {
  readonly resourceVersion: number;
  /** The same array as long as nothing of this kind changes. */
  readonly items: readonly T[];
}

/** From when on a watch hears of changes, and how much later. */
export interface WatchOptions {
  /** Only changes after this version; null starts with an ADDED for each present object. */
  readonly since: number | null;
  readonly latency?: Nanos;
}

/** One write, decided. */
export interface Write<T extends KubeObject> {
  readonly key: string;
  readonly type: ChangeType;
  /** Null when the object is new. */
  readonly previous: T | null;
  /** The object as it is to be from now on, or was when it is deleted. */
  readonly document: JsonObject;
}

/** Use `ObjectStore`. */
export class ObjectMemory {
  readonly #scheduler: Scheduler;
  readonly #history: WatchHistory;
  readonly #collections: ReadonlyMap<Kind, Collection>;
  readonly #storage = new Storage();
  #version = 0;

  /** @param historyLimit at least so many writes stay known to watches that start in the past */
  constructor({ kinds }: KindRegistry, scheduler: Scheduler, historyLimit: number) {
    this.#scheduler = scheduler;
    this.#history = new WatchHistory(historyLimit);
    this.#collections = new Map(kinds.map((kind) => [kind, new Collection(kind)]));
  }

  /** The version of the latest write to any object. */
  get version(): number {
    return this.#version;
  }

  /** The newest version before which changes are no longer known. */
  get forgotten(): number {
    return this.#history.forgotten;
  }

  /** The object, or null. */
  get<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): T | null {
    return this.#collection(kind).get(name, namespace);
  }

  /** All objects of a kind, sorted by key. */
  list<T extends KubeObject>(kind: Kind<T>): ObjectList<T> {
    return { resourceVersion: this.#version, items: this.#collection(kind).items() };
  }

  /** Calls `listener` for every change after `since`, until the watch is closed; 410 when that is too long ago. */
  watch<T extends KubeObject>(
    kind: Kind<T>,
    { latency = 0, since }: WatchOptions,
    listener: (change: Change<T>) => void,
  ): Watch<T> | Status {
    if (since !== null && since < this.#history.forgotten) {
      return status.expired(since, this.#history.forgotten);
    }
    const collection = this.#collection(kind);
    const watch = new Watch<T>({
      since: since ?? 0,
      scheduler: this.#scheduler,
      latency,
      listener: { onChange: listener },
      onClose: (closed) => collection.leave(closed),
    });
    collection.enter(watch);
    const first = since === null ? this.#presentAsAdded(kind) : this.changesSince(kind, since);
    for (const change of first) watch.offer(change);
    return watch;
  }

  /** The remembered changes of a kind after a version, oldest first. */
  changesSince<T extends KubeObject>(kind: Kind<T>, version: number): readonly Change<T>[] {
    const changes: Change<T>[] = [];
    for (const change of this.#history.since(version)) {
      if (isChangeOf(change, kind)) changes.push(change);
    }
    return changes;
  }

  #presentAsAdded<T extends KubeObject>(kind: Kind<T>): readonly Change<T>[] {
    return this.list(kind).items.map((object) => ({
      type: 'ADDED',
      version: Number(object.metadata.resourceVersion),
      object,
      previous: null,
    }));
  }

  /** Stores an object, or takes it out, under the next version; the answer is what watchers get to see, or why there is no room. */
  write<T extends KubeObject>(
    kind: Kind<T>,
    { document, key, previous, type }: Write<T>,
  ): ApiResult<T> {
    const version = this.#version + 1;
    const written: JsonObject = {
      ...inOrder(document),
      apiVersion: apiVersionOf(kind),
      kind: kind.name,
      metadata: { ...metadataOf(document), resourceVersion: String(version) },
    };
    const octets = sizeOf(written);
    if (type === 'DELETED') this.#storage.delete(kind, key);
    else {
      const refusal = this.#storage.refusalOf(kind, key, octets);
      if (refusal !== null) return { ok: false, status: refusal };
      this.#storage.put(kind, key, octets);
    }
    this.#version = version;
    const object = kind.read(written);
    const change: Change<T> = { type, version, object, previous };
    this.#history.push(change, octets);
    this.#collection(kind).put(key, change);
    return { ok: true, object, changed: true };
  }

  #collection<T extends KubeObject>(kind: Kind<T>): Collection<T> {
    const collection = this.#collections.get(kind);
    const own = collection?.isOf(kind) === true ? collection : null;
    return present(own, `${kind.name} is a kind of this store`);
  }
}

const HEAD = ['apiVersion', 'kind', 'metadata'];

/** Every object begins with the same three fields; nearly every document does already. */
function inOrder(document: JsonObject): JsonObject {
  let at = 0;
  for (const name in document) {
    if (name !== HEAD[at]) break;
    if (++at === HEAD.length) return document;
  }
  return { apiVersion: '', kind: '', metadata: {}, ...document };
}

/** The history holds all kinds; an object says which one it is. */
function isChangeOf<T extends KubeObject>(change: Change, kind: Kind<T>): change is Change<T> {
  const { apiVersion, kind: name } = change.object;
  return name === kind.name && apiVersion === apiVersionOf(kind);
}
