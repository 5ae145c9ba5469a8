// A control plane of OVN-Kubernetes with fake nodes: real store, connections, agents and cluster managers, no
// packet anywhere.

import { DialOutcome } from '../../../../src/fabric/dialer.ts';
import { nodeAddressing } from '../../../../src/fabric/ovn-kubernetes/addressing.ts';
import type { OvnkubeNode } from '../../../../src/fabric/ovn-kubernetes/control/agent.ts';
import type { ClusterManager } from '../../../../src/fabric/ovn-kubernetes/control/cluster-manager.ts';
import { connectedRoutes } from '../../../../src/fabric/ovn-kubernetes/control/host/desired.ts';
import { OvnProcesses } from '../../../../src/fabric/ovn-kubernetes/control/processes.ts';
import type {
  HealthSession,
  HostEgressState,
  HostLink,
  HostNetwork,
  HostOutcome,
  HostRoute,
  HostRule,
  HostSnat,
} from '../../../../src/fabric/ovn-kubernetes/host-network.ts';
import { OVN_KINDS } from '../../../../src/fabric/ovn-kubernetes/kinds/index.ts';
import type { NorthboundDatabase } from '../../../../src/fabric/ovn-kubernetes/northbound.ts';
import { ovnObjects } from '../../../../src/fabric/ovn-kubernetes/objects.ts';
import { resolveProfile } from '../../../../src/fabric/ovn-kubernetes/profile.ts';
import type { ProfileName } from '../../../../src/fabric/ovn-kubernetes/profile-name.ts';
import type { EgressIpSettings } from '../../../../src/fabric/ovn-kubernetes/settings.ts';
import type { ClusterPlan, NodePlan } from '../../../../src/fabric/plan.ts';
import { ApiConnection } from '../../../../src/kube/client/connection.ts';
import { Namespaces } from '../../../../src/kube/kinds/namespace.ts';
import { Nodes } from '../../../../src/kube/kinds/node.ts';
import { Pods } from '../../../../src/kube/kinds/pod.ts';
import { KindRegistry } from '../../../../src/kube/kinds/registry.ts';
import type { OcEnvironment } from '../../../../src/kube/oc/environment.ts';
import { runOc } from '../../../../src/kube/oc/execute.ts';
import { parseOc } from '../../../../src/kube/oc/parse.ts';
import { PodLogs } from '../../../../src/kube/server/pod-logs.ts';
import { ObjectStore } from '../../../../src/kube/server/store.ts';
import { WallClock } from '../../../../src/kube/wall-clock.ts';
import type { LabEvents } from '../../../../src/lab/events.ts';
import { EventLog } from '../../../../src/sim/event-log.ts';
import { Random } from '../../../../src/sim/random.ts';
import { Scheduler } from '../../../../src/sim/scheduler.ts';
import { millis, type Nanos, seconds } from '../../../../src/sim/time.ts';
import {
  ANY_ADDRESS,
  formatCidr,
  formatIpv4,
  type Ipv4Cidr,
  parseCidr,
} from '../../../../src/wire/ipv4-address.ts';
import { EPOCH_MICROS, nodeObject } from '../../../kube/bench.ts';

/** A node that does what it is told, and answers probes while it is alive. */
export class FakeHost implements HostNetwork {
  readonly name: string;
  readonly bridge = 'br-ex';
  alive = true;
  healthServer = false;
  guard = false;
  blocked: readonly string[] = [];
  readonly announced: string[] = [];
  readonly rules: HostRule[] = [];
  readonly snats: HostSnat[] = [];
  readonly tables = new Map<number, string>();
  readonly #scheduler: Scheduler;
  readonly #hosts: ReadonlyMap<string, FakeHost>;
  readonly #links = new Map<string, string[]>();

  constructor(
    name: string,
    scheduler: Scheduler,
    hosts: ReadonlyMap<string, FakeHost>,
    links: Readonly<Record<string, readonly string[]>>,
  ) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#hosts = hosts;
    for (const [link, addresses] of Object.entries(links)) this.#links.set(link, [...addresses]);
  }

  links(): readonly HostLink[] {
    return [...this.#links].map(([name, addresses], index) => ({
      name,
      index: index + 1,
      up: true,
      vrfTable: null,
      addresses,
      routes: connectedRoutes(addresses),
    }));
  }

  hasAddress(link: string, cidr: string): boolean {
    return this.#links.get(link)?.includes(cidr) === true;
  }

  addAddress(link: string, cidr: string): HostOutcome {
    const held = this.#links.get(link);
    if (held === undefined) return { kind: 'failed', error: 'Link not found' };
    held.push(cidr);
    return { kind: 'done' };
  }

  removeAddress(link: string, cidr: string): HostOutcome {
    const held = this.#links.get(link) ?? [];
    this.#links.set(
      link,
      held.filter((each) => each !== cidr),
    );
    return { kind: 'done' };
  }

  announce(link: string, address: string, zero: boolean): boolean {
    this.announced.push(`${link} ${zero ? '0.0.0.0' : address}`);
    return true;
  }

  addRule(rule: HostRule): void {
    this.rules.push(rule);
  }

  removeRule(rule: HostRule): void {
    remove(this.rules, rule);
  }

  setRoutes(table: number, link: string, routes: readonly HostRoute[]): void {
    if (routes.length === 0) this.tables.delete(table);
    else this.tables.set(table, link);
  }

  egressState(): HostEgressState {
    const tables = [...this.tables].map(([table, link]) => ({ table, link }));
    return { rules: [...this.rules], snats: [...this.snats], tables };
  }

  addSnat(element: HostSnat): void {
    this.snats.push(element);
  }

  removeSnat(element: HostSnat): void {
    remove(this.snats, element);
  }

  setAnnouncementGuard(on: boolean): void {
    this.guard = on;
  }

  setArpBlock(addresses: readonly string[]): void {
    this.blocked = addresses;
  }

  setHealthServer(running: boolean): void {
    this.healthServer = running;
  }

  onLinksChanged(): () => void {
    return () => undefined;
  }

  connectHealth(
    address: string,
    _port: number,
    timeout: Nanos,
    done: (session: HealthSession | null) => void,
  ): void {
    const peer = this.#hosts.get(address);
    const isUp = (): boolean => peer?.alive === true && peer.healthServer;
    if (!isUp()) {
      this.#after(peer?.alive === true ? millis(1) : timeout, () => done(null));
      return;
    }
    const session: HealthSession = {
      check: (limit, answer) =>
        this.#after(isUp() ? millis(1) : limit, () => answer(isUp() ? 'serving' : 'failed')),
      close: () => undefined,
    };
    this.#after(millis(1), () => done(session));
  }

  dial(address: number, _port: number, timeout: Nanos, done: (outcome: DialOutcome) => void): void {
    const text = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
    const isUp = this.#hosts.get(text)?.alive === true;
    this.#after(isUp ? millis(1) : timeout, () =>
      done(isUp ? DialOutcome.Refused : DialOutcome.Timeout),
    );
  }

  #after(delay: Nanos, task: () => void): void {
    this.#scheduler.after(delay, task, null, null);
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.findIndex((each) => JSON.stringify(each) === JSON.stringify(item));
  if (at >= 0) list.splice(at, 1);
}

export interface ClusterOptions {
  readonly profile?: ProfileName;
  readonly quirks?: Readonly<Record<string, boolean>>;
  readonly seed?: number;
  readonly egressIPs?: Readonly<Record<string, EgressIpSettings>>;
  /** Seconds by which the agent of a node lags. */
  readonly delays?: Readonly<Record<string, number>>;
  /** Further addresses by node, on interface enp2s0. */
  readonly secondary?: Readonly<Record<string, string>>;
  /** Labelled nodes; worker01 and worker02 when left out. */
  readonly egressNodes?: readonly string[];
  /** Other nodes than the five. */
  readonly nodes?: readonly NodePlan[];
  /** Namespaces and pods instead of the one pod. */
  readonly create?: (store: ObjectStore) => void;
}

const NODES = ['master01', 'master02', 'worker01', 'worker02', 'worker03'];

/** One pod in namespace mywebserver (env=prod), on worker03. */
export class OvnCluster {
  readonly scheduler = new Scheduler();
  readonly clock = new WallClock(this.scheduler, EPOCH_MICROS);
  readonly store: ObjectStore;
  readonly events: EventLog<LabEvents> = new EventLog(this.scheduler);
  readonly logs = new PodLogs(this.scheduler);
  readonly hosts = new Map<string, FakeHost>();
  readonly agents = new Map<string, OvnkubeNode>();
  readonly managers = new Map<string, ClusterManager>();
  readonly connections = new Map<string, ApiConnection[]>();
  readonly #processes: OvnProcesses;
  readonly #environment: OcEnvironment;

  constructor(options: ClusterOptions = {}) {
    const { scheduler, clock, events, logs } = this;
    const kinds = new KindRegistry(OVN_KINDS);
    this.store = new ObjectStore({ kinds, scheduler, clock, seed: 1 });
    const profile = resolveProfile(
      options.profile ?? '4.18',
      new Map(Object.entries(options.quirks ?? {})),
    );
    this.#environment = {
      store: this.store,
      scheduler,
      logs,
      listStyle: profile.release.listStyle,
      namespace: 'default',
      systemNamespace: 'openshift-ovn-kubernetes',
    };
    const random = new Random(options.seed ?? 1);
    const context = { scheduler, clock, events, logs, random, profile };
    this.#processes = new OvnProcesses(context, {
      clusterSubnets: ['10.128.0.0/14'],
      isCloud: false,
      reachabilityTimeout: 1,
    });
    const plan = planOf(options);
    const byAddress = new Map<string, FakeHost>();
    const addressing = nodeAddressing(plan);
    for (const { address, name } of plan.nodes) {
      const links: Record<string, readonly string[]> = { 'br-ex': [formatCidr(address)] };
      const second = options.secondary?.[name];
      if (second !== undefined) links.enp2s0 = [second];
      const host = new FakeHost(name, scheduler, byAddress, links);
      this.hosts.set(name, host);
      byAddress.set(formatIpv4(addressing.get(name)?.management ?? ANY_ADDRESS), host);
    }
    this.#seed(plan, options, profile.database === 'per-node');
    for (const { address, name } of plan.nodes) {
      const agent = this.#processes.agent({
        host: this.host(name),
        connection: this.#connect(name),
        address: formatCidr(address),
        management: formatIpv4(addressing.get(name)?.management ?? ANY_ADDRESS),
        delay: seconds(options.delays?.[name] ?? 0),
      });
      this.agents.set(name, agent);
      agent.start();
    }
    for (const { name, role } of plan.nodes) {
      if (role !== 'master') continue;
      const manager = this.#processes.manager({
        host: this.host(name),
        connection: this.#connect(`manager@${name}`),
      });
      this.managers.set(name, manager);
      manager.start();
    }
    this.until(0.5);
  }

  #connect(name: string): ApiConnection {
    const { scheduler, store } = this;
    const connection = new ApiConnection({ store, scheduler, name });
    const node = name.replace('manager@', '');
    this.connections.set(node, [...(this.connections.get(node) ?? []), connection]);
    return connection;
  }

  #seed(
    plan: ClusterPlan,
    { create = createPod, egressNodes, ...options }: ClusterOptions,
    isZoned: boolean,
  ): void {
    const { store } = this;
    const labelled = new Set(egressNodes ?? ['worker01', 'worker02']);
    const settings = {
      profile: options.profile ?? '4.18',
      quirks: {},
      gatewayMode: 'shared',
      reachabilityTimeout: 1,
      apiDelays: {},
      egressIPs: options.egressIPs ?? {},
    } as const;
    const cidrs = (node: string): readonly string[] =>
      this.host(node)
        .links()
        .flatMap(({ addresses }) => addresses);
    const { besideNamespaces, nodeAnnotations } = ovnObjects(
      plan,
      settings,
      '2026-08-20T00:00:00Z',
      cidrs,
      isZoned,
    );
    for (const { address, name, role } of plan.nodes) {
      const node = nodeObject(name, role, formatCidr(address).replace(/\/\d+$/, ''));
      const labels = labelled.has(name) ? { 'k8s.ovn.org/egress-assignable': '' } : {};
      store.create(Nodes, {
        ...node,
        metadata: {
          ...node.metadata,
          labels: { ...node.metadata.labels, ...labels },
          annotations: nodeAnnotations.get(name) ?? {},
        },
      });
    }
    create(store);
    for (const object of besideNamespaces) {
      const kind = store.kinds.of(object.apiVersion, object.kind);
      if (kind !== null) store.createFrom(kind, object);
    }
  }

  host(name: string): FakeHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no node ${name}`);
    return host;
  }

  database(node: string): NorthboundDatabase {
    return this.#processes.database(node);
  }

  oc(line: string): string {
    const { stderr, stdout } = runOc(parseOc(line, this.store.kinds), this.#environment);
    return stdout + stderr;
  }

  until(time: number): void {
    this.scheduler.advanceTo(seconds(time));
  }

  /** Power off: the agent dies, nothing answers, the API hears nothing. */
  kill(name: string): void {
    this.host(name).alive = false;
    this.agents.get(name)?.stop();
    this.managers.get(name)?.stop();
    for (const connection of this.connections.get(name) ?? []) connection.cut();
  }

  /** The policy's next hops, and who translates for a pod: '100.88.0.4 | GR_worker01 as 192.168.50.120'. */
  way(ip = '10.128.8.5', node = 'worker03'): string {
    const policy = this.database(node).policies.find(
      ({ match }) => match.kind === 'source' && match.source === ip,
    );
    const nats = new Set(
      NODES.flatMap((each) => this.database(each).nats)
        .filter(({ logicalIp, logicalPort }) => logicalIp === ip && logicalPort !== null)
        .map(({ externalIp, router }) => `${router} as ${externalIp}`),
    );
    return `${policy?.nexthops.join(', ') ?? 'none'} | ${[...nats].sort().join(', ') || 'none'}`;
  }
}

function createPod(store: ObjectStore): void {
  store.create(Namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'mywebserver', labels: { env: 'prod' } },
  });
  store.create(Pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'mywebserver', labels: { app: 'web' } },
    spec: { nodeName: 'worker03', containers: [{ name: 'web' }] },
    status: { phase: 'Running', podIP: '10.128.8.5' },
  });
}

function planOf({ nodes = fiveNodes() }: ClusterOptions): ClusterPlan {
  return {
    fabric: { kind: 'ovn-kubernetes', settings: {} },
    clusterNetwork: cidr('10.128.0.0/14'),
    controller: 'master01',
    nodes,
    namespaces: [],
    pods: [],
  };
}

function fiveNodes(): readonly NodePlan[] {
  return NODES.map((name, index) =>
    nodePlan(name, `192.168.50.${141 + index}/24`, `10.128.${index * 2}.0/23`),
  );
}

/** A node called `master…` is one. */
export function nodePlan(name: string, address: string, subnet: string): NodePlan {
  return {
    name,
    role: name.startsWith('master') ? 'master' : 'worker',
    primaryInterface: 'enp1s0',
    address: cidr(address),
    subnet: cidr(subnet),
    labels: {},
    annotations: {},
  };
}

function cidr(text: string): Ipv4Cidr {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}
