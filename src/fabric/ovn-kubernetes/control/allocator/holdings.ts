// Which IPs are allocated at all, whatever the node: most that are asked for are free, and 500 nodes need not be
// asked to know it.

/** Counts allocations by IP. */
export class Holdings {
  readonly #counts = new Map<string, number>();

  has(ip: string): boolean {
    return this.#counts.has(ip);
  }

  add(ip: string): void {
    this.#counts.set(ip, (this.#counts.get(ip) ?? 0) + 1);
  }

  remove(ip: string): void {
    const left = (this.#counts.get(ip) ?? 0) - 1;
    if (left > 0) this.#counts.set(ip, left);
    else this.#counts.delete(ip);
  }
}
