// Keeps the table within nf_conntrack_max: makes room for newcomers, and sweeps out in the background
// what expired and was not met since (early_drop and gc_worker in nf_conntrack_core.c).

import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import { isClosing } from '../tcp/states.ts';
import { type Connection, ConnectionStatus } from './connection.ts';
import type { ConnectionTable } from './connection-table.ts';

/** GC_SCAN_INTERVAL_INIT. */
const SWEEP_INTERVAL: Nanos = seconds(60);
/** nf_conntrack_max95: after a full table the sweep drops what it may until there is that much room. */
const ENOUGH = 0.95;

/** Keeps the table of one host within its limits. */
export class TableKeeper {
  readonly #scheduler: Scheduler;
  readonly #conf: HostConf;
  readonly #table: ConnectionTable;
  readonly #droppedEarly: (count: number) => void;
  #timer: Timer | null = null;
  #underPressure = false;

  /** `droppedEarly` gets the number of connections that were evicted early. */
  constructor(
    scheduler: Scheduler,
    conf: HostConf,
    table: ConnectionTable,
    droppedEarly: (count: number) => void,
  ) {
    this.#scheduler = scheduler;
    this.#conf = conf;
    this.#table = table;
    this.#droppedEarly = droppedEarly;
  }

  /** False if the table is full and nothing near the newcomer may be dropped. 0 means no limit. */
  makeRoom(newcomer: Connection): boolean {
    const limit = this.#conf.nf_conntrack_max;
    if (limit === 0 || this.#table.size < limit) return true;
    const dropped = this.#table.evict(newcomer.original, this.#scheduler.now);
    this.#droppedEarly(dropped);
    if (this.#table.size < limit) return true;
    this.#underPressure = true;
    return false;
  }

  /** Something is in the table, so it will have to be swept. */
  watch(): void {
    if (this.#timer !== null) return;
    const background = { background: true };
    this.#timer = this.#scheduler.after(SWEEP_INTERVAL, sweepTable, this, null, background);
  }

  sweep(): void {
    const { now } = this.#scheduler;
    this.#table.removeWhere((connection) => connection.expires <= now);
    if (this.#underPressure) this.#relieve(now);
    this.#underPressure = false;
    this.#timer = null;
    if (this.#table.size > 0) this.watch();
  }

  /** No timer runs any more. */
  reset(): void {
    if (this.#timer !== null) this.#scheduler.cancel(this.#timer);
    this.#timer = null;
    this.#underPressure = false;
  }

  #relieve(now: Nanos): void {
    const enough = this.#conf.nf_conntrack_max * ENOUGH;
    for (const connection of this.#table.live(now)) {
      if (this.#table.size < enough) break;
      if (!mayDropEarly(connection)) continue;
      this.#table.remove(connection);
      this.#droppedEarly(1);
    }
  }
}

/** gc_worker_can_early_drop. */
function mayDropEarly(connection: Connection): boolean {
  if (!connection.has(ConnectionStatus.Assured)) return true;
  return connection.tcp !== null && isClosing(connection.tcp.state);
}

function sweepTable(keeper: TableKeeper): void {
  keeper.sweep();
}
