// What agents and the controller have in common: watches on the objects that egress IPs are made of, and
// the tracker that they feed. NetNamespaces are listed after HostSubnets, as the original does.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { Informer } from '../../../kube/client/informer.ts';
import type { Change } from '../../../kube/server/watch.ts';
import type { Nanos } from '../../../sim/time.ts';
import { type HostSubnet, HostSubnets } from '../kinds/host-subnet.ts';
import { type NetNamespace, NetNamespaces } from '../kinds/net-namespace.ts';
import { viewHostSubnet, viewsOfInterest } from './host-subnet-view.ts';
import { requestersOf } from './net-namespaces.ts';
import type { Tracker } from './tracker.ts';
import type { TrackerEffect } from './tracker-state.ts';

/** What a tracker is told of objects. */
type WatchingTracker = Pick<
  Tracker,
  'receiveHostSubnet' | 'deleteHostSubnet' | 'updateNetNamespace' | 'deleteNetNamespace'
>;

/** What a process watches with. */
export interface EgressWatchOptions {
  readonly connection: ApiConnection;
  /** A tracker, shared or not. */
  readonly tracker: WatchingTracker;
  /** Between two resyncs of an informer. */
  readonly resync: Nanos;
  /** Acts on what the tracker says. */
  readonly apply: (effects: readonly TrackerEffect[]) => void;
  /** A NetNamespace is about to reach the tracker. */
  readonly onNetNamespace?: (object: NetNamespace) => void;
  /** All that existed when the process started has reached the tracker. */
  readonly onListed?: () => void;
}

/** The watches of one life of a process. */
export class EgressWatch {
  readonly hostSubnets: Informer<HostSubnet>;
  readonly #options: EgressWatchOptions;
  #netNamespaces: Informer<NetNamespace> | null = null;
  #isStopped = false;

  constructor(options: EgressWatchOptions) {
    this.#options = options;
    const { connection, resync } = options;
    this.hostSubnets = connection.informer(
      HostSubnets,
      {
        onList: (items) => this.#listHostSubnets(items),
        onChange: (change) => this.#changeHostSubnet(change),
      },
      { resync },
    );
  }

  /** The process died. */
  stop(): void {
    this.#isStopped = true;
    const { connection } = this.#options;
    connection.release(this.hostSubnets);
    if (this.#netNamespaces !== null) connection.release(this.#netNamespaces);
  }

  #listHostSubnets(items: readonly HostSubnet[]): void {
    if (this.#isStopped) return;
    const { apply, connection, resync, tracker } = this.#options;
    for (const view of viewsOfInterest(items)) apply(tracker.receiveHostSubnet(view));
    this.#netNamespaces = connection.informer(
      NetNamespaces,
      {
        onList: (namespaces) => this.#listNetNamespaces(namespaces),
        onChange: (change) => this.#changeNetNamespace(change),
      },
      { resync },
    );
  }

  #changeHostSubnet({ type, object }: Change<HostSubnet>): void {
    if (this.#isStopped) return;
    const { apply, tracker } = this.#options;
    const view = viewHostSubnet(object);
    apply(type === 'DELETED' ? tracker.deleteHostSubnet(view) : tracker.receiveHostSubnet(view));
  }

  #listNetNamespaces(items: readonly NetNamespace[]): void {
    if (this.#isStopped) return;
    for (const object of requestersOf(items)) this.#updateNetNamespace(object);
    this.#options.onListed?.();
  }

  #changeNetNamespace({ type, object }: Change<NetNamespace>): void {
    if (this.#isStopped) return;
    if (type !== 'DELETED') {
      this.#updateNetNamespace(object);
      return;
    }
    const { apply, tracker } = this.#options;
    apply(tracker.deleteNetNamespace(object.metadata.name, object.netid));
  }

  #updateNetNamespace(object: NetNamespace): void {
    const { apply, onNetNamespace, tracker } = this.#options;
    onNetNamespace?.(object);
    const { metadata, netid, egressIPs = [] } = object;
    apply(tracker.updateNetNamespace(metadata.name, netid, egressIPs));
  }
}
