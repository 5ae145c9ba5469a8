// What happened, for people and for expectations: constant kinds with fields, never interpolated
// text. Timelines, `expect` steps and the analysis all read this one log.

import type { Scheduler } from './scheduler.ts';
import type { Nanos } from './time.ts';

export type EventValue = string | number | boolean | null | readonly string[];

export interface LabEvent {
  readonly at: Nanos;
  /** The device or component that says so: 'worker02', 'lan', 'controller'. */
  readonly source: string;
  /** A constant such as 'neighbor-changed'. All kinds are listed in src/ARCHITECTURE.md. */
  readonly kind: string;
  readonly fields: Readonly<Record<string, EventValue>>;
}

export type EventListener = (event: LabEvent) => void;

export class EventLog {
  readonly #scheduler: Scheduler;
  readonly #events: LabEvent[] = [];
  readonly #listeners = new Set<EventListener>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** All events so far, oldest first. */
  get events(): readonly LabEvent[] {
    return this.#events;
  }

  emit(source: string, kind: string, fields: Readonly<Record<string, EventValue>>): void {
    const event: LabEvent = { at: this.#scheduler.now, source, kind, fields };
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` for every later event, until the returned function is called. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
