// A cluster as a fabric finds it: who is where, in plain data. `ClusterSpec` of a topology is one.

import type { Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';

/** Of an object of the API. */
export interface Metadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A node before it runs. */
export interface NodePlan extends Metadata {
  readonly name: string;
  readonly role: 'master' | 'worker';
  /** The interface of the primary address. */
  readonly primaryInterface: string;
  /** The primary address with the prefix length of its segment. */
  readonly address: Ipv4Cidr;
  /** The pod subnet, canonical. */
  readonly subnet: Ipv4Cidr;
}

/** A namespace of the topology. */
export interface NamespacePlan extends Metadata {
  readonly name: string;
}

/** A pod before it runs. */
export interface PodPlan extends Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  /** With the prefix length of the node's pod subnet. */
  readonly address: Ipv4Cidr;
  readonly mac: MacAddress;
}

/** Which fabric a cluster runs, and what its section of the topology says. */
export interface FabricPlan {
  /** `Fabric.kind`. */
  readonly kind: string;
  /** What `FabricSection.normalize` made of the section; plain data that only the fabric can read. */
  readonly settings: FabricSettings;
}

/** JSON: texts, numbers, lists and maps of them. */
export type FabricSettings = { readonly [key: string]: PlainData };
/** What survives JSON. */
export type PlainData = string | number | boolean | null | readonly PlainData[] | FabricSettings;

/** The whole cluster before it runs. */
export interface ClusterPlan {
  readonly fabric: FabricPlan;
  /** All pod addresses; holds every node's subnet. */
  readonly clusterNetwork: Ipv4Cidr;
  /** The node of the controllers: the first master; null when there is none. */
  readonly controller: string | null;
  readonly nodes: readonly NodePlan[];
  readonly namespaces: readonly NamespacePlan[];
  readonly pods: readonly PodPlan[];
}
