// Who notices that a node is gone without asking the network: kubelets renew a lease every 10 s through
// their node's connection, and the node controller, which looks every 5 s, calls a node NotReady (Ready
// Unknown) when it has heard nothing for 40 s. Kubernetes 1.17 defaults. A kubelet registers
// its Node when it starts, and not later: one that is deleted while it runs stays away. Evicting its pods is
// left out.

import type { Emitter } from '../../sim/event-log.ts';
import type { Random } from '../../sim/random.ts';
import type { Scheduler, Timer } from '../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import type { ApiConnection } from '../client/connection.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import type { KubeEvents } from '../events.ts';
import { type Condition, conditionStatus } from '../kinds/conditions.ts';
import { type Node, Nodes, type Taint } from '../kinds/node.ts';
import type { NewObject } from '../kinds/object.ts';
import type { ObjectStore } from '../server/store.ts';

/** kubelet: node lease renew interval (a quarter of the 40 s lease duration). */
const HEARTBEAT_INTERVAL: Nanos = seconds(10);
/** kube-controller-manager --node-monitor-period. */
const NODE_MONITOR_PERIOD: Nanos = seconds(5);
/** kube-controller-manager --node-monitor-grace-period. */
const NODE_MONITOR_GRACE: Nanos = seconds(40);

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const KUBELET_CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];

/** What the node controller works with. */
export interface NodeLifecycleOptions {
  readonly scheduler: Scheduler;
  readonly store: ObjectStore;
  readonly events: Emitter<KubeEvents>;
  readonly random: Random;
}

/** The node controller, and the kubelets it listens to. */
export class NodeLifecycle {
  readonly #options: NodeLifecycleOptions;
  readonly #recorder: EventRecorder;
  /** When the API last heard of each node. */
  readonly #renewed = new Map<string, Nanos>();
  #timer: Timer | null = null;

  constructor(options: NodeLifecycleOptions) {
    this.#options = options;
    this.#recorder = new EventRecorder(options.store, 'node-controller');
  }

  /** The controller begins to look; nodes it has never heard of count from now. */
  start(): void {
    if (this.#timer === null) this.#arm();
  }

  /** The controller dies: no node becomes NotReady from then on. */
  stop(): void {
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
    this.#timer = null;
  }

  /** The kubelet of a node, not yet started. */
  kubelet(node: string, connection: ApiConnection, registration: Registration): Kubelet {
    const { scheduler, random } = this.#options;
    const phase = Math.round(random.fork(`kubelet:${node}`).unit() * HEARTBEAT_INTERVAL);
    return new Kubelet(node, connection, scheduler, phase, (name, first) => {
      if (first) this.#register(name, registration);
      this.#hear(name);
    });
  }

  #arm(): void {
    const options = { background: true };
    this.#timer = this.#options.scheduler.after(NODE_MONITOR_PERIOD, check, this, null, options);
  }

  /** Called by the timer. */
  check(): void {
    this.#arm();
    const { scheduler, store } = this.#options;
    for (const node of store.list(Nodes).items) {
      const { name } = node.metadata;
      const last = this.#renewed.get(name);
      if (last === undefined) this.#renewed.set(name, scheduler.now);
      else if (scheduler.now - last > NODE_MONITOR_GRACE && isHeardOf(node)) this.#lose(node);
    }
  }

  /** A lease was renewed; a kubelet that was given up posts its status at once. */
  #hear(name: string): void {
    const { scheduler, store } = this.#options;
    this.#renewed.set(name, scheduler.now);
    const node = store.get(Nodes, name);
    if (node === null || conditionStatus(node.status.conditions, 'Ready') === 'True') return;
    this.#write(node, 'True', 'KubeletReady', 'kubelet is posting ready status', []);
    this.#recorder.record(node, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`);
    this.#options.events.emit('api', 'node-ready', { node: name });
  }

  /** kubelet_node_status.go, registerWithAPIServer: a Node that exists is taken as it is. */
  #register(name: string, registration: Registration): void {
    const { events, store } = this.#options;
    if (store.get(Nodes, name) !== null) return;
    const created = store.create(Nodes, registration(store.clock.timestamp()));
    if (!created.ok) return;
    const text = `Node ${name} event: Registered Node ${name} in Controller`;
    this.#recorder.record(created.object, 'Normal', 'RegisteredNode', text);
    events.emit('api', 'node-registered', { node: name });
  }

  #lose(node: Node): void {
    const { name } = node.metadata;
    const { clock } = this.#options.store;
    const taints = ['NoSchedule', 'NoExecute'].map(
      (effect): Taint => ({ key: UNREACHABLE, effect, timeAdded: clock.timestamp() }),
    );
    const message = 'Kubelet stopped posting node status.';
    this.#write(node, 'Unknown', 'NodeStatusUnknown', message, taints);
    const text = `Node ${name} status is now: NodeNotReady`;
    this.#recorder.record(node, 'Normal', 'NodeNotReady', text);
    this.#options.events.emit('api', 'node-not-ready', { node: name });
  }

  #write(
    node: Node,
    ready: Condition['status'],
    reason: string,
    message: string,
    taints: readonly Taint[],
  ): void {
    const { store } = this.#options;
    const now = store.clock.timestamp();
    const conditions = (node.status.conditions ?? [{ type: 'Ready', status: ready }]).map(
      (condition): Condition => {
        if (!KUBELET_CONDITIONS.includes(condition.type)) return condition;
        const { type } = condition;
        // The pressure conditions are False while the kubelet talks, and Unknown like Ready when not.
        const status = type === 'Ready' || ready === 'Unknown' ? ready : 'False';
        return { ...condition, status, reason, message, lastTransitionTime: now };
      },
    );
    const { taints: before = [], ...spec } = node.spec;
    const kept = [...before.filter(({ key }) => key !== UNREACHABLE), ...taints];
    store.update(Nodes, {
      ...node,
      spec: kept.length === 0 ? spec : { ...spec, taints: kept },
      status: { ...node.status, conditions },
    });
  }
}

/** The Node that a kubelet registers, not Ready yet; `created` is the time of it. */
export type Registration = (created: string) => NewObject<Node>;

/** The part of a node's kubelet that says it is alive. */
export class Kubelet {
  readonly #node: string;
  readonly #connection: ApiConnection;
  readonly #scheduler: Scheduler;
  readonly #phase: Nanos;
  readonly #hear: (node: string, first: boolean) => void;
  /** Since it started it has reached the API. */
  #registered = false;
  #timer: Timer | null = null;

  constructor(
    node: string,
    connection: ApiConnection,
    scheduler: Scheduler,
    phase: Nanos,
    hear: (node: string, first: boolean) => void,
  ) {
    this.#node = node;
    this.#connection = connection;
    this.#scheduler = scheduler;
    this.#phase = phase;
    this.#hear = hear;
  }

  get running(): boolean {
    return this.#timer !== null;
  }

  /** Renews at once, then every HEARTBEAT_INTERVAL from a phase of its own. */
  start(): void {
    if (this.#timer !== null) return;
    this.#registered = false;
    this.#renew();
    this.#arm(this.#phase);
  }

  /** Dies: nothing is said any more. */
  stop(): void {
    if (this.#timer !== null) this.#scheduler.cancel(this.#timer);
    this.#timer = null;
  }

  /** Called by the timer. */
  beat(): void {
    this.#arm(HEARTBEAT_INTERVAL);
    this.#renew();
  }

  #arm(delay: Nanos): void {
    this.#timer = this.#scheduler.after(delay, beat, this, null, { background: true });
  }

  #renew(): void {
    const { latency } = this.#connection;
    // A lost renewal is simply not heard: the next one comes soon enough.
    if (!this.#connection.up) return;
    const options = { background: true };
    this.#scheduler.after(latency, arrive, this, this.#connection.session, options);
  }

  /** Called when a renewal arrives at the server. */
  arrive(session: number): void {
    if (session !== this.#connection.session) return;
    const first = !this.#registered;
    this.#registered = true;
    this.#hear(this.#node, first);
  }
}

function isHeardOf(node: Node): boolean {
  return conditionStatus(node.status.conditions, 'Ready') !== 'Unknown';
}

function check(lifecycle: NodeLifecycle): void {
  lifecycle.check();
}

function beat(kubelet: Kubelet): void {
  kubelet.beat();
}

function arrive(kubelet: Kubelet, session: number): void {
  kubelet.arrive(session);
}
