// Which capture points see one network: those at which frames of one MAC address were seen, for no router passes a MAC
// address on. Points that share none are networks of their own, and one address in two networks is no conflict.

const POINT_LIMIT = 65_536;

/** Capture points of one broadcast domain, joined as MAC addresses are seen at several. */
export class Segments {
  readonly #parents = new Map<number, number>();

  /** One MAC address was seen at both. */
  join(a: number, b: number): void {
    const [from, to] = [this.of(a), this.of(b)];
    if (from !== to && this.#parents.size < POINT_LIMIT) this.#parents.set(from, to);
  }

  /** The same number for all points of a network. */
  of(point: number): number {
    let root = point;
    for (let next = this.#parents.get(root); next !== undefined; next = this.#parents.get(root)) {
      root = next;
    }
    if (root !== point) this.#parents.set(point, root);
    return root;
  }
}
