// Cuts out of a value what is wrong with it, so that the rest can still be checked: all problems of
// a file are told at once. Remembers what the indices of shortened lists were.

import type { Path, PathSegment } from './position.ts';
import { isMap, valueAt } from './shape.ts';
import type { PlainList, PlainValue } from './source.ts';

/** A value that loses parts; it is changed in place. */
export class Pruned {
  readonly root: PlainValue;
  /** For each shortened list the original index of each entry that is left. */
  readonly #indices = new Map<PlainList, number[]>();

  constructor(root: PlainValue) {
    this.root = root;
  }

  /** Removes what is at each path. False when that is the whole value. */
  remove(paths: readonly Path[]): boolean {
    const doomed = new Map<PlainList, Set<number>>();
    for (const path of paths) {
      const last = path.at(-1);
      if (last === undefined) return false;
      const parent = valueAt(this.root, path.slice(0, -1));
      if (Array.isArray(parent) && typeof last === 'number') {
        const indices = doomed.get(parent) ?? new Set();
        doomed.set(parent, indices.add(last));
      } else if (isMap(parent)) {
        delete parent[last];
      }
    }
    for (const [list, indices] of doomed) this.#shorten(list, indices);
    return true;
  }

  /** Where what is now at `path` was before anything was removed. */
  original(path: Path): Path {
    if (this.#indices.size === 0) return path;
    const original: PathSegment[] = [];
    let value: PlainValue | undefined = this.root;
    for (const segment of path) {
      const indices = Array.isArray(value) ? this.#indices.get(value) : undefined;
      original.push(typeof segment === 'number' ? (indices?.[segment] ?? segment) : segment);
      value = value === undefined ? undefined : valueAt(value, [segment]);
    }
    return original;
  }

  #shorten(list: PlainList, doomed: ReadonlySet<number>): void {
    const before = this.#indices.get(list) ?? list.map((_, index) => index);
    const kept = before.filter((_, index) => !doomed.has(index));
    const entries = list.filter((_, index) => !doomed.has(index));
    list.splice(0, list.length, ...entries);
    this.#indices.set(list, kept);
  }
}
