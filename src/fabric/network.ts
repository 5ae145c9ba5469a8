// A fabric at work in one lab: its nodes' data paths, the pods that hang on them, its processes, and what
// the rest of the lab may ask it.

import type { ApiConnection } from '../kube/client/connection.ts';
import type { JsonObject } from '../kube/json.ts';
import type { PodLogs } from '../kube/server/pod-logs.ts';
import type { ObjectStore } from '../kube/server/store.ts';
import type { WallClock } from '../kube/wall-clock.ts';
import type { Port } from '../link/port.ts';
import type { Netfilter } from '../nat/netfilter.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Random } from '../sim/random.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { Claimant } from '../stack/claims.ts';
import type { StackEvents } from '../stack/events.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { FrameArena } from '../wire/frame.ts';
import type { Ipv4Address, Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { EgressRequest, OfflineVerdict } from './egress-request.ts';
import type { FabricEvents } from './events.ts';
import type { LogicalTables } from './logical.ts';
import type { ClusterPlan, PodPlan } from './plan.ts';
import type { FabricProcess } from './process.ts';
import type { EgressReasons } from './reason.ts';

/** The cluster's API, as the processes of a fabric reach it. */
export interface FabricApi {
  readonly clock: WallClock;
  /** What the containers of pods write, for `oc logs`. */
  readonly logs: PodLogs;
  /** The connection that all daemons of a node share. */
  connection(node: string): ApiConnection;
  /** One more connection from a node: a view of the API that lags by itself. It is cut with the node's. */
  connect(name: string, node: string): ApiConnection;
}

/**
 * A Linux machine that is to become a node, with the addresses and routes of the topology on it. A fabric
 * that has a bridge between a NIC and the kernel (OVN's br-ex) enslaves the NIC's port (`Port.enslave`) and
 * moves its addresses and routes to an interface behind the bridge; cables, faults and captures keep the NIC.
 */
export interface NodeMachine {
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
}

/** What a fabric finds in the lab. */
export interface FabricSite {
  readonly plan: ClusterPlan;
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly events: Emitter<FabricEvents & StackEvents>;
  /** The root stream of the lab: fork it by name, never draw from it. */
  readonly random: Random;
  readonly api: FabricApi;
  /** The machine of a node of the plan. */
  machine(node: string): NodeMachine;
}

/** A node with the fabric's data path on it. */
export interface FabricNode {
  readonly name: string;
  readonly stack: NetworkStack;
  /** The primary address. */
  readonly address: Ipv4Cidr;
  /** Ports inside the node, where frames pass that no interface shows: those of its bridge. */
  readonly innerPorts: readonly Port[];
}

/** A pod that runs: a host of its own behind its node. */
export interface FabricPod {
  readonly name: string;
  readonly namespace: string;
  readonly node: FabricNode;
  readonly stack: NetworkStack;
  readonly address: Ipv4Cidr;
}

/** What stands in the API at time zero because of the fabric. */
export interface FabricObjects {
  /** Created right after the Nodes: one of a kind for each node, as a rule. */
  readonly besideNodes: readonly JsonObject[];
  /** Created right after the Namespaces. */
  readonly besideNamespaces: readonly JsonObject[];
  /** What the fabric's node agents have written to each Node already, by node. */
  readonly nodeAnnotations: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Which Kubernetes the cluster is of. */
export interface Release {
  /** Of the kubelets: 'v1.17.1'. */
  readonly kubeletVersion: string;
  /** How `oc get` prints a list: `[a b]` (kube <= 1.18) or `["a","b"]`. */
  readonly listStyle: 'go' | 'json';
}

/** One fabric in one lab. Its data path works from the start, its processes are started by the cluster. */
export interface FabricNetwork {
  /** By name, in the order of the plan. */
  readonly nodes: ReadonlyMap<string, FabricNode>;
  readonly release: Release;
  /** In the order in which they are started; known once all pods are attached. */
  readonly processes: readonly FabricProcess[];
  /** Who answers ARP besides the kernels of hosts, nodes and pods: logical routers. */
  readonly claimants: readonly Claimant[];
  /** What it has besides kernels, for tables; null for a network of kernels alone. */
  readonly logical: LogicalTables | null;
  /** Makes a pod of the plan run. Called once for each, before anything is started. */
  attach(pod: PodPlan): FabricPod;
  /** Asked for once, when all pods are attached. */
  objects(created: string): FabricObjects;
  /** Why packets of a pod leave as they do now; `store` is what the API says. */
  whyPod(store: ObjectStore, pod: FabricPod): EgressReasons;
  /** Every address that an object names as an egress IP now, in the order of the objects. */
  egressAddresses(store: ObjectStore): readonly Ipv4Address[];
  /** What objects ask for now, in their order; empty in a fabric without egress IPs of its own. */
  egressRequests(store: ObjectStore): readonly EgressRequest[];
  /** Whom its running processes take for dead now: the controllers first, then the agents in the order of nodes. */
  offline(): readonly OfflineVerdict[];
}
