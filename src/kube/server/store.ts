// The Kubernetes-like truth, in memory: objects by kind and name, one resourceVersion counter for all
// of them, optimistic concurrency, patches, watches. A refused call is an answer (ApiResult), not an
// exception. Writes happen at once; who watches hears of them through the scheduler.
// Leaves out: finalizers, owner references, admission, status subresources, unknown-field pruning.

import { hashName, Random } from '../../sim/random.ts';
import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import { type JsonObject, type JsonValue, jsonEquals } from '../json.ts';
import {
  asObject,
  type Kind,
  keyOf,
  type NewObject,
  type ObjectOf,
  objectKey,
} from '../kinds/objects.ts';
import { apiVersionOf, resources } from '../kinds/resources.ts';
import type { WallClock } from '../wall-clock.ts';
import { WatchHistory } from './history.ts';
import type { PatchType } from './patch.ts';
import { asDocument, metadataOf, proposeNew, proposePatch, proposeUpdate } from './proposal.ts';
import type { ApiResult, Status } from './status.ts';
import * as status from './status.ts';
import { type Change, type ChangeListener, type ChangeType, Watch } from './watch.ts';

/** All objects of a kind, sorted by key, and the version at which that was so. */
export interface ObjectList<K extends Kind = Kind> {
  readonly resourceVersion: number;
  /** The same array as long as nothing of this kind changes. */
  readonly items: readonly ObjectOf<K>[];
}

export interface ObjectStoreOptions {
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  /** Uids are derived from it and from the object's name. */
  readonly seed: number;
  /** At least so many writes stay known to watches that start in the past. */
  readonly historyLimit?: number;
}

export interface WatchOptions {
  /** Only changes after this version; null starts with an ADDED for each present object. */
  readonly since: number | null;
  readonly latency?: Nanos;
}

export interface WriteOptions {
  /** Tell what would be, and store nothing. */
  readonly dryRun?: boolean;
}

interface Shelf<K extends Kind> {
  readonly objects: Map<string, ObjectOf<K>>;
  readonly watches: Set<Watch<K>>;
  /** Null when it has to be made anew. */
  keys: string[] | null;
  items: readonly ObjectOf<K>[] | null;
}

type Shelves = { readonly [K in Kind]: Shelf<K> };

const DEFAULT_HISTORY = 4096;

function shelf<K extends Kind>(): Shelf<K> {
  return { objects: new Map(), watches: new Set(), keys: null, items: null };
}

export class ObjectStore {
  readonly #scheduler: Scheduler;
  readonly #clock: WallClock;
  readonly #seed: number;
  readonly #history: WatchHistory;
  readonly #shelves: Shelves = {
    Node: shelf(),
    Namespace: shelf(),
    Pod: shelf(),
    Event: shelf(),
    HostSubnet: shelf(),
    NetNamespace: shelf(),
  };
  #version = 0;

  constructor(options: ObjectStoreOptions) {
    this.#scheduler = options.scheduler;
    this.#clock = options.clock;
    this.#seed = options.seed;
    this.#history = new WatchHistory(options.historyLimit ?? DEFAULT_HISTORY);
  }

  /** The version of the latest write to any object. */
  get resourceVersion(): number {
    return this.#version;
  }

  /** The calendar by which objects are stamped. */
  get clock(): WallClock {
    return this.#clock;
  }

  /** The object, or null. */
  get<K extends Kind>(kind: K, name: string, namespace?: string): ObjectOf<K> | null {
    return this.#shelf(kind).objects.get(keyOf(name, namespace)) ?? null;
  }

  /** The object, or the 404 that the API server answers. */
  find<K extends Kind>(kind: K, name: string, namespace?: string): ApiResult<ObjectOf<K>> {
    const object = this.get(kind, name, namespace);
    if (object === null) return { ok: false, status: status.notFound(resources[kind], name) };
    return { ok: true, object, changed: false };
  }

  /** All objects of a kind, sorted by key. */
  list<K extends Kind>(kind: K): ObjectList<K> {
    const { objects, keys, items } = this.#shelf(kind);
    if (items !== null) return { resourceVersion: this.#version, items };
    const sorted = keys ?? [...objects.keys()].sort();
    const list: ObjectOf<K>[] = [];
    for (const key of sorted) {
      const object = objects.get(key);
      if (object !== undefined) list.push(object);
    }
    this.#shelf(kind).keys = sorted;
    this.#shelf(kind).items = list;
    return { resourceVersion: this.#version, items: list };
  }

  /** Stores a new object; kind, apiVersion and the server's metadata are filled in. */
  create<K extends Kind>(
    kind: K,
    given: NewObject<K>,
    options: WriteOptions = {},
  ): ApiResult<ObjectOf<K>> {
    const resource = resources[kind];
    const proposal = proposeNew(resource, given as unknown as JsonObject);
    if (!proposal.ok) return proposal;
    const { name, namespace, creationTimestamp } = given.metadata;
    const key = keyOf(name, namespace);
    if (this.#shelf(kind).objects.has(key)) {
      return { ok: false, status: status.alreadyExists(resource, name) };
    }
    const metadata: JsonObject = {
      ...metadataOf(proposal.document),
      uid: this.#uid(kind, key),
      creationTimestamp: creationTimestamp ?? this.#clock.timestamp(),
    };
    const document: JsonObject = { ...proposal.document, metadata };
    if (options.dryRun === true) return this.#wouldBe(kind, document);
    return this.#write(kind, key, 'ADDED', null, document);
  }

  /** Replaces an object if its resourceVersion is still the current one (409 otherwise). */
  update<K extends Kind>(
    kind: K,
    object: ObjectOf<K>,
    options: WriteOptions = {},
  ): ApiResult<ObjectOf<K>> {
    const { name, namespace } = object.metadata;
    const found = this.find(kind, name, namespace);
    if (!found.ok) return found;
    const proposal = proposeUpdate(resources[kind], found.object, asDocument(object));
    if (!proposal.ok) return proposal;
    return this.#replace(kind, found.object, proposal.document, options.dryRun ?? false);
  }

  /** Applies a patch of the given type to the object as it stands. */
  patch<K extends Kind>(
    kind: K,
    name: string,
    namespace: string | undefined,
    type: PatchType,
    body: JsonValue,
    options: WriteOptions = {},
  ): ApiResult<ObjectOf<K>> {
    const found = this.find(kind, name, namespace);
    if (!found.ok) return found;
    const { object } = found;
    const proposal = proposePatch(resources[kind], object, type, body);
    if (!proposal.ok) return proposal;
    return this.#replace(kind, object, proposal.document, options.dryRun ?? false);
  }

  /** Takes an object out; the answer carries its last state. */
  delete<K extends Kind>(kind: K, name: string, namespace?: string): ApiResult<ObjectOf<K>> {
    const found = this.find(kind, name, namespace);
    if (!found.ok) return found;
    return this.#write(
      kind,
      keyOf(name, namespace),
      'DELETED',
      found.object,
      asDocument(found.object),
    );
  }

  /** Tells `listener` of every change after `since`, until the watch is closed; 410 when that is too long ago. */
  watch<K extends Kind>(
    kind: K,
    options: WatchOptions,
    listener: ChangeListener<K>,
  ): Watch<K> | Status {
    const { since } = options;
    if (since !== null && since < this.#history.forgotten) {
      return status.expired(since, this.#history.forgotten);
    }
    const watches = this.#shelf(kind).watches;
    const latency = options.latency ?? 0;
    const watch = new Watch(kind, since ?? 0, this.#scheduler, latency, listener, (closed) => {
      watches.delete(closed);
    });
    watches.add(watch);
    const first = since === null ? this.#presentAsAdded(kind) : this.changesSince(kind, since);
    for (const change of first) watch.offer(change);
    return watch;
  }

  /** The remembered changes of a kind after a version, oldest first. */
  changesSince<K extends Kind>(kind: K, version: number): readonly Change<K>[] {
    const changes: Change<K>[] = [];
    for (const change of this.#history.since(version)) {
      // The history holds all kinds; an object says which one it is.
      if (change.object.kind === kind) changes.push(change as unknown as Change<K>);
    }
    return changes;
  }

  #presentAsAdded<K extends Kind>(kind: K): readonly Change<K>[] {
    return this.list(kind).items.map((object) => ({
      type: 'ADDED',
      version: Number(object.metadata.resourceVersion),
      object,
      previous: null,
    }));
  }

  /** No write at all when nothing would change, so that the resourceVersion stays. */
  #replace<K extends Kind>(
    kind: K,
    current: ObjectOf<K>,
    document: JsonObject,
    dryRun: boolean,
  ): ApiResult<ObjectOf<K>> {
    if (jsonEquals(asDocument(current), document)) {
      return { ok: true, object: current, changed: false };
    }
    if (dryRun) return this.#wouldBe(kind, document);
    return this.#write(kind, objectKey(current), 'MODIFIED', current, document);
  }

  #wouldBe<K extends Kind>(kind: K, document: JsonObject): ApiResult<ObjectOf<K>> {
    return { ok: true, object: asObject(kind, document), changed: true };
  }

  #write<K extends Kind>(
    kind: K,
    key: string,
    type: ChangeType,
    previous: ObjectOf<K> | null,
    document: JsonObject,
  ): ApiResult<ObjectOf<K>> {
    const version = ++this.#version;
    const resource = resources[kind];
    const metadata: JsonObject = {
      ...metadataOf(document),
      resourceVersion: String(version),
    };
    const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = document;
    const object = asObject(kind, { apiVersion: apiVersionOf(resource), kind, metadata, ...rest });
    const shelf = this.#shelf(kind);
    shelf.items = null;
    if (type === 'DELETED') shelf.objects.delete(key);
    else shelf.objects.set(key, object);
    if (type !== 'MODIFIED') shelf.keys = null;
    const change: Change<K> = { type, version, object, previous };
    this.#history.push(change as unknown as Change);
    for (const watch of shelf.watches) watch.offer(change);
    return { ok: true, object, changed: true };
  }

  #shelf<K extends Kind>(kind: K): Shelf<K> {
    return this.#shelves[kind] as Shelf<K>;
  }

  #uid(kind: Kind, key: string): string {
    const random = new Random(this.#seed ^ hashName(`${kind}/${key}/${this.#version}`));
    const hex = [0, 0, 0, 0].map(() => random.uint32().toString(16).padStart(8, '0')).join('');
    const variant = (8 + random.integer(0, 3)).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
