// The open ports of a host, and which listener a SYN is for.

import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import type { TcpListener } from './listener.ts';

/** The listeners of one host. */
export class ListenerTable {
  /** Port → listeners on it, each with an address of its own. */
  readonly #byPort = new Map<number, TcpListener[]>();

  /** All of them, in the order in which their ports were first opened. */
  values(): TcpListener[] {
    return [...this.#byPort.values()].flat();
  }

  /** Somebody listens on this port, whatever the address. */
  has(port: number): boolean {
    return this.#byPort.has(port);
  }

  /** A listener there would clash with one that is open: the same address, or either of them any. */
  isTaken(address: Ipv4Address, port: number): boolean {
    const others = this.#byPort.get(port) ?? [];
    return others.some(
      (other) =>
        other.address === address || other.address === ANY_ADDRESS || address === ANY_ADDRESS,
    );
  }

  /** A listener bound to the very address wins over one for all; null: nobody listens. */
  find(address: Ipv4Address, port: number): TcpListener | null {
    const listeners = this.#byPort.get(port);
    if (listeners === undefined) return null;
    let found: TcpListener | null = null;
    for (const listener of listeners) {
      if (listener.address === address) return listener;
      if (listener.address === ANY_ADDRESS) found = listener;
    }
    return found;
  }

  add(listener: TcpListener): void {
    this.#byPort.set(listener.port, [...(this.#byPort.get(listener.port) ?? []), listener]);
  }

  remove(listener: TcpListener): void {
    const others = (this.#byPort.get(listener.port) ?? []).filter((other) => other !== listener);
    if (others.length === 0) this.#byPort.delete(listener.port);
    else this.#byPort.set(listener.port, others);
  }

  clear(): void {
    this.#byPort.clear();
  }
}
