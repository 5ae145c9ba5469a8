// Runs a zone controller on a connection of its own: four watches, each of which may lag, and the small
// pause between the two transactions of a move.

import type { ApiConnection } from '../../../../kube/client/connection.ts';
import type { Informer } from '../../../../kube/client/informer.ts';
import { type Namespace, Namespaces } from '../../../../kube/kinds/namespace.ts';
import { type Node, Nodes } from '../../../../kube/kinds/node.ts';
import { objectKey } from '../../../../kube/kinds/object.ts';
import { type Pod, Pods } from '../../../../kube/kinds/pod.ts';
import type { Scheduler } from '../../../../sim/scheduler.ts';
import { millis, type Nanos } from '../../../../sim/time.ts';
import { type EgressIp, EgressIps } from '../../kinds/egress-ip.ts';
import type { NorthboundDatabase } from '../../northbound.ts';
import { type LockedTask, Tasks } from '../allocator/tasks.ts';
import type { Voice } from '../sink.ts';
import { namedNamespace, namedNamespaces } from '../view/named-namespace.ts';
import { type PodView, viewPod } from '../view/pod-view.ts';
import type { ZoneController } from './zone-controller.ts';
import { nodeSnat, nodeSnatKey } from './zone-writer.ts';

/** Between two transactions of one controller, northd and ovn-controller apart. */
const TRANSACTION_GAP: Nanos = millis(2);

/** What a zone controller is run with. */
export interface ZoneDriverOptions {
  readonly connection: ApiConnection;
  readonly scheduler: Scheduler;
  readonly controller: ZoneController;
  readonly voice: Voice;
  /** How late this zone hears of everything now. */
  readonly delay: () => Nanos;
  /** Where pods have SNAT rows to the address of their node (`disable-snat-multiple-gws`); null: nowhere. */
  readonly podSnat: NorthboundDatabase | null;
  /** The node that is the zone; null: all of them. */
  readonly node: string | null;
  /** Two transactions with a pause, or one. */
  readonly movesInTwo: boolean;
  /** Runs a change as one transaction. */
  readonly transact: (write: () => void) => void;
  /** Told after whatever may have changed rows, or the view. */
  readonly onChange: () => void;
}

/** Runs one zone controller. */
export class ZoneDriver {
  readonly #options: ZoneDriverOptions;
  readonly #tasks = new Tasks();
  #nodes: Informer<Node> | null = null;
  #namespaces: Informer<Namespace> | null = null;
  #pods: Informer<Pod> | null = null;
  #egressIps: Informer<EgressIp> | null = null;
  /** When what was announced last is heard of. */
  #heard: Nanos = 0;
  #started = false;
  #stopped = false;

  constructor(options: ZoneDriverOptions) {
    this.#options = options;
  }

  start(): void {
    const { connection, controller } = this.#options;
    const onList = (): void => this.#later(() => this.#sync());
    this.#nodes = connection.informer(Nodes, {
      onList,
      onChange: ({ object, type }) => this.#hear(type === 'DELETED' ? nodeIsGone : setNode, object),
    });
    this.#namespaces = connection.informer(Namespaces, {
      onList,
      onChange: ({ object, type }) =>
        this.#hear(type === 'DELETED' ? namespaceIsGone : setNamespace, object),
    });
    this.#pods = connection.informer(Pods, {
      onList,
      onChange: ({ object, type }) => {
        const isGone = type === 'DELETED';
        this.#hear((_, pod) => {
          this.#translate(viewPod(pod), isGone);
          return isGone ? controller.deletePod(objectKey(pod)) : controller.setPod(pod);
        }, object);
      },
    });
    this.#egressIps = connection.informer(EgressIps, {
      onList,
      onChange: ({ object, type }) => {
        if (type === 'DELETED') this.#hear(egressIpIsGone, object);
        else this.#hearOf(object);
      },
    });
  }

  stop(): void {
    const { connection } = this.#options;
    this.#stopped = true;
    this.#tasks.stop();
    if (this.#nodes !== null) connection.release(this.#nodes);
    if (this.#namespaces !== null) connection.release(this.#namespaces);
    if (this.#pods !== null) connection.release(this.#pods);
    if (this.#egressIps !== null) connection.release(this.#egressIps);
  }

  #sync(): void {
    const { controller, node, onChange } = this.#options;
    const egressIps = this.#egressIps;
    const namespaces = this.#namespaces;
    const nodes = this.#nodes;
    const pods = this.#pods;
    if (this.#started || egressIps?.synced !== true || namespaces?.synced !== true) return;
    if (nodes?.synced !== true || pods?.synced !== true) return;
    this.#started = true;
    controller.learn({
      nodes: nodes.list(),
      namespaces: namedNamespaces(namespaces.list()),
      pods: pods.list(),
      egressIps: egressIps.list(),
    });
    const { view } = controller;
    for (const pod of node === null ? view.pods.values() : view.pods.on(node)) {
      this.#translate(pod, false);
    }
    controller.start(egressIps.list());
    onChange();
  }

  /** Each pod of the zone has a row to its node's address, until an egress IP of that node takes its place. */
  #translate(pod: PodView, isGone: boolean): void {
    const { controller, podSnat } = this.#options;
    const { node } = pod;
    const isHere = this.#options.node === null || node === this.#options.node;
    if (podSnat === null || node === null || !isHere || pod.hostNetwork) return;
    for (const ip of pod.ips) {
      const key = nodeSnatKey(node, ip);
      const row = nodeSnat(controller.view.nodes.get(node), ip);
      if (isGone || pod.completed) podSnat.remove('nat', key);
      else if (row !== null && !controller.hasEgressRow(pod.key)) podSnat.put('nat', row);
    }
  }

  /** Nothing waits, here or on its way: what comes now is acted on at once. */
  get #isCurrent(): boolean {
    const { delay, scheduler } = this.#options;
    return this.#tasks.isIdle && delay() === 0 && this.#heard <= scheduler.now;
  }

  /** `act` returns whether the change matters in this zone. */
  #hear<T>(act: (controller: ZoneController, object: T) => boolean, object: T): void {
    const { controller, onChange } = this.#options;
    if (this.#isCurrent) {
      if (this.#started && act(controller, object)) onChange();
      return;
    }
    const task: LockedTask = (done) => {
      if (this.#started && act(controller, object)) onChange();
      done();
    };
    this.#later(() => this.#tasks.add(task));
  }

  /** Most zones of a large cluster have nothing to do with an object, and go on at once. */
  #hearOf(object: EgressIp): void {
    const { controller } = this.#options;
    if (this.#isCurrent) {
      if (this.#started && controller.hearOf(object))
        this.#tasks.add((done) => this.#update(object, done));
      return;
    }
    const task: LockedTask = (done) => {
      if (this.#started && controller.hearOf(object)) this.#update(object, done);
      else done();
    };
    this.#later(() => this.#tasks.add(task));
  }

  /** First what goes, then what comes, in transactions of their own. */
  #update(object: EgressIp, done: () => void): void {
    const { controller, movesInTwo, onChange, scheduler, transact, voice } = this.#options;
    const join = (): void => {
      if (this.#stopped) return;
      controller.joinEgressIp(object);
      onChange();
      done();
    };
    let problem: string | null = null;
    const leave = (): void => {
      problem = controller.leaveEgressIp(object);
    };
    if (!movesInTwo) {
      transact(() => {
        leave();
        if (problem === null) controller.joinEgressIp(object);
      });
      onChange();
      done();
    } else {
      leave();
      if (problem === null) {
        onChange();
        scheduler.after(TRANSACTION_GAP, join, null, null);
      } else done();
    }
    if (problem !== null) {
      const what = `Failed to update EgressIP ${object.metadata.name}`;
      voice.log('E', 'obj_retry.go:595', `${what}: ${String(problem)}`);
    }
  }

  #later(task: () => void): void {
    const { scheduler } = this.#options;
    // One hears in order, also when the delay shrinks.
    const heard = Math.max(scheduler.now + this.#options.delay(), this.#heard);
    this.#heard = heard;
    if (heard === scheduler.now) task();
    else {
      const run = (): void => {
        if (!this.#stopped) task();
      };
      scheduler.at(heard, run, null, null);
    }
  }
}

function setNode(controller: ZoneController, node: Node): boolean {
  return controller.setNode(node);
}

function nodeIsGone(controller: ZoneController, { metadata }: Node): boolean {
  controller.deleteNode(metadata.name);
  return true;
}

function setNamespace(controller: ZoneController, namespace: Namespace): boolean {
  return controller.setNamespace(namedNamespace(namespace));
}

function namespaceIsGone(controller: ZoneController, { metadata }: Namespace): boolean {
  controller.deleteNamespace(metadata.name);
  return false;
}

function egressIpIsGone(controller: ZoneController, { metadata }: EgressIp): boolean {
  return controller.deleteEgressIp(metadata.name);
}
