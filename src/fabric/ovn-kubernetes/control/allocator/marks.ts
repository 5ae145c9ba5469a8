// One packet mark per EgressIP object, 50000 to 55000, handed out round robin and kept at a restart
// (util/id, clustermanager/egressip_controller.go:1856-1893).

/** The pool of OVN-Kubernetes: both ends included. */
export const MARK_POOL: readonly [number, number] = [50_000, 55_000];

/** Marks that are taken and the next one. */
export class MarkPool {
  readonly #first: number;
  readonly #last: number;
  readonly #byObject = new Map<string, number>();
  readonly #taken = new Set<number>();
  #next: number;

  constructor([first, last]: readonly [number, number] = MARK_POOL) {
    this.#first = first;
    this.#last = last;
    this.#next = first;
  }

  /** The mark of an object; null when it has none. */
  of(object: string): number | null {
    return this.#byObject.get(object) ?? null;
  }

  /** The mark of an object, a new one if need be; null when all are taken. */
  allocate(object: string): number | null {
    const known = this.#byObject.get(object);
    if (known !== undefined) return known;
    for (let tried = this.#first; tried <= this.#last; tried++) {
      const mark = this.#next;
      this.#next = mark === this.#last ? this.#first : mark + 1;
      if (this.#taken.has(mark)) continue;
      this.#byObject.set(object, mark);
      this.#taken.add(mark);
      return mark;
    }
    return null;
  }

  /** Keeps a mark that an object has already; what is wrong with it, or null. */
  reserve(object: string, text: string): string | null {
    const mark = markOf(text);
    if (mark === null)
      return `failed to parse EgressIP mark annotation on EgressIP "${object}" because mark "${text}" is invalid`;
    if (mark < this.#first || mark > this.#last) {
      return `EgressIP "${object}" mark ${mark} is out of range`;
    }
    if (this.#byObject.get(object) === mark) return null;
    if (this.#taken.has(mark)) return `EgressIP "${object}" mark ${mark} is already allocated`;
    this.free(object);
    this.#byObject.set(object, mark);
    this.#taken.add(mark);
    return null;
  }

  free(object: string): void {
    const mark = this.#byObject.get(object);
    if (mark === undefined) return;
    this.#byObject.delete(object);
    this.#taken.delete(mark);
  }
}

/** The number of a mark annotation; null when it is none. */
export function markOf(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
