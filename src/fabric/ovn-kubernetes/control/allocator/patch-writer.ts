// Carries what the allocator decides to the API: one JSON patch per object, and requests to the cloud.

import type { ApiConnection } from '../../../../kube/client/connection.ts';
import type { JsonValue } from '../../../../kube/json.ts';
import type { Emitter } from '../../../../sim/event-log.ts';
import type { EgressEvents } from '../../../egress-events.ts';
import { CloudPrivateIpConfigs } from '../../kinds/cloud-private-ip-config.ts';
import { type EgressIp, type EgressIpStatusItem, EgressIps } from '../../kinds/egress-ip.ts';
import { MARK_ANNOTATION } from '../annotations.ts';
import type { CloudRequest } from './cloud.ts';
import type { EgressIpPatch } from './manager.ts';

/** Writes to the API and tells the event log. */
export class PatchWriter {
  readonly #connection: ApiConnection;
  readonly #events: Emitter<EgressEvents>;
  #dead = false;

  constructor(connection: ApiConnection, events: Emitter<EgressEvents>) {
    this.#connection = connection;
    this.#events = events;
  }

  /** The process died: nothing further is written, no answer is heard. */
  stop(): void {
    this.#dead = true;
  }

  /** `done` gets the object as it is now; null when the API refused or was out of reach. */
  patch(name: string, patch: EgressIpPatch, done: (object: EgressIp | null) => void): void {
    if (this.#dead) return;
    this.#connection.request(
      (store) => {
        const before = store.get(EgressIps, name)?.status?.items ?? [];
        const result = store.patch(EgressIps, name, undefined, 'json', bodyOf(patch));
        if (result.ok) this.#tell(before, result.object.status?.items ?? []);
        return result;
      },
      (result) => {
        if (!this.#dead) done(result.ok ? result.object : null);
      },
    );
  }

  askCloud(request: CloudRequest, done: () => void): void {
    if (this.#dead) return;
    this.#connection.request(
      (store) => {
        if (request.kind === 'delete') return store.delete(CloudPrivateIpConfigs, request.name);
        const known = store.get(CloudPrivateIpConfigs, request.object.metadata.name);
        if (known === null) return store.create(CloudPrivateIpConfigs, request.object);
        return store.update(CloudPrivateIpConfigs, { ...known, spec: request.object.spec });
      },
      () => {
        if (!this.#dead) done();
      },
    );
  }

  #tell(before: readonly EgressIpStatusItem[], after: readonly EgressIpStatusItem[]): void {
    const has = (items: readonly EgressIpStatusItem[], { egressIP, node }: EgressIpStatusItem) =>
      items.some((item) => item.node === node && item.egressIP === egressIP);
    for (const item of before) {
      if (has(after, item)) continue;
      const { egressIP: ip, node } = item;
      this.#events.emit('controller', 'egress-ip-unassigned', { ip, node });
    }
    for (const item of after) {
      if (has(before, item)) continue;
      const { egressIP: ip, node } = item;
      this.#events.emit('controller', 'egress-ip-assigned', { ip, node });
    }
  }
}

/**
 * As the original writes it: the status replaced as a whole, and the annotations as a map with the mark
 * alone, so that the first patch loses what a user had written there.
 */
function bodyOf({ items, mark }: EgressIpPatch): JsonValue {
  return [
    ...(items === undefined
      ? []
      : [{ op: 'add', path: '/status', value: { items: items.map((item) => ({ ...item })) } }]),
    ...(mark === undefined
      ? []
      : [{ op: 'add', path: '/metadata/annotations', value: { [MARK_ANNOTATION]: String(mark) } }]),
  ];
}
