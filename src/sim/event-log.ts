// What happened, for people and for expectations: constant kinds with fields, never interpolated
// text. Timelines, `expect` steps and the analysis all read this one log.

import type { Scheduler } from './scheduler.ts';
import type { Nanos } from './time.ts';

/** What a field of an event may hold. */
export type EventValue = string | number | boolean | null | readonly string[];

/** One thing that happened. */
export interface LabEvent {
  readonly at: Nanos;
  /** The device or component that says so: 'worker02', 'lan', 'controller'. */
  readonly source: string;
  /** A constant such as 'neighbor-changed'. All kinds and their fields are listed in src/REFERENCE.md. */
  readonly kind: string;
  readonly fields: Readonly<Record<string, EventValue>>;
}

/** Hears each event as it happens. */
export type EventListener = (event: LabEvent) => void;

/** A lab that runs for days keeps its youngest events; listeners hear all of them. */
const DEFAULT_LIMIT = 500_000;

/** What happened so far, oldest first. */
export class EventLog {
  readonly #scheduler: Scheduler;
  readonly #limit: number;
  #events: LabEvent[] = [];
  #forgotten = 0;
  readonly #listeners = new Set<EventListener>();

  /** Keeps at least the last `limit` events. */
  constructor(scheduler: Scheduler, limit: number = DEFAULT_LIMIT) {
    this.#scheduler = scheduler;
    this.#limit = limit;
  }

  /** How many of the oldest events were given up for younger ones. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The events so far, oldest first. */
  get events(): readonly LabEvent[] {
    return this.#events;
  }

  emit(source: string, kind: string, fields: Readonly<Record<string, EventValue>>): void {
    const event: LabEvent = { at: this.#scheduler.now, source, kind, fields };
    this.#events.push(event);
    // Trimmed in halves, so that the cost per event stays constant.
    if (this.#events.length >= 2 * this.#limit) {
      this.#events = this.#events.slice(this.#limit);
      this.#forgotten += this.#limit;
    }
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` for every later event, until the returned function is called. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
