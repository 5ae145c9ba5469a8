// What sdn-controller does for HostSubnets and NetNamespaces when their Node or Namespace changes
// (pkg/network/master/subnets.go, vnids.go): a deleted Node takes its HostSubnet with it, a new
// InternalIP moves to hostIP while the egress fields survive, a Node that registers again gets a HostSubnet
// without egress fields, a deleted Namespace takes its NetNamespace. A node of the lab keeps its pod subnet,
// where the original takes the next free one; NetNamespaces for new Namespaces are left out.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { Informer } from '../../../kube/client/informer.ts';
import { type Namespace, Namespaces } from '../../../kube/kinds/namespace.ts';
import { type Node, Nodes } from '../../../kube/kinds/node.ts';
import type { NewObject } from '../../../kube/kinds/object.ts';
import { PatchType } from '../../../kube/server/patch.ts';
import type { Change } from '../../../kube/server/watch.ts';
import { type HostSubnet, HostSubnets } from '../kinds/host-subnet.ts';
import { NetNamespaces } from '../kinds/net-namespace.ts';
import type { Klog } from './klog.ts';
import type { MessageId } from './messages.ts';

/** What it needs of the controller. */
export interface ObjectLifecycleOptions {
  readonly connection: ApiConnection;
  readonly klog: Klog;
  /** The pod subnet of a node by name; null for a Node that is no machine of the lab. */
  readonly subnetOf: (node: string) => string | null;
}

/** Keeps HostSubnets and NetNamespaces in step with Nodes and Namespaces. */
export class ObjectLifecycle {
  readonly #options: ObjectLifecycleOptions;
  readonly #namespaces: Informer<Namespace>;
  readonly #nodes: Informer<Node>;
  #dead = false;

  constructor(options: ObjectLifecycleOptions) {
    this.#options = options;
    const { connection } = options;
    this.#nodes = connection.informer(Nodes, {
      onList: ignore,
      onChange: (change) => this.#changeNode(change),
    });
    this.#namespaces = connection.informer(Namespaces, {
      onList: ignore,
      onChange: (change) => this.#changeNamespace(change),
    });
  }

  /** The Node as the controller last heard of it. */
  node(name: string): Node | null {
    return this.#nodes.get(name);
  }

  /** The process died. */
  stop(): void {
    this.#dead = true;
    this.#options.connection.release(this.#nodes);
    this.#options.connection.release(this.#namespaces);
  }

  #changeNode({ object, previous, type }: Change<Node>): void {
    const { name } = object.metadata;
    if (type === 'DELETED') {
      this.#deleteHostSubnet(name);
      return;
    }
    const address = internalIp(object);
    if (address === null) return;
    if (type === 'ADDED' || previous === null) this.#createHostSubnet(object, address);
    if (previous === null || address === internalIp(previous)) return;
    this.#options.connection.request(
      (store) => store.patch(HostSubnets, name, undefined, PatchType.Merge, { hostIP: address }),
      (result) => {
        if (result.ok) this.#tell('hostsubnet-updated', 'Updated', result.object);
      },
    );
  }

  /** addNode: no egress IPs, no ranges; one that exists stays as it is. */
  #createHostSubnet({ metadata: { name, uid } }: Node, hostIP: string): void {
    const subnet = this.#options.subnetOf(name);
    if (subnet === null) return;
    const annotations = { 'pod.network.openshift.io/node-uid': uid };
    const object: NewObject<HostSubnet> = {
      apiVersion: 'network.openshift.io/v1',
      kind: 'HostSubnet',
      metadata: { name, annotations },
      host: name,
      hostIP,
      subnet,
    };
    this.#options.connection.request(
      (store) => store.create(HostSubnets, object),
      (result) => {
        if (result.ok) this.#tell('hostsubnet-created', 'Created', result.object);
      },
    );
  }

  #deleteHostSubnet(name: string): void {
    this.#options.connection.request(
      (store) => store.delete(HostSubnets, name),
      (result) => {
        if (result.ok) this.#tell('hostsubnet-deleted', 'Deleted', result.object);
      },
    );
  }

  #changeNamespace({ object, type }: Change<Namespace>): void {
    if (type !== 'DELETED') return;
    const { name } = object.metadata;
    this.#options.connection.request((store) => store.delete(NetNamespaces, name), ignore);
  }

  #tell(message: MessageId, what: string, { host, hostIP, metadata, subnet }: HostSubnet): void {
    if (this.#dead) return;
    const text = `${what} HostSubnet ${metadata.name} (host: "${host}", ip: "${hostIP}", subnet: "${subnet}")`;
    this.#options.klog.log(message, text);
  }
}

function internalIp(node: Node): string | null {
  return node.status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? null;
}

function ignore(): void {
  // Nothing follows from it.
}
