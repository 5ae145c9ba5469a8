// v1 Event: something that happened to an object, counted when it happens again.

import type { JsonObject } from '../json.ts';
import { ageCell, column, wideColumn } from './columns.ts';
import { defineKind, type Kind } from './kind.ts';
import type { ObjectMeta } from './object.ts';
import { integer, openObject, text, timestamp } from './schema.ts';

/** An object that another one speaks of. */
export type ObjectReference = {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
};

/** Something that happened to an object. */
export type Event = {
  readonly apiVersion: 'v1';
  readonly kind: 'Event';
  readonly metadata: ObjectMeta;
  readonly involvedObject: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly component: string; readonly host?: string };
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
};

/** What happened in the cluster. */
export const Events: Kind<Event> = defineKind<Event>({
  name: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  description: 'Event is a report of an event somewhere in the cluster.',
  fields: {
    involvedObject: openObject('The object that this event is about.', {
      kind: text('Kind of the referent.'),
      name: text('Name of the referent.'),
      namespace: text('Namespace of the referent.'),
      uid: text('UID of the referent.'),
    }),
    type: text('Type of this event (Normal, Warning).'),
    reason: text('Short, machine understandable reason for the transition.'),
    message: text('A human-readable description of the status of this operation.'),
    source: openObject('The component reporting this event.', {
      component: text('Component from which the event is generated.'),
      host: text('Node name on which the event is generated.'),
    }),
    firstTimestamp: timestamp('The time at which the event was first recorded.'),
    lastTimestamp: timestamp('The time at which the event was last recorded.'),
    count: integer('The number of times this event has occurred.'),
  },
  required: ['involvedObject'],
  columns: [
    column('Last Seen', ({ lastTimestamp }, { clock }) => ageCell(lastTimestamp, clock)),
    column('Type', ({ type }) => type),
    column('Reason', ({ reason }) => reason),
    column('Object', ({ involvedObject: { kind, name } }) => `${kind.toLowerCase()}/${name}`),
    wideColumn('Subobject', () => ''),
    wideColumn('Source', eventSource),
    column('Message', ({ message }) => message),
    wideColumn('First Seen', ({ firstTimestamp }, { clock }) => ageCell(firstTimestamp, clock)),
    wideColumn('Count', ({ count }) => count),
    wideColumn('Name', ({ metadata }) => metadata.name),
  ],
  complete: (document) => ({ ...document, ...missingFrom(document) }),
});

const DEFAULTS = {
  type: 'Normal',
  reason: '',
  message: '',
  source: { component: '' },
  firstTimestamp: '',
  lastTimestamp: '',
  count: 1,
};

function missingFrom(document: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(DEFAULTS).filter(([field]) => document[field] === undefined),
  );
}

function eventSource({ source: { component, host } }: Event): string {
  return host === undefined ? component : `${component}, ${host}`;
}
