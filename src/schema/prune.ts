// Cuts out of a value what is wrong with it, so that the rest can still be checked: all problems of
// a file are reported together. Remembers what the indices of shortened lists were.

import { isMap, type PlainList, type PlainValue, valueAt } from './plain-value.ts';
import { formatPath, type Path, type PathSegment } from './position.ts';
import type { ShapeProblem } from './shape.ts';

/**
 * What much else hangs on, by path ('cluster.nodes'): when it is missing or broken this stands in for
 * it, for cutting it out would take everything along.
 */
export type StandIns = Readonly<Record<string, PlainValue>>;

/** A value that loses parts; it is changed in place. */
export class Pruned {
  readonly root: PlainValue;
  /** What was taken out or replaced, as the user counts. */
  readonly damage: Path[] = [];
  /** What of it was replaced. */
  readonly standIns: Path[] = [];
  /** For each shortened list the original index of each entry that is left. */
  readonly #indices = new Map<PlainList, number[]>();

  readonly #available: StandIns;

  constructor(root: PlainValue, available: StandIns = {}) {
    this.root = root;
    this.#available = available;
  }

  /** Takes out, or replaces, what each problem is about. False when nothing is left. */
  repair(problems: readonly ShapeProblem[]): boolean {
    const doomed = new Map<PlainList, Set<number>>();
    for (const { path, prune } of problems) {
      if (this.#replace(path)) continue;
      const last = prune.at(-1);
      if (last === undefined) return false;
      this.damage.push(this.original(prune));
      const parent = valueAt(this.root, prune.slice(0, -1));
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

  #replace(path: Path): boolean {
    const key = formatPath(path);
    const last = path.at(-1);
    const parent = valueAt(this.root, path.slice(0, -1));
    if (last === undefined || !isMap(parent) || !Object.hasOwn(this.#available, key)) return false;
    parent[last] = this.#available[key] ?? null;
    this.damage.push(path);
    this.standIns.push(path);
    return true;
  }

  #shorten(list: PlainList, doomed: ReadonlySet<number>): void {
    const before = this.#indices.get(list) ?? list.map((_, index) => index);
    const kept = before.filter((_, index) => !doomed.has(index));
    const entries = list.filter((_, index) => !doomed.has(index));
    list.splice(0, list.length, ...entries);
    this.#indices.set(list, kept);
  }
}
