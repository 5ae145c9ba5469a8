// Changes of one kind on their way to one client, in order, each `latency` after the write. Closing a
// watch loses what is still on its way, as a broken connection does.

import type { Lane, Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Kind, KubeObject, ObjectOf } from '../kinds/objects.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write, as every watcher of the kind sees it. */
export interface Change<K extends Kind = Kind> {
  readonly type: ChangeType;
  /** The resourceVersion of the write, as a number. */
  readonly version: number;
  /** The object after the write; of a deletion the last state, under the version of the deletion. */
  readonly object: ObjectOf<K>;
  /** The object before the write; null when it was created. */
  readonly previous: ObjectOf<K> | null;
}

export type ChangeListener<K extends Kind> = (change: Change<K>) => void;

/** Use `ObjectStore.watch`. */
export class Watch<K extends Kind = Kind> {
  readonly kind: K;
  readonly #lane: Lane;
  readonly #scheduler: Scheduler;
  readonly #latency: Nanos;
  readonly #listener: ChangeListener<K>;
  readonly #onClose: (watch: Watch<K>) => void;
  #open = true;
  #delivered: number;

  constructor(
    kind: K,
    since: number,
    scheduler: Scheduler,
    latency: Nanos,
    listener: ChangeListener<K>,
    onClose: (watch: Watch<K>) => void,
  ) {
    this.kind = kind;
    this.#delivered = since;
    this.#scheduler = scheduler;
    this.#latency = latency;
    this.#lane = scheduler.sharedLane(latency);
    this.#listener = listener;
    this.#onClose = onClose;
  }

  /** The resourceVersion up to which the client has seen everything. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Sends a change on its way. */
  offer(change: Change<K>): void {
    this.#lane.push(this.#scheduler.now + this.#latency, arrive, this as unknown as Watch, change);
  }

  /** Called when a change arrives. */
  arrive(change: Change<K>): void {
    if (!this.#open) return;
    this.#delivered = Math.max(this.#delivered, change.version);
    this.#listener(change);
  }

  /** No further change arrives. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onClose(this);
  }
}

// The lane erases the kind; a watch only ever gets changes of its own.
function arrive(watch: Watch, change: Change<Kind>): void {
  watch.arrive(change as Change<Kind> & { readonly object: KubeObject });
}
