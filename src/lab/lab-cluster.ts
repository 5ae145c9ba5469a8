// The cluster of a lab: its nodes and pods as machines, and the control plane that was seeded from the
// topology.

import { startService } from '../apps/service.ts';
import { present } from '../base/assert.ts';
import { ControlPlane } from '../cluster/control-plane.ts';
import { SDN_NAMESPACE } from '../fabric/openshift-sdn/control/agent.ts';
import { resolveProfile } from '../fabric/openshift-sdn/control/profile.ts';
import { ClusterNode } from '../fabric/openshift-sdn/datapath/node.ts';
import { Pod } from '../fabric/openshift-sdn/datapath/pod.ts';
import { SubnetDirectory } from '../fabric/openshift-sdn/datapath/subnet-directory.ts';
import { HostSubnets } from '../fabric/openshift-sdn/kinds/host-subnet.ts';
import { NetNamespaces } from '../fabric/openshift-sdn/kinds/net-namespace.ts';
import { TABLES } from '../fabric/openshift-sdn/tables.ts';
import type { KubeEvents } from '../kube/events.ts';
import type { OcCommand, OcVerb } from '../kube/oc/command.ts';
import { ENDED, type OcEnvironment, type OcOutput, type OcRun } from '../kube/oc/environment.ts';
import { executeOc, type OcResult, runOc } from '../kube/oc/execute.ts';
import type { LogLine } from '../kube/server/pod-logs.ts';
import type { ObjectStore } from '../kube/server/store.ts';
import { tableOf, tableTexts } from '../kube/server/table.ts';
import type { WallClock } from '../kube/wall-clock.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { ClusterSpec } from '../topology/model.ts';
import { type Ipv4Address, parseIpv4 } from '../wire/ipv4-address.ts';
import { clusterObjects } from './cluster-objects.ts';
import type { LabContext } from './context.ts';
import type { Machine } from './machine.ts';

/** A table's cells as `oc get` prints them, unpadded. */
export interface ClusterTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** `egresslab run` prints it before and after. */
  readonly printed: boolean;
}

/** What the log records of a typed command. */
const WRITES: ReadonlySet<OcVerb> = new Set<OcVerb>([
  'patch',
  'delete',
  'annotate',
  'label',
  'cordon',
  'uncordon',
]);

export class LabCluster {
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  readonly pods: ReadonlyMap<string, Pod>;
  readonly controlPlane: ControlPlane;
  /** Where `oc` commands are carried out. */
  readonly ocEnvironment: OcEnvironment;
  readonly #events: Emitter<KubeEvents>;
  readonly #spec: ClusterSpec;
  readonly #machines: ReadonlyMap<string, Machine>;

  constructor(
    spec: ClusterSpec,
    machines: ReadonlyMap<string, Machine>,
    clock: WallClock,
    context: LabContext,
  ) {
    this.#spec = spec;
    this.#events = context.events;
    this.#machines = machines;
    const profile = resolveProfile(spec.sdn.profile, spec.sdn.quirks);
    const directory = new SubnetDirectory();
    const nodes = new Map<string, ClusterNode>();
    for (const each of spec.nodes) {
      const { stack, netfilter } = present(machines.get(each.name), 'a node is a machine');
      directory.set(each.name, each.subnet, each.address.address);
      const node = new ClusterNode({
        stack,
        netfilter,
        directory,
        random: context.random.fork(`node:${each.name}`),
        primary: present(stack.interface(each.primaryInterface), 'a node has its interface'),
        address: each.address,
        subnet: each.subnet,
        clusterNetwork: spec.clusterNetwork,
        knowsReplies: profile.knowsReplies,
        tracksOverlay: profile.tracksOverlay,
        egressTable: profile.egressTable,
        masqueradesInternal: profile.masqueradesInternal,
      });
      nodes.set(each.name, node);
    }
    this.nodes = nodes;
    const { pods, vnids } = this.#buildPods(context);
    this.pods = pods;
    const [firstNode] = nodes.values();
    this.controlPlane = new ControlPlane({
      scheduler: context.scheduler,
      events: context.events,
      random: context.random.fork('control-plane'),
      clock,
      profile,
      nodes: [...nodes.values()],
      controllerNode: present(nodes.get(spec.controller ?? '') ?? firstNode, 'a cluster has nodes'),
      hosts: (node, vnid) => vnids.get(node.name)?.has(vnid) ?? false,
    });
    this.ocEnvironment = {
      store: this.controlPlane.store,
      scheduler: context.scheduler,
      logs: this.controlPlane.logs,
      listStyle: profile.listStyle,
      namespace: 'default',
      systemNamespace: SDN_NAMESPACE,
    };
    this.controlPlane.seed(clusterObjects(spec, this.controlPlane, profile.name));
    this.controlPlane.start();
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
    for (const { kind, printed } of TABLES) {
      const table = tableOf(kind, store.list(kind).items, { clock, listStyle });
      const { header, rows } = tableTexts(table);
      tables[kind.plural] = { columns: header, rows, printed };
    }
    return tables;
  }

  get store(): ObjectStore {
    return this.controlPlane.store;
  }

  /** Every address that a HostSubnet or NetNamespace names as an egress IP, in the order of the objects. */
  egressAddresses(): Ipv4Address[] {
    const found = new Set<Ipv4Address>();
    const holders = [
      ...this.store.list(NetNamespaces).items,
      ...this.store.list(HostSubnets).items,
    ];
    for (const text of holders.flatMap(({ egressIPs = [] }) => egressIPs)) {
      const address = parseIpv4(text);
      if (address !== null) found.add(address);
    }
    return [...found];
  }

  /** What the pods of a node, 'controller', one pod or (null) all of them have logged, oldest first. */
  logLines(from: string | null): LogLine[] {
    const { controller, logs } = this.controlPlane;
    const pods: (string | undefined)[] =
      from === null
        ? [...this.nodes.keys()].map((node) => this.controlPlane.agent(node)?.pod)
        : from === 'controller'
          ? []
          : [this.controlPlane.agent(from)?.pod ?? from];
    if (from === null || from === 'controller') pods.push(controller?.pod);
    return pods
      .flatMap((pod) => (pod === undefined ? [] : (logs.find(pod, SDN_NAMESPACE)?.lines() ?? [])))
      .sort((a, b) => a.at - b.at);
  }

  stopAgent(node: string): void {
    this.controlPlane.stopAgent(node);
  }

  startAgent(node: string): void {
    this.controlPlane.startAgent(node);
  }

  /** The API is served by the masters: who reaches none of them is cut off. */
  updateConnections(reaches: (a: Machine, b: Machine) => boolean): void {
    const machineOf = (name: string): Machine =>
      present(this.#machines.get(name), 'a node is a machine');
    const masters = this.#spec.nodes
      .filter(({ role }) => role === 'master')
      .map(({ name }) => machineOf(name));
    this.controlPlane.updateConnections((node) => {
      const machine = machineOf(node.name);
      if (masters.length === 0) return machine.stack.powered;
      return masters.some((master) => reaches(machine, master));
    });
  }

  #buildPods(context: LabContext): {
    pods: Map<string, Pod>;
    vnids: Map<string, Set<number>>;
  } {
    const { scheduler, arena, events, random } = context;
    const pods = new Map<string, Pod>();
    const vnids = new Map<string, Set<number>>();
    const netids = new Map(this.#spec.namespaces.map(({ name, netid }) => [name, netid]));
    for (const { name, namespace, node, address, mac, services } of this.#spec.pods) {
      const vnid = present(netids.get(namespace), 'a pod has a namespace');
      const pod = new Pod({
        name,
        namespace,
        node: present(this.nodes.get(node), 'a pod has a node'),
        vnid,
        address,
        mac,
        scheduler,
        arena,
        events,
        random: random.fork(`pod:${name}`),
      });
      for (const service of services) startService(pod.stack, service);
      pods.set(name, pod);
      vnids.set(node, (vnids.get(node) ?? new Set()).add(vnid));
    }
    return { pods, vnids };
  }
}
