// Which neighbors are forgotten, and when: the forced collection of a table that is nearly full and the
// periodic one (neigh_alloc, neigh_forced_gc and neigh_periodic_work, net/core/neighbor.c). The
// thresholds count all interfaces of a host together.

import type { Timer } from '../../sim/scheduler.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import type { Host } from '../host.ts';
import type { NeighborEntry } from './entry.ts';
import { type NeighborCause, NeighborState } from './state.ts';

/** Entries younger than this survive even a forced collection (neigh_forced_gc). */
const FORCED_COLLECTION_AGE: Nanos = seconds(5);
/** One tick. */
const MINIMUM_COLLECTION_INTERVAL: Nanos = millis(4);

/** The table as its collector sees it: a series of entries, oldest first. */
export interface CollectedTable extends Iterable<NeighborEntry> {
  readonly size: number;
  /** Entries that count against gc_thresh2 and gc_thresh3. */
  readonly collectable: number;
  forget(entry: NeighborEntry, cause: NeighborCause): void;
}

/** The garbage collector of one table. */
export class NeighborCollector {
  readonly #host: Host;
  readonly #table: CollectedTable;
  #timer: Timer | null = null;
  #forcedAt: Nanos = 0;

  constructor(host: Host, table: CollectedTable) {
    this.#host = host;
    this.#table = table;
  }

  /** Above gc_thresh2 old entries make room, at gc_thresh3 they must. False: there is none. */
  makesRoom(): boolean {
    const { gc_thresh2, gc_thresh3 } = this.#host.sysctl.host;
    const { now } = this.#host.scheduler;
    const { collectable } = this.#table;
    const isTight = collectable >= gc_thresh2 && now > this.#forcedAt + seconds(5);
    if (collectable < gc_thresh3 && !isTight) return true;
    return this.#force() > 0 || this.#table.collectable < gc_thresh3;
  }

  /**
   * Comes as long as there is anything in the table, at multiples of half the default
   * base_reachable_time: gc_interval has long lost its meaning.
   */
  arm(): void {
    if (this.#timer !== null) return;
    const { scheduler, sysctl } = this.#host;
    const { base_reachable_time_ms: base } = sysctl.neighborDefaults;
    const interval = Math.max(millis(base / 2), MINIMUM_COLLECTION_INTERVAL);
    const next = (Math.floor(scheduler.now / interval) + 1) * interval;
    this.#timer = scheduler.at(next, collect, this, null, { background: true });
  }

  /** Called by the scheduler. */
  collect(): void {
    this.#timer = null;
    if (this.#table.size >= this.#host.sysctl.host.gc_thresh1) {
      for (const entry of this.#table) {
        if (!entry.hasTimer && entry.state !== NeighborState.Permanent) this.#collectUnused(entry);
      }
    }
    if (this.#table.size > 0) this.arm();
  }

  /** Failed entries and those that have not changed for five seconds. Returns how many. */
  #force(): number {
    const { now } = this.#host.scheduler;
    const excess = this.#table.collectable - this.#host.sysctl.host.gc_thresh2;
    let collected = 0;
    for (const entry of this.#table) {
      if (entry.hasTimer || entry.state === NeighborState.Permanent) continue;
      const isUnused =
        entry.state === NeighborState.Failed ||
        entry.state === NeighborState.NoArp ||
        now - entry.updated > FORCED_COLLECTION_AGE;
      if (!isUnused) continue;
      this.#table.forget(entry, 'collected');
      if (++collected >= excess) break;
    }
    this.#forcedAt = now;
    return collected;
  }

  #collectUnused(entry: NeighborEntry): void {
    const { now } = this.#host.scheduler;
    const used = Math.max(entry.used, entry.confirmed);
    const isUnused = now - used >= seconds(entry.iface.neigh.gc_stale_time);
    if (isUnused || entry.state === NeighborState.Failed) this.#table.forget(entry, 'collected');
  }
}

function collect(collector: NeighborCollector): void {
  collector.collect();
}
