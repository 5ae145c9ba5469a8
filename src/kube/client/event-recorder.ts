// Kubernetes Events as components record them: one object per involved object, reason and message,
// counted when it happens again. Events about cluster-scoped objects live in namespace `default`.

import { hashName } from '../../sim/random.ts';
import { type Event, Events, type ObjectReference } from '../kinds/event.ts';
import type { KubeObject, NewObject } from '../kinds/object.ts';
import type { ObjectStore } from '../server/store.ts';

/** Records events of one component. */
export class EventRecorder {
  readonly #store: ObjectStore;
  readonly #component: string;

  /** @param component who records: 'node-controller' */
  constructor(store: ObjectStore, component: string) {
    this.#store = store;
    this.#component = component;
  }

  /** Records that something happened to an object. */
  record(object: KubeObject, type: Event['type'], reason: string, message: string): void {
    const store = this.#store;
    const now = store.clock.timestamp();
    const { name, namespace = 'default', uid } = object.metadata;
    const text = `${object.kind}/${namespace}/${name}/${this.#component}/${type}/${reason}/${message}`;
    const eventName = `${name}.${hashName(text).toString(16).padStart(8, '0')}`;
    const known = store.get(Events, eventName, namespace);
    if (known !== null) {
      store.update(Events, { ...known, count: known.count + 1, lastTimestamp: now });
      return;
    }
    const { namespace: own } = object.metadata;
    const involvedObject: ObjectReference =
      own === undefined
        ? { kind: object.kind, name, uid }
        : { kind: object.kind, name, namespace, uid };
    const event: NewObject<Event> = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      involvedObject,
      type,
      reason,
      message,
      source: { component: this.#component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    store.create(Events, event);
  }
}
