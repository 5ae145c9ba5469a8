// The objects of the API, as Kubernetes and OpenShift shape them: plain immutable JSON, ready to be
// printed, patched and sent over HTTP as they stand. Only the fields that the lab reads or prints.
// HostSubnet and NetNamespace are flat, without spec and status (network.openshift.io/v1).

import type { JsonValue } from '../json.ts';

/** What every stored object carries. Timestamps are RFC 3339 with whole seconds, UTC. */
export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  /** An integer as a string; one counter for all objects of a store. */
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The pod subnet of one node, the egress IPs it hosts and the ranges it offers. */
export type HostSubnet = {
  readonly apiVersion: 'network.openshift.io/v1';
  readonly kind: 'HostSubnet';
  readonly metadata: ObjectMeta;
  /** Must equal `metadata.name`. */
  readonly host: string;
  readonly hostIP: string;
  readonly subnet: string;
  readonly egressIPs?: readonly string[];
  readonly egressCIDRs?: readonly string[];
};

/** The virtual network of one namespace and the egress IPs it wants, in order of preference. */
export type NetNamespace = {
  readonly apiVersion: 'network.openshift.io/v1';
  readonly kind: 'NetNamespace';
  readonly metadata: ObjectMeta;
  readonly netname: string;
  /** The VNID, 0..16777215. */
  readonly netid: number;
  readonly egressIPs?: readonly string[];
};

/** One condition of a node or a pod. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastTransitionTime?: string;
};

export type Taint = { readonly key: string; readonly effect: string; readonly timeAdded?: string };

export type Node = {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    /** By resource: `kubectl describe node` divides by them. */
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly nodeInfo?: {
      readonly kubeletVersion: string;
      readonly osImage: string;
      readonly kernelVersion: string;
      readonly containerRuntimeVersion: string;
    };
  };
};

export type Namespace = {
  readonly apiVersion: 'v1';
  readonly kind: 'Namespace';
  readonly metadata: ObjectMeta;
  readonly status?: { readonly phase: string };
};

export type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
};

export type Pod = {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly nodeName: string;
    readonly hostNetwork?: boolean;
    readonly containers: readonly { readonly name: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

export type ObjectReference = {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
};

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

/** The object type of each kind. */
export interface ObjectsByKind {
  readonly Node: Node;
  readonly Namespace: Namespace;
  readonly Pod: Pod;
  readonly Event: Event;
  readonly HostSubnet: HostSubnet;
  readonly NetNamespace: NetNamespace;
}

export type Kind = keyof ObjectsByKind;
export type ObjectOf<K extends Kind> = ObjectsByKind[K];
/** Any object of the API. */
export type KubeObject = ObjectsByKind[Kind];

/** What a caller gives to `create`: the server fills in uid, resourceVersion and creationTimestamp. */
export type NewMeta = Partial<ObjectMeta> & { readonly name: string };
export type NewObject<K extends Kind> = Omit<ObjectOf<K>, 'metadata'> & {
  readonly metadata: NewMeta;
};

/** 'namespace/name', or the bare name of a cluster-scoped object: the key inside one kind. */
export function objectKey(object: KubeObject): string {
  return keyOf(object.metadata.name, object.metadata.namespace);
}

/** The key from its parts. */
export function keyOf(name: string, namespace?: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A JSON document as an object of a kind, once its resource has validated it. Types are erased at this edge. */
export function asObject<K extends Kind>(_kind: K, value: JsonValue): ObjectOf<K> {
  return value as unknown as ObjectOf<K>;
}
