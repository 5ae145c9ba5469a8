// Where the processes of OpenShift SDN run: what they find in the lab, and what each is given. They watch
// the API through their own connections and act through EgressNode alone.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { PodLogs } from '../../../kube/server/pod-logs.ts';
import type { WallClock } from '../../../kube/wall-clock.ts';
import type { Emitter } from '../../../sim/event-log.ts';
import type { Random } from '../../../sim/random.ts';
import type { Scheduler } from '../../../sim/scheduler.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import type { Dialer } from '../../dialer.ts';
import type { OpenshiftSdnEvents } from '../events.ts';
import type { EgressNode } from './egress-node.ts';

/** What all the processes share. */
export interface SdnContext {
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  readonly events: Emitter<OpenshiftSdnEvents>;
  /** Forked by name: 'allocator', 'monitor', 'names'. */
  readonly random: Random;
  readonly logs: PodLogs;
}

/** A pod of the cluster network that runs on a node. */
export interface LocalPod {
  readonly name: string;
  readonly namespace: string;
  /** Without a prefix length. */
  readonly address: string;
}

/** The agent's side of one node. */
export interface AgentSite {
  readonly node: EgressNode;
  /** The node's own address, HostSubnet.hostIP. */
  readonly nodeIp: Ipv4Address;
  readonly connection: ApiConnection;
  /** Fixes the pod's name; otherwise it is derived from the seed. */
  readonly pod?: string;
  /** The pods of this VNID that run here, by name: what becomes of them is worth an event. All are worth one when left out. */
  readonly podsOf?: (vnid: number) => readonly string[];
  /** All the pods that run here, as the agent's start finds them; none when left out. */
  readonly pods?: readonly LocalPod[];
}

/** The controller's side of the node it runs on. */
export interface ControllerSite {
  /** The name of that node. */
  readonly node: string;
  readonly dialer: Dialer;
  /** The pod subnet of a node by name, for the HostSubnet of one that registers again; null for others. */
  readonly subnetOf?: (node: string) => string | null;
  readonly connection: ApiConnection;
  readonly pod?: string;
}
