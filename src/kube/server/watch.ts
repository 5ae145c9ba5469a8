// Changes of one kind on their way to one client, in order, each `latency` after the write. Closing a
// watch loses what is still on its way, as a broken connection does.

import type { Lane, Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import type { KubeObject } from '../kinds/object.ts';

/** What a write did to an object. */
export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One write, as every watcher of the kind sees it. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly type: ChangeType;
  /** The resourceVersion of the write, as a number. */
  readonly version: number;
  /** The object after the write; of a deletion the last state, under the version of the deletion. */
  readonly object: T;
  /** The object before the write; null when it was created. */
  readonly previous: T | null;
}

/** Hears of changes. */
export interface ChangeListener<T extends KubeObject> {
  /** Called once per change, in order. */
  onChange(change: Change<T>): void;
}

/** What a watch is made from. */
export interface WatchTerms<T extends KubeObject> {
  /** Only changes after this version. */
  readonly since: number;
  readonly scheduler: Scheduler;
  readonly latency: Nanos;
  readonly listener: ChangeListener<T>;
  /** Called once, when the watch is closed. */
  onClose(watch: Watch<T>): void;
}

/** Use `ObjectStore.watch`. */
export class Watch<T extends KubeObject = KubeObject> {
  readonly #terms: WatchTerms<T>;
  readonly #lane: Lane;
  #open = true;
  #delivered: number;

  constructor(terms: WatchTerms<T>) {
    this.#terms = terms;
    this.#delivered = terms.since;
    this.#lane = terms.scheduler.sharedLane(terms.latency);
  }

  /** The resourceVersion up to which the client has seen everything. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Sends a change on its way. */
  offer(change: Change<T>): void {
    this.#lane.push(this.#terms.scheduler.now + this.#terms.latency, arrive, this, change);
  }

  /** Whether the other hears of a change at the same time, having the same latency. */
  isWith(other: Watch<T>): boolean {
    return this.#lane === other.#lane;
  }

  /** Sends a change on its way to watches with the latency of this one, in order: one task for all. */
  offerTo(audience: readonly Watch<T>[], change: Change<T>): void {
    const { latency, scheduler } = this.#terms;
    this.#lane.push(scheduler.now + latency, arriveAtAll, audience, change);
  }

  /** Called when a change arrives. */
  arrive(change: Change<T>): void {
    if (!this.#open) return;
    this.#delivered = Math.max(this.#delivered, change.version);
    this.#terms.listener.onChange(change);
  }

  /** No further change arrives. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#terms.onClose(this);
  }
}

function arrive<T extends KubeObject>(watch: Watch<T>, change: Change<T>): void {
  watch.arrive(change);
}

function arriveAtAll<T extends KubeObject>(audience: readonly Watch<T>[], change: Change<T>): void {
  for (const watch of audience) watch.arrive(change);
}
