// A bridge's FDB: MAC to port, learned from the source of every frame, aged lazily. Follows Linux
// net/bridge/br_fdb.c: a MAC moves with the first frame from another port, and frames sent *to* a
// MAC do not refresh it. (Fixture 08-bridge-fdb.)

import { NumberMap } from '../base/number-map.ts';
import type { Nanos } from '../sim/time.ts';
import { type MacAddress, macAddress } from '../wire/mac-address.ts';
import type { Port } from './port.ts';

/** Where a MAC address was last seen. */
export interface FdbEntry {
  port: Port;
  /** The last frame from this MAC. */
  lastSeen: Nanos;
}

/** 'moved' says that the MAC was known, unexpired, on another port. 'full': not stored. */
export type Learned = 'known' | 'new' | 'moved' | 'full';

/** Linux has no bound by default; ours keeps a hostile sender from eating the machine. */
const DEFAULT_FDB_LIMIT = 65_536;

/** The MAC addresses of one switch. */
export class ForwardingTable {
  readonly #entries = new NumberMap<FdbEntry>();
  readonly #limit: number;
  #ageing: Nanos;

  constructor(ageing: Nanos, limit: number = DEFAULT_FDB_LIMIT) {
    this.#ageing = ageing;
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  setAgeing(ageing: Nanos): void {
    this.#ageing = ageing;
  }

  /** Notes that `mac` sent a frame into `port`. */
  learn(mac: MacAddress, port: Port, now: Nanos): Learned {
    const entry = this.#entries.get(mac);
    if (entry === null) {
      if (this.#entries.size >= this.#limit && !this.#evictExpired(now)) return 'full';
      this.#entries.set(mac, { port, lastSeen: now });
      return 'new';
    }
    const expired = now - entry.lastSeen >= this.#ageing;
    entry.lastSeen = now;
    if (entry.port === port) return 'known';
    entry.port = port;
    return expired ? 'new' : 'moved';
  }

  /** The port behind which `mac` was seen, or null when unknown or too old. */
  lookup(mac: MacAddress, now: Nanos): Port | null {
    const entry = this.#entries.get(mac);
    if (entry === null) return null;
    if (now - entry.lastSeen >= this.#ageing) {
      this.#entries.delete(mac);
      return null;
    }
    return entry.port;
  }

  /** Forgets everything behind a port, as a bridge does when the port goes down. */
  flush(port: Port): void {
    for (const [mac, entry] of this.#entries.entries()) {
      if (entry.port === port) this.#entries.delete(mac);
    }
  }

  /** When an entry ages out unless another frame comes. */
  deadlineOf(entry: FdbEntry): Nanos {
    return entry.lastSeen + this.#ageing;
  }

  /** Unexpired entries, in the order of learning. */
  *entries(now: Nanos): Generator<[MacAddress, FdbEntry]> {
    for (const [mac, entry] of this.#entries.entries()) {
      if (now - entry.lastSeen < this.#ageing) yield [macAddress(mac), entry];
    }
  }

  #evictExpired(now: Nanos): boolean {
    for (const [mac, entry] of this.#entries.entries()) {
      if (now - entry.lastSeen >= this.#ageing) this.#entries.delete(mac);
    }
    return this.#entries.size < this.#limit;
  }
}
