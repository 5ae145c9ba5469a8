// The cluster's brain: the API objects, each node's connection to them, and the processes of the
// egress policy. Which processes run, and who can reach the API, is decided by those who break things.

import { present } from '../base/assert.ts';
import type { FabricEvents } from '../fabric/events.ts';
import { OpenshiftSdn } from '../fabric/openshift-sdn/control/index.ts';
import type { EgressProcess } from '../fabric/openshift-sdn/control/policy.ts';
import type { Profile } from '../fabric/openshift-sdn/control/profile.ts';
import type { ClusterNode } from '../fabric/openshift-sdn/datapath/node.ts';
import { OPENSHIFT_SDN_KINDS } from '../fabric/openshift-sdn/kinds/index.ts';
import { ApiConnection } from '../kube/client/connection.ts';
import { type Kubelet, NodeLifecycle } from '../kube/controllers/node-lifecycle.ts';
import type { KubeEvents } from '../kube/events.ts';
import type { JsonObject } from '../kube/json.ts';
import { KindRegistry } from '../kube/kinds/registry.ts';
import { PodLogs } from '../kube/server/pod-logs.ts';
import { ObjectStore } from '../kube/server/store.ts';
import type { WallClock } from '../kube/wall-clock.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Random } from '../sim/random.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { ClusterEvents } from './events.ts';

export interface ControlPlaneOptions {
  readonly scheduler: Scheduler;
  readonly events: Emitter<ClusterEvents & FabricEvents & KubeEvents>;
  readonly random: Random;
  readonly clock: WallClock;
  readonly profile: Profile;
  readonly nodes: readonly ClusterNode[];
  /** The node on which the controller runs. */
  readonly controllerNode: ClusterNode;
  /** True when pods of this VNID run on that node. */
  readonly hosts: (node: ClusterNode, vnid: number) => boolean;
}

/** What one node has of the control plane. */
interface Site {
  readonly node: ClusterNode;
  readonly connection: ApiConnection;
  readonly agent: EgressProcess;
  readonly kubelet: Kubelet;
}

export class ControlPlane {
  readonly store: ObjectStore;
  readonly clock: WallClock;
  readonly logs: PodLogs;
  readonly controller: EgressProcess | null;
  readonly #events: Emitter<ClusterEvents>;
  readonly #controllerNode: ClusterNode;
  readonly #controllerConnection: ApiConnection;
  readonly #lifecycle: NodeLifecycle;
  readonly #sites = new Map<string, Site>();

  /** Nothing runs before `start`. */
  constructor(options: ControlPlaneOptions) {
    const { scheduler, events, random, clock, profile, nodes, controllerNode } = options;
    this.clock = clock;
    this.#events = events;
    this.store = new ObjectStore({
      kinds: new KindRegistry(OPENSHIFT_SDN_KINDS),
      scheduler,
      clock,
      seed: random.seed,
    });
    this.logs = new PodLogs(scheduler);
    const { store, logs } = this;
    const policy = new OpenshiftSdn({ scheduler, clock, events, random, logs }, { profile });
    this.#lifecycle = new NodeLifecycle({ scheduler, store, events, random });
    for (const node of nodes) {
      const connection = new ApiConnection({ store, scheduler, name: node.name });
      const nodeIp = node.address.address;
      const hosts = (vnid: number): boolean => options.hosts(node, vnid);
      const agent = policy.agent({ node, nodeIp, connection, hosts });
      const kubelet = this.#lifecycle.kubelet(node.name, connection);
      this.#sites.set(node.name, { node, connection, agent, kubelet });
    }
    this.#controllerNode = controllerNode;
    this.#controllerConnection = new ApiConnection({ store, scheduler, name: 'controller' });
    const connection = this.#controllerConnection;
    this.controller = policy.controller({ dialer: controllerNode, connection });
    for (const node of nodes) {
      node.stack.onPower((on) => (on ? this.#boot(node) : this.#lose(node)));
    }
  }

  /** The sdn pod of a node. */
  agent(node: string): EgressProcess | null {
    return this.#sites.get(node)?.agent ?? null;
  }

  connection(node: string): ApiConnection | null {
    return this.#sites.get(node)?.connection ?? null;
  }

  /** Puts the objects there that exist at time zero. */
  seed(objects: readonly JsonObject[]): void {
    for (const object of objects) {
      const kind = this.store.kinds.of(object.apiVersion, object.kind);
      this.store.createFrom(present(kind, 'a seed is of a kind of this store'), object);
    }
  }

  /** Starts every agent and kubelet, the egress controller and the node controller. */
  start(): void {
    for (const { agent, kubelet } of this.#sites.values()) {
      agent.start();
      kubelet.start();
    }
    this.controller?.start();
    this.#lifecycle.start();
  }

  stopAgent(node: string): void {
    const agent = this.#sites.get(node)?.agent;
    if (agent?.running !== true) return;
    agent.stop();
    this.#events.emit(node, 'agent-stopped', { pod: agent.pod });
  }

  startAgent(node: string): void {
    const site = this.#sites.get(node);
    if (site?.node.stack.powered !== true || site.agent.running) return;
    site.agent.start();
    this.#events.emit(node, 'agent-started', { pod: site.agent.pod });
  }

  /** Cuts or restores each node's way to the API. */
  updateConnections(reachable: (node: ClusterNode) => boolean): void {
    for (const { node, connection } of this.#sites.values()) {
      setUp(connection, reachable(node));
    }
    setUp(this.#controllerConnection, reachable(this.#controllerNode));
  }

  #lose(node: ClusterNode): void {
    const site = this.#sites.get(node.name);
    site?.agent.stop();
    site?.kubelet.stop();
    if (node === this.#controllerNode) this.controller?.stop();
  }

  #boot(node: ClusterNode): void {
    const site = this.#sites.get(node.name);
    site?.agent.start();
    site?.kubelet.start();
    if (node === this.#controllerNode) this.controller?.start();
  }
}

function setUp(connection: ApiConnection, up: boolean): void {
  if (up) connection.restore();
  else connection.cut();
}
