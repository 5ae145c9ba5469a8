// What every way of electing, detecting and announcing egress IPs has in common: it puts an agent on
// each node and perhaps a controller on one, which watch the API through their own connections and act
// through EgressNode alone. test/contract/egress-policy.ts says what each implementation owes.

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

/** What a policy finds in the lab. */
export interface EgressContext {
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  readonly events: Emitter<OpenshiftSdnEvents>;
  /** The policy forks what it draws from: 'allocator', 'monitor', 'names'. */
  readonly random: Random;
  readonly logs: PodLogs;
}

/** A process of the policy: the agent of a node, or the controller. */
export interface EgressProcess {
  /** The pod it runs in. */
  readonly pod: string;
  readonly running: boolean;
  /** Starts with nothing remembered. Starting what runs is a no-op. */
  start(): void;
  /** Dies on the spot: nothing is undone, nothing more is said. Stopping what stands is a no-op. */
  stop(): void;
}

/** The agent's side of one node. */
export interface AgentSite {
  readonly node: EgressNode;
  /** The node's own address, HostSubnet.hostIP. */
  readonly nodeIp: Ipv4Address;
  readonly connection: ApiConnection;
  /** Fixes the pod's name; otherwise it is derived from the seed. */
  readonly pod?: string;
  /** True when pods of this VNID run here, so that what becomes of it is worth an event. */
  readonly hosts?: (vnid: number) => boolean;
}

/** The controller's side of the node it runs on. */
export interface ControllerSite {
  readonly dialer: Dialer;
  readonly connection: ApiConnection;
  readonly pod?: string;
}

/** One implementation, set up for one lab. Nothing runs before `start`. */
export interface EgressPolicy {
  readonly name: string;
  /** The agent of one node. */
  agent(site: AgentSite): EgressProcess;
  /** The central part; null when the policy has none. */
  controller(site: ControllerSite): EgressProcess | null;
}
