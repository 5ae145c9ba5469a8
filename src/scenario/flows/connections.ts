// The TCP connections of a flow that keeps one for all its requests: from when to when, and how they ended.

import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import type { FlowConnection } from '../report.ts';

/** So many are kept, the latest; a flow whose connections break all the time says so by its outages. */
const KEPT = 100;

interface Kept {
  readonly openedAt: Nanos;
  endedAt: Nanos | null;
  why: string | null;
}

/** Keeps book of connections, one at a time. */
export class ConnectionLog {
  readonly #scheduler: Scheduler;
  #kept: Kept[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Oldest first. */
  get entries(): readonly FlowConnection[] {
    return this.#kept.map((each) => ({ ...each }));
  }

  /** The handshake is complete. */
  opened(): void {
    this.#kept.push({ openedAt: this.#scheduler.now, endedAt: null, why: null });
    if (this.#kept.length > KEPT) this.#kept = this.#kept.slice(1);
  }

  /** `why`: an errno, or who closed it. */
  ended(why: string): void {
    const last = this.#kept.at(-1);
    if (last === undefined || last.endedAt !== null) return;
    last.endedAt = this.#scheduler.now;
    last.why = why;
  }
}
