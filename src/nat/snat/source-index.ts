// Connections by who opened them: (protocol, source, source port). A source that has been given a
// public port keeps it for other destinations too (nf_nat_bysource, find_appropriate_src).

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Connection } from '../conntrack/connection.ts';

/** The translated connections of one host by their original source. */
export class SourceIndex {
  /** By `keyOf`; those that share a key are chained by `nextBySource`, newest first. */
  readonly #heads = new Map<number, Connection>();

  add(connection: Connection): void {
    const key = keyOf(connection);
    connection.nextBySource = this.#heads.get(key) ?? null;
    this.#heads.set(key, connection);
  }

  remove(connection: Connection): void {
    const key = keyOf(connection);
    const head = this.#heads.get(key);
    if (head === connection) {
      if (connection.nextBySource === null) this.#heads.delete(key);
      else this.#heads.set(key, connection.nextBySource);
    } else {
      let here = head ?? null;
      while (here !== null && here.nextBySource !== connection) here = here.nextBySource;
      if (here !== null) here.nextBySource = connection.nextBySource;
    }
    connection.nextBySource = null;
  }

  /** The newest connection of the same source as `connection` that `accepts`. */
  find(connection: Connection, accepts: (other: Connection) => boolean): Connection | null {
    const { protocol, source, sourcePort } = connection.original;
    let other = this.#heads.get(hashSource(protocol, source, sourcePort)) ?? null;
    while (other !== null) {
      const { original } = other;
      const same =
        original.source === source &&
        original.sourcePort === sourcePort &&
        original.protocol === protocol;
      if (same && accepts(other)) return other;
      other = other.nextBySource;
    }
    return null;
  }
}

function keyOf(connection: Connection): number {
  const { protocol, source, sourcePort } = connection.original;
  return hashSource(protocol, source, sourcePort);
}

function hashSource(protocol: number, source: Ipv4Address, port: number): number {
  return Math.imul(source, 0x9e37_79b1) ^ ((protocol << 16) | port);
}
