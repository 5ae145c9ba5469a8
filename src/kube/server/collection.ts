// The objects of one kind and who watches them.

import type { Kind } from '../kinds/kind.ts';
import { type KubeObject, keyOf } from '../kinds/object.ts';
import type { Change, Watch } from './watch.ts';

/** Use `ObjectStore`. */
export class Collection<T extends KubeObject = KubeObject> {
  readonly #kind: Kind<T>;
  readonly #objects = new Map<string, T>();
  readonly #watches = new Set<Watch<T>>();
  /** Null when they have to be made anew. */
  #audiences: readonly Audience<T>[] | null = null;
  /** Null when it has to be made anew. */
  #keys: string[] | null = null;
  #items: readonly T[] | null = null;

  constructor(kind: Kind<T>) {
    this.#kind = kind;
  }

  /** Whether these are the objects of that kind; a collection is looked up by its kind, so they always are. */
  isOf<U extends KubeObject>(kind: Kind<U>): this is Collection<U> {
    const own: Kind = this.#kind;
    return own === kind;
  }

  /** The object, or null. */
  get(name: string, namespace?: string): T | null {
    return this.#objects.get(keyOf(name, namespace)) ?? null;
  }

  /** All objects sorted by key; the same array as long as nothing changes. */
  items(): readonly T[] {
    if (this.#items !== null) return this.#items;
    this.#keys ??= [...this.#objects.keys()].sort();
    const items: T[] = [];
    for (const key of this.#keys) {
      const object = this.#objects.get(key);
      if (object !== undefined) items.push(object);
    }
    this.#items = items;
    return items;
  }

  /** Stores what a write made of an object and sends every watcher the change. */
  put(key: string, change: Change<T>): void {
    this.#items = null;
    if (change.type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, change.object);
    if (change.type !== 'MODIFIED') this.#keys = null;
    this.#audiences ??= audiencesOf(this.#watches);
    for (const audience of this.#audiences) audience[0].offerTo(audience, change);
  }

  /** From now on a watch is offered every change. */
  enter(watch: Watch<T>): void {
    this.#watches.add(watch);
    this.#audiences = null;
  }

  /** The watch is closed. */
  leave(watch: Watch<T>): void {
    this.#watches.delete(watch);
    this.#audiences = null;
  }
}

/** Watches that hear of a change at the same time, in the order in which they began; at least one. */
type Audience<T extends KubeObject> = readonly [Watch<T>, ...Watch<T>[]];

/** What is on its way keeps its audience, so these are made anew when a watch comes or goes. */
function audiencesOf<T extends KubeObject>(watches: Iterable<Watch<T>>): readonly Audience<T>[] {
  const audiences: [Watch<T>, ...Watch<T>[]][] = [];
  for (const watch of watches) {
    const audience = audiences.find(([first]) => first.isWith(watch));
    if (audience === undefined) audiences.push([watch]);
    else audience.push(watch);
  }
  return audiences;
}
