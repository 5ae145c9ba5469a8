// The Kubernetes-like truth, in memory: objects by kind and name, one resourceVersion counter for all
// of them, optimistic concurrency, patches, watches. A refused call is an answer (ApiResult), not an
// exception. Writes happen at once; who watches hears of them through the scheduler.
// Leaves out: finalizers, owner references, admission.

import type { Scheduler } from '../../sim/scheduler.ts';
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
import { type AppliedConfiguration, applyConfiguration } from './apply.ts';
import { conflictsStatus } from './apply-conflicts.ts';
import { type ManagerStamp, ownedAfterUpdate, UNKNOWN_MANAGER } from './managed-fields.ts';
import { type ObjectList, ObjectMemory, type WatchOptions, type Write } from './memory.ts';
import type { PatchType } from './patch.ts';
import { type Proposal, proposeNew, proposePatch, proposeUpdate, type Terms } from './proposal.ts';
import type { ApiResult, Status } from './status.ts';
import * as status from './status.ts';
import { objectUid } from './uid.ts';
import type { Change, Watch } from './watch.ts';

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

/** How a write is meant. What is not given is as the lab's own components write: any part, any field. */
export interface WriteOptions extends Partial<Terms> {
  /** Tell what would be, and store nothing. */
  readonly dryRun?: boolean;
  /** Who owns what the write changes (`fieldManager`). */
  readonly manager?: string;
}

/** What is applied: `applyConfiguration` without what the store knows itself. */
export type ApplyRequest = Pick<AppliedConfiguration, 'configuration' | 'force' | 'manager'>;

const DEFAULT_HISTORY = 4096;

/** The API server's memory. Methods take the handle of a kind and give objects of its type. */
export class ObjectStore {
  /** The kinds of which there are objects. */
  readonly kinds: KindRegistry;
  readonly #clock: WallClock;
  readonly #seed: number;
  readonly #memory: ObjectMemory;

  constructor(options: ObjectStoreOptions) {
    this.kinds = options.kinds;
    this.#clock = options.clock;
    this.#seed = options.seed;
    const limit = options.historyLimit ?? DEFAULT_HISTORY;
    this.#memory = new ObjectMemory(options.kinds, options.scheduler, limit);
  }

  /** The version of the latest write to any object. */
  get resourceVersion(): number {
    return this.#memory.version;
  }

  /** The newest version before which changes are no longer known. */
  get forgotten(): number {
    return this.#memory.forgotten;
  }

  /** The calendar by which objects are stamped. */
  get clock(): WallClock {
    return this.#clock;
  }

  /** The object, or null. */
  get<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): T | null {
    return this.#memory.get(kind, name, namespace);
  }

  /** The object, or the 404 that the API server answers. */
  find<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): ApiResult<T> {
    const object = this.get(kind, name, namespace);
    if (object === null) return { ok: false, status: status.notFound(kind, name) };
    return { ok: true, object, changed: false };
  }

  /** All objects of a kind, sorted by key. */
  list<T extends KubeObject>(kind: Kind<T>): ObjectList<T> {
    return this.#memory.list(kind);
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
    return this.#create(kind, proposeNew(kind, given, termsOf(options)), options, true);
  }

  /**
   * `create` of what the lab itself made up, as from a backup of etcd: nothing of it is checked, and no
   * manager owns it.
   */
  restore<T extends KubeObject>(kind: Kind<T>, document: JsonObject): ApiResult<T> {
    const complete = kind.complete(document);
    return this.#create(kind, { ok: true, document: complete, warnings: [] }, {}, false);
  }

  #create<T extends KubeObject>(
    kind: Kind<T>,
    proposal: Proposal,
    { dryRun = false, manager }: WriteOptions,
    tracked: boolean,
  ): ApiResult<T> {
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
        uid: objectUid(this.#seed, `${kind.name}/${key}/${this.#memory.version}`),
        creationTimestamp: metadata.creationTimestamp ?? this.#clock.timestamp(),
      },
    };
    const { warnings } = proposal;
    const owned =
      manager === undefined || !tracked
        ? document
        : ownedAfterUpdate(null, document, kind.fields, this.#claim(kind, { manager }));
    if (dryRun) return wouldBe(kind, owned, warnings);
    return this.#write(kind, { key, type: 'ADDED', previous: null, document: owned }, warnings);
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
    const proposal = proposeUpdate(kind, found.object, document, termsOf(options));
    return this.#replace(kind, found.object, proposal, options);
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
    const proposal = proposePatch(kind, object, type, body, termsOf(options));
    return this.#replace(kind, object, proposal, options);
  }

  /** Server-side apply: creates the object, or changes what the manager wants of it. */
  apply<T extends KubeObject>(
    kind: Kind<T>,
    name: string,
    namespace: string | undefined,
    request: ApplyRequest,
    options: WriteOptions = {},
  ): ApiResult<T> {
    const live = this.get(kind, name, namespace);
    if (live === null && options.part === 'status') {
      return { ok: false, status: status.notFound(kind, name) };
    }
    const applied = applyConfiguration(kind, live === null ? null : asDocument(live), {
      ...request,
      subresource: options.part === 'status' ? 'status' : '',
      time: this.#clock.timestamp(),
    });
    if (!applied.ok) return { ok: false, status: conflictsStatus(applied.conflicts) };
    const { document } = applied;
    const terms = termsOf(options);
    if (live === null) {
      return this.#create(kind, proposeNew(kind, document, terms), options, false);
    }
    const proposal = proposeUpdate(kind, live, document, terms);
    return this.#replace(kind, live, proposal, options, false);
  }

  /** Takes an object out; the answer carries its last state. */
  delete<T extends KubeObject>(kind: Kind<T>, name: string, namespace?: string): ApiResult<T> {
    const found = this.find(kind, name, namespace);
    if (!found.ok) return found;
    const { object } = found;
    const key = objectKey(object);
    const document = asDocument(object);
    return this.#write(kind, { key, type: 'DELETED', previous: object, document });
  }

  /** Calls `listener` for every change after `since`, until the watch is closed; 410 when that is too long ago. */
  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    listener: (change: Change<T>) => void,
  ): Watch<T> | Status {
    return this.#memory.watch(kind, options, listener);
  }

  /** The remembered changes of a kind after a version, oldest first. */
  changesSince<T extends KubeObject>(kind: Kind<T>, version: number): readonly Change<T>[] {
    return this.#memory.changesSince(kind, version);
  }

  #write<T extends KubeObject>(
    kind: Kind<T>,
    write: Write<T>,
    warnings: readonly string[] = [],
  ): ApiResult<T> {
    const result = this.#memory.write(kind, write);
    return result.ok ? { ok: true, object: result.object, changed: true, warnings } : result;
  }

  /** No write at all when nothing would change, so that the resourceVersion stays. */
  #replace<T extends KubeObject>(
    kind: Kind<T>,
    current: T,
    proposal: Proposal,
    options: WriteOptions,
    tracked: boolean = true,
  ): ApiResult<T> {
    if (!proposal.ok) return proposal;
    const { document, warnings } = proposal;
    const before = asDocument(current);
    if (jsonEquals(before, document)) {
      return { ok: true, object: current, changed: false, warnings };
    }
    const owned = tracked
      ? ownedAfterUpdate(before, document, kind.fields, this.#claim(kind, options))
      : document;
    if (options.dryRun === true) return wouldBe(kind, owned, warnings);
    const key = objectKey(current);
    return this.#write(
      kind,
      { key, type: 'MODIFIED', previous: current, document: owned },
      warnings,
    );
  }

  #claim(kind: Kind, { manager, part }: WriteOptions): ManagerStamp {
    return {
      manager: {
        ...UNKNOWN_MANAGER,
        ...(manager === undefined ? {} : { name: manager }),
        subresource: part === 'status' ? 'status' : '',
      },
      apiVersion: apiVersionOf(kind),
      time: this.#clock.timestamp(),
    };
  }
}

function termsOf({ part = 'whole', unknownFields = 'keep' }: WriteOptions): Terms {
  return { part, unknownFields };
}

function wouldBe<T extends KubeObject>(
  kind: Kind<T>,
  document: JsonObject,
  warnings: readonly string[],
): ApiResult<T> {
  return { ok: true, object: kind.read(document), changed: true, warnings };
}
