// The cluster's brain: the API objects, each node's connections to them, kubelets and the node
// controller, and the processes that the fabric brings. Which processes run, and who can reach the API,
// is decided by those who break things.

import { present } from '../base/assert.ts';
import type { FabricApi } from '../fabric/network.ts';
import type { FabricProcess } from '../fabric/process.ts';
import { ApiConnection } from '../kube/client/connection.ts';
import { type Kubelet, NodeLifecycle } from '../kube/controllers/node-lifecycle.ts';
import type { KubeEvents } from '../kube/events.ts';
import type { JsonObject } from '../kube/json.ts';
import type { Kind } from '../kube/kinds/kind.ts';
import type { Node } from '../kube/kinds/node.ts';
import type { NewObject } from '../kube/kinds/object.ts';
import { KindRegistry } from '../kube/kinds/registry.ts';
import { PodLogs } from '../kube/server/pod-logs.ts';
import { ObjectStore } from '../kube/server/store.ts';
import type { WallClock } from '../kube/wall-clock.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Random } from '../sim/random.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { Nanos } from '../sim/time.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { ClusterEvents } from './events.ts';

/** What a control plane is made of. */
export interface ControlPlaneOptions {
  readonly scheduler: Scheduler;
  readonly events: Emitter<ClusterEvents & KubeEvents>;
  readonly random: Random;
  readonly clock: WallClock;
  /** What the fabric brings to the API. */
  readonly kinds: readonly Kind[];
  /** The machines that are nodes. */
  readonly nodes: readonly NetworkStack[];
  /** The Node that the kubelet of a node registers. */
  readonly registration: (node: string, created: string) => NewObject<Node>;
}

/** What one node has of the control plane. */
interface Site {
  readonly stack: NetworkStack;
  /** That of kubelet and the node's agents. */
  readonly connection: ApiConnection;
  readonly kubelet: Kubelet;
}

/** A connection of a process that has its own. */
interface ExtraConnection {
  readonly node: string;
  readonly connection: ApiConnection;
}

/** The API of a cluster, the connections of its nodes, and the processes that run on them. */
export class ControlPlane implements FabricApi {
  readonly store: ObjectStore;
  readonly clock: WallClock;
  readonly logs: PodLogs;
  readonly #scheduler: Scheduler;
  readonly #events: Emitter<ClusterEvents>;
  readonly #lifecycle: NodeLifecycle;
  readonly #sites = new Map<string, Site>();
  readonly #extra: ExtraConnection[] = [];
  #processes: readonly FabricProcess[] = [];
  readonly #agents = new Map<string, FabricProcess[]>();

  /** Nothing runs before `start`. */
  constructor(options: ControlPlaneOptions) {
    const { scheduler, events, random, clock, kinds, nodes, registration } = options;
    this.clock = clock;
    this.#scheduler = scheduler;
    this.#events = events;
    this.store = new ObjectStore({
      kinds: new KindRegistry(kinds),
      scheduler,
      clock,
      seed: random.seed,
    });
    this.logs = new PodLogs(scheduler);
    const { store } = this;
    this.#lifecycle = new NodeLifecycle({ scheduler, store, events, random });
    for (const stack of nodes) {
      const connection = new ApiConnection({ store, scheduler, name: stack.name });
      const kubelet = this.#lifecycle.kubelet(stack.name, connection, (created) =>
        registration(stack.name, created),
      );
      this.#sites.set(stack.name, { stack, connection, kubelet });
    }
  }

  /** What the fabric brought. */
  get processes(): readonly FabricProcess[] {
    return this.#processes;
  }

  /** The agents of a node. */
  agents(node: string): readonly FabricProcess[] {
    return this.#agents.get(node) ?? [];
  }

  /** The processes that decide for all nodes. */
  get controllers(): readonly FabricProcess[] {
    return this.#processes.filter(({ role }) => role === 'controller');
  }

  connection(node: string): ApiConnection {
    return present(this.#sites.get(node), 'it is a node').connection;
  }

  connect(name: string, node: string): ApiConnection {
    const connection = new ApiConnection({ store: this.store, scheduler: this.#scheduler, name });
    this.#extra.push({ node, connection });
    return connection;
  }

  /** Puts the objects there that exist at time zero. */
  seed(objects: readonly JsonObject[]): void {
    for (const object of objects) {
      const kind = this.store.kinds.of(object.apiVersion, object.kind);
      this.store.restore(present(kind, 'a seed is of a kind of this store'), object);
    }
  }

  /**
   * Starts the agents and the kubelet of every node, then the controllers. From now on what runs on a
   * node dies with its power and comes back with it.
   */
  start(processes: readonly FabricProcess[]): void {
    this.#processes = processes;
    for (const each of processes) {
      if (each.role !== 'agent') continue;
      const there = this.#agents.get(each.node) ?? [];
      this.#agents.set(each.node, there);
      there.push(each);
    }
    for (const { stack } of this.#sites.values()) {
      stack.onPower((on) => (on ? this.#boot(stack.name) : this.#lose(stack.name)));
    }
    for (const [node, { kubelet }] of this.#sites) {
      for (const agent of this.agents(node)) agent.start();
      kubelet.start();
    }
    for (const controller of this.controllers) controller.start();
    this.#lifecycle.start();
  }

  /** From now on the agents of a node hear of every change so much later; those that cannot lag do not. */
  setApiDelay(node: string, delay: Nanos): void {
    for (const agent of this.agents(node)) agent.setApiDelay?.(delay);
    this.#events.emit(node, 'api-delay-changed', { delay });
  }

  /** Kills the agents of a node; its data path goes on. */
  stopAgents(node: string): void {
    for (const agent of this.agents(node)) {
      if (!agent.isRunning) continue;
      agent.stop();
      this.#events.emit(node, 'agent-stopped', { pod: agent.pod, container: agent.container });
    }
  }

  /** Starts those agents of a node that were killed; no-op without power. */
  startAgents(node: string): void {
    if (this.#sites.get(node)?.stack.powered !== true) return;
    for (const agent of this.agents(node)) {
      if (agent.isRunning) continue;
      agent.start();
      this.#events.emit(node, 'agent-started', { pod: agent.pod, container: agent.container });
    }
  }

  /** Cuts or restores each node's way to the API. */
  updateConnections(reachable: (node: string) => boolean): void {
    for (const [node, { connection }] of this.#sites) setUp(connection, reachable(node));
    for (const { node, connection } of this.#extra) setUp(connection, reachable(node));
  }

  #lose(node: string): void {
    for (const agent of this.agents(node)) agent.stop();
    this.#sites.get(node)?.kubelet.stop();
    for (const controller of this.#controllersOn(node)) controller.stop();
  }

  #boot(node: string): void {
    for (const agent of this.agents(node)) agent.start();
    this.#sites.get(node)?.kubelet.start();
    for (const controller of this.#controllersOn(node)) controller.start();
  }

  #controllersOn(node: string): readonly FabricProcess[] {
    return this.controllers.filter((controller) => controller.node === node);
  }
}

function setUp(connection: ApiConnection, up: boolean): void {
  if (up) connection.restore();
  else connection.cut();
}
