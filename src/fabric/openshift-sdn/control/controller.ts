// The egress IP part of sdn-controller: its own tracker, the allocator that runs one quiet second
// after the last reason to, and the health monitor of the nodes with egressCIDRs. There is one leader;
// electing another when its node dies is left out, a dead controller stays dead until it is started.

import type { Node } from '../../../kube/kinds/node.ts';
import type { PodLog } from '../../../kube/server/pod-logs.ts';
import { LifeCycle } from '../../../sim/life-cycle.ts';
import type { Random } from '../../../sim/random.ts';
import { seconds } from '../../../sim/time.ts';
import type { FabricProcess } from '../../process.ts';
import { AllocationWriter } from './allocation-writer.ts';
import { type Allocation, allocate } from './allocator.ts';
import type { CloudNode } from './cloud.ts';
import { ControllerMonitor, type MonitoredNode, type Readiness } from './controller-monitor.ts';
import { EgressWatch } from './egress-watch.ts';
import { DEFAULT_VERBOSITY, Klog } from './klog.ts';
import { SDN_NAMESPACE } from './names.ts';
import { ObjectLifecycle } from './object-lifecycle.ts';
import type { Profile } from './profile.ts';
import type { ControllerSite, SdnContext } from './site.ts';
import { Tracker } from './tracker.ts';
import type { TrackerEffect } from './tracker-state.ts';

/** pkg/cmd/openshift-sdn-controller/interfaces.go. */
const RESYNC_INTERVAL = seconds(10 * 60);
/** The ticker that waits for a burst of reasons to end. */
const COALESCE_INTERVAL = seconds(1);

/** What the controller is made of. */
export interface ControllerOptions extends ControllerSite {
  readonly context: SdnContext;
  readonly profile: Profile;
  readonly pod: string;
  readonly nextPid: () => number;
  readonly verbosity?: number;
  /** By node name, on a cloud platform. */
  readonly cloud?: ReadonlyMap<string, CloudNode> | null;
}

/** Everything that one life of the process owns. */
interface Life {
  readonly tracker: Tracker;
  readonly klog: Klog;
  readonly monitor: ControllerMonitor;
  readonly writer: AllocationWriter;
  readonly allocatorRandom: Random;
  readonly watch: EgressWatch;
  readonly objects: ObjectLifecycle;
  /** The ticker runs, and whether there was news since its last tick. */
  pending: boolean;
  news: boolean;
}

/** The sdn-controller pod: automatic allocation and the health check behind it. */
export class SdnController implements FabricProcess {
  readonly namespace: string = SDN_NAMESPACE;
  readonly container = 'sdn-controller';
  readonly role = 'controller';
  readonly #options: ControllerOptions;
  readonly #log: PodLog;
  readonly #random: Random;
  readonly #lives: LifeCycle<Life>;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#log = options.context.logs.open(options.pod, SDN_NAMESPACE);
    this.#random = options.context.random;
    this.#lives = new LifeCycle({
      begin: () => this.#begin(),
      end: (life) => this.#end(life),
    });
  }

  get pod(): string {
    return this.#options.pod;
  }

  get node(): string {
    return this.#options.node;
  }

  get isRunning(): boolean {
    return this.#lives.isRunning;
  }

  /** What the controller believes, for inspection; null while it does not run. */
  get tracker(): Tracker | null {
    return this.#lives.current?.tracker ?? null;
  }

  start(): void {
    this.#lives.start();
  }

  stop(): void {
    this.#lives.stop();
  }

  #begin(): Life {
    const { connection, context, dialer, profile } = this.#options;
    const { scheduler, clock, events } = context;
    this.#log.clear();
    const verbosity = this.#options.verbosity ?? DEFAULT_VERBOSITY;
    const pid = this.#options.nextPid();
    const klog = new Klog({ clock, profile, pid, verbosity, write: (line) => this.#write(line) });
    const random = this.#random;
    const tracker = new Tracker({ profile, verbosity, cloud: this.#options.cloud ?? null });
    const watch = new EgressWatch({
      connection,
      tracker,
      resync: RESYNC_INTERVAL,
      apply: (effects) => this.#apply(effects),
    });
    // A day before time zero it started, too: see routine.ts.
    if (scheduler.now > 0) {
      klog.log('controller-started', 'Started OpenShift Network Controller');
      klog.log('master-initializing', 'Initializing SDN master');
    }
    const subnetOf = this.#options.subnetOf ?? (() => null);
    const objects = new ObjectLifecycle({ connection, klog, subnetOf });
    return {
      tracker,
      klog,
      monitor: new ControllerMonitor({
        scheduler,
        dialer,
        profile,
        klog,
        random: random.fork('monitor'),
        readiness: (name) => readinessOf(objects.node(name)),
        onVerdict: (nodeIp, offline) => this.#verdict(nodeIp, offline),
      }),
      writer: new AllocationWriter({
        scheduler,
        connection,
        hostSubnets: watch.hostSubnets,
        events,
        klog,
        random: random.fork('retry'),
      }),
      allocatorRandom: random.fork('allocator'),
      watch,
      objects,
      pending: false,
      news: false,
    };
  }

  #end(life: Life): void {
    life.watch.stop();
    life.objects.stop();
    life.monitor.stop();
    life.writer.stop();
  }

  #verdict(nodeIp: string, offline: boolean): void {
    const life = this.#lives.current;
    if (life === null) return;
    const node = life.tracker.state.nodesByIp.get(nodeIp)?.name ?? nodeIp;
    const kind = offline ? 'node-offline' : 'node-online';
    this.#options.context.events.emit('controller', kind, { node, ip: nodeIp });
    this.#apply(life.tracker.setNodeOffline(nodeIp, offline));
  }

  /** Claims, releases and namespaces are the sdn pods' business. */
  #apply(effects: readonly TrackerEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'log') this.#lives.current?.klog.entry(effect.entry);
      else if (effect.kind === 'reallocate') this.#requestAllocation();
    }
  }

  #requestAllocation(): void {
    const life = this.#lives.current;
    if (life === null) return;
    if (life.pending) {
      life.news = true;
      return;
    }
    life.pending = true;
    this.#options.context.scheduler.after(COALESCE_INTERVAL, tick, this, life);
  }

  /** Called by the ticker of a life. */
  tick(life: unknown): void {
    const present = this.#lives.current;
    if (present === null || present !== life) return;
    if (present.news) {
      present.news = false;
      this.#options.context.scheduler.after(COALESCE_INTERVAL, tick, this, present);
      return;
    }
    present.pending = false;
    this.#reallocate(present);
  }

  #reallocate(life: Life): void {
    const { profile } = this.#options;
    const { state } = life.tracker;
    const allocation = allocate({ state, profile, random: life.allocatorRandom });
    life.writer.write(allocation, () => {
      if (life === this.#lives.current)
        life.monitor.setNodes(monitoredNodes(life.tracker, allocation));
    });
  }

  #write(line: string): void {
    this.#log.append(line);
    this.#options.context.events.emit('controller', 'log-line', { pod: this.pod, line });
  }
}

function tick(controller: SdnController, life: unknown): void {
  controller.tick(life);
}

/** All nodes of the allocation, also those without an IP. */
function monitoredNodes(tracker: Tracker, allocation: Allocation): readonly MonitoredNode[] {
  const nodes: MonitoredNode[] = [];
  for (const { name, nodeIp, sdnIp } of tracker.state.nodesByUid.values()) {
    if (allocation.has(name)) nodes.push({ name, nodeIp, sdnIp });
  }
  return nodes;
}

/** A Node without a Ready condition counts as ready. */
function readinessOf(node: Node | null): Readiness {
  if (node === null) return 'missing';
  const ready = node.status.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'ready' : 'not-ready';
}
