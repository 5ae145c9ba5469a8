// What happened, for people and for expectations: constant kinds with typed fields, never interpolated
// text. Timelines, `expect` steps and the analysis all read this one log.
//
// Each room that has something to say lists its kinds with their fields in its own `events.ts`, as an
// interface from kind to fields ("event map"), and takes an `Emitter` of that interface alone.
// `lab/events.ts` puts the maps of all rooms together; the log of a lab has that type.

import type { Scheduler } from './scheduler.ts';
import type { Nanos } from './time.ts';

/** What a field of an event may hold: what JSON keeps as it is. */
export type EventValue = string | number | boolean | null | readonly string[];

declare const noFields: unique symbol;

/** For a kind that has nothing to say but that it happened. */
export interface NoFields {
  readonly [noFields]?: never;
}

/** What an event map must look like: fields of plain values under each kind. */
export type EventFields<M> = {
  readonly [K in keyof M]: { readonly [F in keyof M[K]]: EventValue };
};

/**
 * One thing that happened: a union over the kinds of an event map, so that a test of `kind` also
 * tells which fields there are. `EventOf<M, 'fdb-moved'>` is one of them.
 */
export type EventOf<M, K extends keyof M = keyof M> = {
  readonly [Kind in K]: {
    readonly at: Nanos;
    /** The device or component that says so: 'worker02', 'lan', 'controller'. */
    readonly source: string;
    /** A constant such as 'neighbor-changed'. All kinds and their fields are listed in src/REFERENCE.md. */
    readonly kind: Kind;
    readonly fields: Readonly<M[Kind]>;
  };
}[K];

/** The writing side of a log, for a room that knows only its own event map. */
export interface Emitter<M> {
  /** Never there. For the compiler: who takes more kinds serves where fewer are asked for, not otherwise. */
  readonly '~kinds'?: M;
  /** Notes that `source` did or met something, now. */
  emit<K extends keyof M>(source: string, kind: K, fields: Readonly<M[K]>): void;
}

/** Hears each event as it happens. */
export type EventListener<M> = (event: EventOf<M>) => void;

/** A lab that runs for days keeps its youngest events; listeners hear all of them. */
const DEFAULT_LIMIT = 500_000;

/** What happened so far, oldest first. */
export class EventLog<M extends EventFields<M>> implements Emitter<M> {
  declare readonly '~kinds'?: M;
  readonly #scheduler: Scheduler;
  readonly #limit: number;
  #events: EventOf<M>[] = [];
  #forgotten = 0;
  readonly #listeners = new Set<EventListener<M>>();

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
  get events(): readonly EventOf<M>[] {
    return this.#events;
  }

  /** Notes that `source` did or met something, now, and tells all listeners. */
  emit<K extends keyof M>(source: string, kind: K, fields: Readonly<M[K]>): void {
    const event: EventOf<M> = { at: this.#scheduler.now, source, kind, fields };
    this.#events.push(event);
    // Trimmed in halves, so that the cost per event stays constant.
    if (this.#events.length >= 2 * this.#limit) {
      this.#events = this.#events.slice(this.#limit);
      this.#forgotten += this.#limit;
    }
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls `listener` for every later event, until the returned function is called. */
  subscribe(listener: EventListener<M>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
