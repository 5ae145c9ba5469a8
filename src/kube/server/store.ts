// The Kubernetes-like truth, in memory: objects by kind and name, one resourceVersion counter for all
// of them, optimistic concurrency, patches, watches. A refused call is an answer (ApiResult), not an
// exception. Writes happen at once; who watches hears of them through the scheduler.
// Leaves out: finalizers, owner references, admission.

import { present } from '../../base/assert.ts';
import { hashName, Random } from '../../sim/random.ts';
import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import { type JsonObject, type JsonValue, jsonEquals } from '../json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import {
  asDocument,
  type KubeObject,
  keyOf,
  metadataOf,
  type NewObject,
  objectKey,
} from '../kinds/object.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import type { WallClock } from '../wall-clock.ts';
import { Collection } from './collection.ts';
import { WatchHistory } from './history.ts';
import type { PatchType } from './patch.ts';
import { type Part, proposeNew, proposePatch, proposeUpdate } from './proposal.ts';
import type { ApiResult, Status } from './status.ts';
import * as status from './status.ts';
import { type Change, type ChangeType, Watch } from './watch.ts';

/** All objects of a kind, sorted by key, and the version at which that was so. */
export interface ObjectList<T extends KubeObject = KubeObject> {
  readonly resourceVersion: number;
  /** The same array as long as nothing of this kind changes. */
  readonly items: readonly T[];
}

/** What a store is made from. */
export interface ObjectStoreOptions {
  readonly kinds: KindRegistry;
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  /** Uids are derived from it and from the object's name. */
  readonly seed: number;
  /** At least so many writes stay known to watches that start in the past. */
  readonly historyLimit?: number;
}

/** From when on a watch hears of changes, and how much later. */
export interface WatchOptions {
  /** Only changes after this version; null starts with an ADDED for each present object. */
  readonly since: number | null;
  readonly latency?: Nanos;
}

/** How a write is meant. */
export interface WriteOptions {
  /** Tell what would be, and store nothing. */
  readonly dryRun?: boolean;
  /** 'whole' if not given. */
  readonly part?: Part;
}

const DEFAULT_HISTORY = 4096;

/** The API server's memory. Methods take the handle of a kind and give objects of its type. */
export class ObjectStore {
  /** The kinds of which there are objects. */
  readonly kinds: KindRegistry;
  readonly #scheduler: Scheduler;
  readonly #clock: WallClock;
  readonly #seed: number;
  readonly #history: WatchHistory;
  readonly #collections: ReadonlyMap<Kind, Collection>;
  #version = 0;

  constructor(options: ObjectStoreOptions) {
    this.kinds = options.kinds;
    this.#scheduler = options.scheduler;
    this.#clock = options.clock;
    this.#seed = options.seed;
    this.#history = new WatchHistory(options.historyLimit ?? DEFAULT_HISTORY);
    this.#collections = new Map(options.kinds.kinds.map((kind) => [kind, new Collection(kind)]));
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
  get<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): T | null {
    return this.#collection(kind).get(name, namespace);
  }

  /** The object, or the 404 that the API server answers. */
  find<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): ApiResult<T> {
    const object = this.get(kind, name, namespace);
    if (object === null) return { ok: false, status: status.notFound(kind, name) };
    return { ok: true, object, changed: false };
  }

  /** All objects of a kind, sorted by key. */
  list<T extends KubeObject>(kind: Kind<T>): ObjectList<T> {
    return { resourceVersion: this.#version, items: this.#collection(kind).items() };
  }

  /** Stores a new object; kind, apiVersion and the server's metadata are filled in. */
  create<T extends KubeObject>(
    kind: Kind<T>,
    given: NewObject<T> & JsonObject,
    options: WriteOptions = {},
  ): ApiResult<T> {
    return this.createFrom(kind, given, options);
  }

  /** `create` from a document that has not been validated yet. */
  createFrom<T extends KubeObject>(
    kind: Kind<T>,
    given: JsonObject,
    options: WriteOptions = {},
  ): ApiResult<T> {
    const proposal = proposeNew(kind, given, options.part ?? 'whole');
    if (!proposal.ok) return proposal;
    const metadata = metadataOf(proposal.document);
    const { name, namespace } = kind.read(proposal.document).metadata;
    const key = keyOf(name, namespace);
    if (this.get(kind, name, namespace) !== null) {
      return { ok: false, status: status.alreadyExists(kind, name) };
    }
    const document: JsonObject = {
      ...proposal.document,
      metadata: {
        ...metadata,
        uid: this.#uid(kind, key),
        creationTimestamp: metadata.creationTimestamp ?? this.#clock.timestamp(),
      },
    };
    if (options.dryRun === true) return wouldBe(kind, document);
    return this.#write(kind, key, 'ADDED', null, document);
  }

  /** Replaces an object if its resourceVersion is still the current one (409 otherwise). */
  update<T extends KubeObject>(kind: Kind<T>, object: T, options: WriteOptions = {}): ApiResult<T> {
    return this.updateFrom(kind, asDocument(object), options);
  }

  /** `update` from a document that has not been validated yet; it names the object. */
  updateFrom<T extends KubeObject>(
    kind: Kind<T>,
    document: JsonObject,
    options: WriteOptions = {},
  ): ApiResult<T> {
    const { name, namespace } = metadataOf(document);
    const found = this.find(
      kind,
      typeof name === 'string' ? name : '',
      typeof namespace === 'string' ? namespace : undefined,
    );
    if (!found.ok) return found;
    const proposal = proposeUpdate(kind, found.object, document, options.part ?? 'whole');
    if (!proposal.ok) return proposal;
    return this.#replace(kind, found.object, proposal.document, options.dryRun ?? false);
  }

  /** Applies a patch of the given type to the object as it stands. */
  patch<T extends KubeObject>(
    kind: Kind<T>,
    name: string,
    namespace: string | undefined,
    type: PatchType,
    body: JsonValue,
    options: WriteOptions = {},
  ): ApiResult<T> {
    const found = this.find(kind, name, namespace);
    if (!found.ok) return found;
    const { object } = found;
    const proposal = proposePatch(kind, object, type, body, options.part ?? 'whole');
    if (!proposal.ok) return proposal;
    return this.#replace(kind, object, proposal.document, options.dryRun ?? false);
  }

  /** Takes an object out; the answer carries its last state. */
  delete<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): ApiResult<T> {
    const found = this.find(kind, name, namespace);
    if (!found.ok) return found;
    const { object } = found;
    return this.#write(kind, objectKey(object), 'DELETED', object, asDocument(object));
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

  /** No write at all when nothing would change, so that the resourceVersion stays. */
  #replace<T extends KubeObject>(
    kind: Kind<T>,
    current: T,
    document: JsonObject,
    dryRun: boolean,
  ): ApiResult<T> {
    if (jsonEquals(asDocument(current), document)) {
      return { ok: true, object: current, changed: false };
    }
    if (dryRun) return wouldBe(kind, document);
    return this.#write(kind, objectKey(current), 'MODIFIED', current, document);
  }

  #write<T extends KubeObject>(
    kind: Kind<T>,
    key: string,
    type: ChangeType,
    previous: T | null,
    document: JsonObject,
  ): ApiResult<T> {
    const version = ++this.#version;
    const metadata: JsonObject = {
      ...metadataOf(document),
      resourceVersion: String(version),
    };
    const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = document;
    const object = kind.read({
      apiVersion: apiVersionOf(kind),
      kind: kind.name,
      metadata,
      ...rest,
    });
    const change: Change<T> = { type, version, object, previous };
    this.#history.push(change);
    this.#collection(kind).put(key, change);
    return { ok: true, object, changed: true };
  }

  #collection<T extends KubeObject>(kind: Kind<T>): Collection<T> {
    const collection = this.#collections.get(kind);
    const own = collection?.isOf(kind) === true ? collection : null;
    return present(own, `${kind.name} is a kind of this store`);
  }

  #uid(kind: Kind, key: string): string {
    const random = new Random(this.#seed ^ hashName(`${kind.name}/${key}/${this.#version}`));
    const hex = [0, 0, 0, 0].map(() => random.uint32().toString(16).padStart(8, '0')).join('');
    const variant = (8 + random.integer(0, 3)).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

function wouldBe<T extends KubeObject>(kind: Kind<T>, document: JsonObject): ApiResult<T> {
  return { ok: true, object: kind.read(document), changed: true };
}

/** The history holds all kinds; an object says which one it is. */
function isChangeOf<T extends KubeObject>(change: Change, kind: Kind<T>): change is Change<T> {
  const { apiVersion, kind: name } = change.object;
  return name === kind.name && apiVersion === apiVersionOf(kind);
}
