// Addresses of hosts, labelled or not: no object can have one of them (rule A3).

/** The host-cidrs of all nodes. */
export class HostAddresses {
  /** Canonical → nodes. */
  readonly #nodes = new Map<string, Set<string>>();
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #unreadable = new Set<string>();

  /** A node whose host-cidrs cannot be read: then nothing can be placed. */
  get unreadable(): string | null {
    const [first = null] = this.#unreadable;
    return first;
  }

  /** The node that has an address. */
  holderOf(ip: string): string | null {
    const [first = null] = this.#nodes.get(ip) ?? [];
    return first;
  }

  /** What addresses a host has; null: its annotation cannot be read; undefined: there is no such node any more. */
  set(node: string, addresses: readonly string[] | null | undefined): void {
    for (const address of this.#addresses.get(node) ?? []) {
      const holders = this.#nodes.get(address);
      holders?.delete(node);
      if (holders?.size === 0) this.#nodes.delete(address);
    }
    this.#addresses.set(node, addresses ?? []);
    for (const address of addresses ?? []) {
      const holders = this.#nodes.get(address) ?? new Set();
      this.#nodes.set(address, holders.add(node));
    }
    if (addresses === null) this.#unreadable.add(node);
    else this.#unreadable.delete(node);
  }
}
