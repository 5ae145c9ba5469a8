// What happened in a lab, numbered.

import type { Lab } from '../lab/lab.ts';
import type { EventValue } from '../sim/event-log.ts';
import type { Nanos } from '../sim/time.ts';

/** One event of the lab's log. */
export interface EventRow {
  /** The order of events, also within one instant; the first is 1. */
  readonly sequence: number;
  readonly at: Nanos;
  /** Who says so: 'worker02', 'lan', 'controller'. */
  readonly source: string;
  /** 'neighbor-changed'; all kinds and their fields are listed in src/REFERENCE.md. */
  readonly kind: string;
  readonly fields: Readonly<Record<string, EventValue>>;
}

/** The last `limit` events after the first `after`, oldest first. */
export function eventRows({ events: log }: Lab, after: number, limit: number): EventRow[] {
  const total = log.forgotten + log.events.length;
  const first = Math.max(after, log.forgotten, total - limit);
  return log.events.slice(first - log.forgotten).map((event, index) => ({
    sequence: first + index + 1,
    at: event.at,
    source: event.source,
    kind: event.kind,
    fields: { ...event.fields },
  }));
}
