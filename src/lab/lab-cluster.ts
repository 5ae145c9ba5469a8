// The cluster of a lab: its nodes and pods as machines, and the control plane that was seeded from the
// topology.

import { startService } from '../apps/service.ts';
import { present } from '../base/assert.ts';
import { ControlPlane } from '../cluster/control-plane.ts';
import type { EgressRequest, OfflineVerdict } from '../fabric/egress-request.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { LogicalTables } from '../fabric/logical.ts';
import type { FabricNetwork, FabricNode, FabricPod } from '../fabric/network.ts';
import type { EgressReasons } from '../fabric/reason.ts';
import type { FabricTable } from '../fabric/table.ts';
import type { KubeEvents } from '../kube/events.ts';
import { Nodes } from '../kube/kinds/node.ts';
import type { OcCommand, OcVerb } from '../kube/oc/command.ts';
import { ENDED, type OcEnvironment, type OcOutput, type OcRun } from '../kube/oc/environment.ts';
import { executeOc, type OcResult, runOc } from '../kube/oc/execute.ts';
import type { LogLine } from '../kube/server/pod-logs.ts';
import type { ObjectStore } from '../kube/server/store.ts';
import { tableOf, tableTexts } from '../kube/server/table.ts';
import type { WallClock } from '../kube/wall-clock.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Nanos } from '../sim/time.ts';
import type { Claimant } from '../stack/claims.ts';
import type { ClusterSpec } from '../topology/model.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { clusterObjects, registeredNode } from './cluster-objects.ts';
import type { LabContext } from './context.ts';
import type { Machine } from './machine.ts';

/** A table's cells as `oc get` prints them, unpadded. */
export interface ClusterTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** `egresslab run` prints it before and after. */
  readonly printed: boolean;
}

/** Of every cluster, whatever its network. */
const NODES: FabricTable = { kind: Nodes, printed: true };

/** What the log records of a typed command. */
const WRITES: ReadonlySet<OcVerb> = new Set<OcVerb>([
  'patch',
  'create',
  'apply',
  'replace',
  'delete',
  'annotate',
  'label',
  'cordon',
  'uncordon',
]);

/** The cluster of a running lab. */
export class LabCluster {
  readonly fabric: Fabric;
  readonly nodes: ReadonlyMap<string, FabricNode>;
  readonly pods: ReadonlyMap<string, FabricPod>;
  readonly controlPlane: ControlPlane;
  /** Where `oc` commands are carried out. */
  readonly ocEnvironment: OcEnvironment;
  readonly #network: FabricNetwork;
  readonly #events: Emitter<KubeEvents>;
  readonly #spec: ClusterSpec;
  readonly #machines: ReadonlyMap<string, Machine>;

  constructor(
    spec: ClusterSpec,
    fabric: Fabric,
    machines: ReadonlyMap<string, Machine>,
    clock: WallClock,
    context: LabContext,
  ) {
    const { scheduler, arena, events, random } = context;
    this.fabric = fabric;
    this.#spec = spec;
    this.#events = events;
    this.#machines = machines;
    this.controlPlane = new ControlPlane({
      scheduler,
      events,
      random: random.fork('control-plane'),
      clock,
      kinds: fabric.kinds,
      nodes: spec.nodes.map(({ name }) => this.#machine(name).stack),
      registration: (node, created) => registeredNode(spec, this.#network, node, created),
    });
    const api = this.controlPlane;
    const machine = (name: string): Machine => this.#machine(name);
    const network = fabric.build({ plan: spec, scheduler, arena, events, random, api, machine });
    this.#network = network;
    this.nodes = network.nodes;
    this.pods = startPods(spec, network);
    this.ocEnvironment = {
      store: api.store,
      scheduler,
      logs: api.logs,
      listStyle: network.release.listStyle,
      namespace: 'default',
      systemNamespace: fabric.systemNamespace,
    };
    api.seed(clusterObjects(spec, network, fabric.systemNamespace, clock));
    api.start(network.processes);
  }

  /** Who answers ARP besides the kernels of nodes and pods. */
  get claimants(): readonly Claimant[] {
    return this.#network.claimants;
  }

  /**
   * Carries out an `oc` command as the cluster's administrator and says so in the log.
   * @throws EgressLabError EGL_OC_ENDLESS for one that does not end by itself
   */
  oc(command: OcCommand, words: string): OcResult {
    const result = runOc(command, this.ocEnvironment);
    const { stdout, stderr, exitCode } = result;
    this.#events.emit('oc', 'oc-command', { command: words, stdout, stderr, exitCode });
    return result;
  }

  /**
   * Starts a command for a reader who follows, and who stops what does not end by itself. What
   * writes is said in the log.
   */
  startOc(command: OcCommand, words: string, output: OcOutput): OcRun {
    if (!WRITES.has(command.verb)) return executeOc(command, this.ocEnvironment, output);
    const { stdout, stderr, exitCode } = this.oc(command, words);
    output.out(stdout);
    output.err(stderr);
    output.exit(exitCode);
    return ENDED;
  }

  /** The tables that tell how the cluster stands now, by resource name. */
  tables(): Record<string, ClusterTable> {
    const { store, clock } = this.controlPlane;
    const { listStyle } = this.ocEnvironment;
    const tables: Record<string, ClusterTable> = {};
    for (const { kind, printed } of [NODES, ...this.fabric.tables]) {
      const table = tableOf(kind, store.list(kind).items, { clock, listStyle });
      const { header, rows } = tableTexts(table);
      tables[kind.plural] = { columns: header, rows, printed };
    }
    return tables;
  }

  /** Why packets of a pod leave as they do now. */
  whyPod(pod: FabricPod): EgressReasons {
    return this.#network.whyPod(this.store, pod);
  }

  /** What the network has besides kernels; null for one of kernels alone. */
  get logical(): LogicalTables | null {
    return this.#network.logical;
  }

  get store(): ObjectStore {
    return this.controlPlane.store;
  }

  /** Every address that an object names as an egress IP, in the order of the objects. */
  egressAddresses(): readonly Ipv4Address[] {
    return this.#network.egressAddresses(this.store);
  }

  /** What the objects ask for now. */
  egressRequests(): readonly EgressRequest[] {
    return this.#network.egressRequests(this.store);
  }

  /** Whom the processes of the fabric take for dead now. */
  offline(): readonly OfflineVerdict[] {
    return this.#network.offline();
  }

  /** What the pods of a node, 'controller', one pod or (null) all of them have logged, oldest first. */
  logLines(from: string | null): LogLine[] {
    const { logs } = this.controlPlane;
    return this.#podsThatLog(from)
      .flatMap(({ pod, namespace }) => logs.find(pod, namespace)?.lines() ?? [])
      .sort((a, b) => a.at - b.at);
  }

  #podsThatLog(from: string | null): readonly LoggingPod[] {
    const { controllers, processes } = this.controlPlane;
    if (from === null) return processes;
    if (from === 'controller') return controllers;
    const agents = this.controlPlane.agents(from);
    return agents.length > 0 ? agents : [{ pod: from, namespace: this.fabric.systemNamespace }];
  }

  /** From now on the agents of a node hear of every change so much later. */
  setApiDelay(node: string, delay: Nanos): void {
    this.controlPlane.setApiDelay(node, delay);
  }

  stopAgents(node: string): void {
    this.controlPlane.stopAgents(node);
  }

  startAgents(node: string): void {
    this.controlPlane.startAgents(node);
  }

  /** The API is served by the masters: who reaches none of them is cut off. */
  updateConnections(reaches: (a: Machine, b: Machine) => boolean): void {
    const masters = this.#spec.nodes
      .filter(({ role }) => role === 'master')
      .map(({ name }) => this.#machine(name));
    this.controlPlane.updateConnections((node) => {
      const machine = this.#machine(node);
      if (masters.length === 0) return machine.stack.powered;
      return masters.some((master) => reaches(machine, master));
    });
  }

  #machine(node: string): Machine {
    return present(this.#machines.get(node), 'a node is a machine');
  }
}

/** A pod with a log: one of the fabric's, or one that the user named. */
interface LoggingPod {
  readonly pod: string;
  readonly namespace: string;
}

function startPods({ pods }: ClusterSpec, network: FabricNetwork): Map<string, FabricPod> {
  const started = new Map<string, FabricPod>();
  for (const plan of pods) {
    const pod = network.attach(plan);
    for (const service of plan.services) startService(pod.stack, service);
    started.set(plan.name, pod);
  }
  return started;
}
