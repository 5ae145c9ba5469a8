// Events of a lab, written down by hand and picked out of a log.

import type { LabEvent, LabEvents } from '../../src/lab/events.ts';
import type { EventOf } from '../../src/sim/event-log.ts';
import type { Nanos } from '../../src/sim/time.ts';

export type Kind = keyof LabEvents;

/** An event as a log would hold it. */
export function event<K extends Kind>(
  at: Nanos,
  source: string,
  kind: K,
  fields: Readonly<LabEvents[K]>,
): EventOf<LabEvents, K> {
  return { at, source, kind, fields };
}

/** The events of one kind. */
export type OfKind<K extends Kind> = Extract<LabEvent, { readonly kind: K }>;

/** For `filter` and `find`: events of this kind. */
export function isA<K extends Kind>(kind: K): (event: LabEvent) => event is OfKind<K> {
  return (event): event is OfKind<K> => event.kind === kind;
}
