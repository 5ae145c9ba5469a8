// The hash table of all tuples of a host: an integer hash, a bucket array, chains. A connection is
// found by either of its two tuples. Expired connections count as absent and leave when met.
//
// Linux has 65,536 buckets from the start and, when the table is full, throws the unassured entries
// out of up to eight of them (early_drop). Here the array grows with its content; because a bucket
// is the top bits of the hash, those eight are a contiguous slice of it at any size.

import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { type Connection, ConnectionStatus, type ConnectionTuple } from './connection.ts';
import { hashTuple } from './tuple.ts';

const SMALLEST_BITS = 6;
/** nf_conntrack_htable_size of a machine with more than 1 GiB. */
const LARGEST_BITS = 16;
/** NF_CT_EVICTION_RANGE. */
const EVICTION_BUCKETS = 8;

/** The tracked connections of one host. */
export class ConnectionTable {
  readonly #seed: number;
  readonly #removed: (connection: Connection) => void;
  #buckets: (ConnectionTuple | null)[] = new Array<ConnectionTuple | null>(1 << SMALLEST_BITS).fill(
    null,
  );
  #shift = 32 - SMALLEST_BITS;
  #size = 0;

  /** `removed` is called for every connection that leaves, for any reason. */
  constructor(seed: number, removed: (connection: Connection) => void) {
    this.#seed = seed;
    this.#removed = removed;
  }

  /** Connections in the table, those included that have expired and were not met since. */
  get size(): number {
    return this.#size;
  }

  /** The tuple with these numbers, of a connection that lives at `now`. */
  find(
    protocol: number,
    source: Ipv4Address,
    destination: Ipv4Address,
    sourcePort: number,
    destinationPort: number,
    now: Nanos,
  ): ConnectionTuple | null {
    const hash = hashTuple(this.#seed, protocol, source, destination, sourcePort, destinationPort);
    let tuple = this.#buckets[hash >>> this.#shift] as ConnectionTuple | null;
    while (tuple !== null) {
      const { next } = tuple;
      if (
        tuple.hash === hash &&
        tuple.matches(protocol, source, destination, sourcePort, destinationPort)
      ) {
        if (tuple.connection.expires > now) return tuple;
        this.remove(tuple.connection);
      }
      tuple = next;
    }
    return null;
  }

  /**
   * Puts a connection in, under both tuples. False, and nothing happens, if either is taken, even by a
   * connection that has expired and was not met since: __nf_conntrack_confirm does not look at that.
   */
  insert(connection: Connection): boolean {
    const { original, reply } = connection;
    if (this.#holds(original) || this.#holds(reply)) return false;
    connection.status |= ConnectionStatus.Confirmed;
    if (++this.#size > this.#buckets.length && 32 - this.#shift < LARGEST_BITS) this.#grow();
    this.#link(original);
    this.#link(reply);
    return true;
  }

  /** Takes a connection out; one that is not in is left alone. */
  remove(connection: Connection): void {
    const { status } = connection;
    if ((status & ConnectionStatus.Confirmed) === 0 || (status & ConnectionStatus.Dying) !== 0)
      return;
    connection.status |= ConnectionStatus.Dying;
    this.#unlink(connection.original);
    this.#unlink(connection.reply);
    this.#size--;
    this.#removed(connection);
  }

  /**
   * Makes room when the table is full: drops the unassured connections of the first of eight buckets
   * that has any, beginning where the newcomer would stand. Returns how many.
   */
  evict(newcomer: ConnectionTuple, now: Nanos): number {
    const hash = this.#hash(newcomer);
    const first = hash >>> (32 - LARGEST_BITS);
    for (let i = 0; i < EVICTION_BUCKETS; i++) {
      const bucket = (first + i) & ((1 << LARGEST_BITS) - 1);
      const dropped = this.#evictBucket(bucket, now);
      if (dropped > 0) return dropped;
    }
    return 0;
  }

  /** Connections that live at `now`, oldest first. */
  live(now: Nanos): Connection[] {
    return this.#all()
      .filter((connection) => connection.expires > now)
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** Removes every connection for which `matches` is true; returns how many. */
  removeWhere(matches: (connection: Connection) => boolean): number {
    const leaving = this.#all().filter(matches);
    for (const connection of leaving) this.remove(connection);
    return leaving.length;
  }

  #hash(tuple: ConnectionTuple): number {
    const { protocol, source, destination, sourcePort, destinationPort } = tuple;
    return hashTuple(this.#seed, protocol, source, destination, sourcePort, destinationPort);
  }

  #holds(tuple: ConnectionTuple): boolean {
    const { protocol, source, destination, sourcePort, destinationPort } = tuple;
    const hash = this.#hash(tuple);
    let other = this.#buckets[hash >>> this.#shift] as ConnectionTuple | null;
    while (other !== null) {
      if (
        other.hash === hash &&
        other.matches(protocol, source, destination, sourcePort, destinationPort)
      ) {
        return true;
      }
      other = other.next;
    }
    return false;
  }

  /** `bucket` is one of Linux's: the top 16 bits of the hash. */
  #evictBucket(bucket: number, now: Nanos): number {
    let dropped = 0;
    const index = (bucket << (32 - LARGEST_BITS)) >>> this.#shift;
    let tuple = this.#buckets[index] as ConnectionTuple | null;
    while (tuple !== null) {
      const { next, connection } = tuple;
      if (tuple.hash >>> (32 - LARGEST_BITS) === bucket) {
        const expired = connection.expires <= now;
        if (expired || !connection.has(ConnectionStatus.Assured)) {
          this.remove(connection);
          if (!expired) dropped++;
        }
      }
      // Both tuples of a connection may stand in this bucket: then `next` may have left with it.
      tuple = next !== null && next.connection === connection ? next.next : next;
    }
    return dropped;
  }

  #link(tuple: ConnectionTuple): void {
    tuple.hash = this.#hash(tuple);
    this.#push(tuple);
  }

  #push(tuple: ConnectionTuple): void {
    const index = tuple.hash >>> this.#shift;
    tuple.next = this.#buckets[index] as ConnectionTuple | null;
    this.#buckets[index] = tuple;
  }

  #unlink(tuple: ConnectionTuple): void {
    const index = tuple.hash >>> this.#shift;
    let here = this.#buckets[index] as ConnectionTuple | null;
    if (here === tuple) {
      this.#buckets[index] = tuple.next;
      return;
    }
    while (here !== null && here.next !== tuple) here = here.next;
    if (here !== null) here.next = tuple.next;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#shift--;
    this.#buckets = new Array<ConnectionTuple | null>(old.length * 2).fill(null);
    for (const head of old) {
      let tuple = head;
      while (tuple !== null) {
        const { next } = tuple;
        this.#push(tuple);
        tuple = next;
      }
    }
  }

  #all(): Connection[] {
    const connections: Connection[] = [];
    for (const head of this.#buckets) {
      for (let tuple = head; tuple !== null; tuple = tuple.next) {
        if (!tuple.isReply) connections.push(tuple.connection);
      }
    }
    return connections;
  }
}
