// OVN-Kubernetes in one lab: a node with br-ex, br-int and its logical routers for each node of the cluster,
// an ovnkube-node pod on each, and a cluster manager on every master.

import { present } from '../../base/assert.ts';
import { Namespaces } from '../../kube/kinds/namespace.ts';
import { Nodes } from '../../kube/kinds/node.ts';
import type { ObjectStore } from '../../kube/server/store.ts';
import { formatCidr, formatIpv4, type Ipv4Address, parseIpv4 } from '../../wire/ipv4-address.ts';
import type { EgressRequest, OfflineVerdict } from '../egress-request.ts';
import type { LogicalTables } from '../logical.ts';
import type { FabricNetwork, FabricObjects, FabricPod, FabricSite, Release } from '../network.ts';
import type { NodePlan, PodPlan } from '../plan.ts';
import type { FabricProcess } from '../process.ts';
import type { EgressReasons } from '../reason.ts';
import { nodeAddressing } from './addressing.ts';
import { ASSIGNABLE_LABEL, CLOUD_ANNOTATION } from './control/annotations.ts';
import type { ClusterManager } from './control/cluster-manager.ts';
import { OvnProcesses } from './control/processes.ts';
import { selects } from './control/view/selectors.ts';
import { snatToNode } from './control/zone/zone-writer.ts';
import { NetworkMap } from './datapath/network-map.ts';
import { type DatapathSettings, OvnNode } from './datapath/node.ts';
import { NodeHost } from './datapath/node-host.ts';
import { OvnPod } from './datapath/pod.ts';
import { egressReasons } from './egress-reasons.ts';
import { EgressIps } from './kinds/egress-ip.ts';
import { LogicalView } from './logical-view.ts';
import { ovnObjects } from './objects.ts';
import { type Profile, resolveProfile } from './profile.ts';
import { type OvnSettings, ovnSettings } from './settings.ts';

/** mac_binding_age_threshold since PR 3678. */
const BINDING_AGE = 300;

/** OVN-Kubernetes at work in one lab. */
export class OvnNetwork implements FabricNetwork {
  readonly nodes: ReadonlyMap<string, OvnNode>;
  readonly processes: readonly FabricProcess[];
  readonly release: Release;
  readonly claimants: FabricNetwork['claimants'];
  readonly logical: LogicalTables;
  readonly #site: FabricSite;
  readonly #settings: OvnSettings;
  readonly #profile: Profile;
  readonly #processes: OvnProcesses;
  readonly #hosts = new Map<string, NodeHost>();
  readonly #managers: ClusterManager[] = [];
  readonly #pods = new Map<string, OvnPod>();

  constructor(site: FabricSite) {
    const { api, events, plan, random, scheduler } = site;
    this.#site = site;
    this.#settings = ovnSettings(plan.fabric.settings);
    const { profile, quirks } = this.#settings;
    this.#profile = resolveProfile(profile, new Map(Object.entries(quirks)));
    this.release = this.#profile.release;
    const context = {
      scheduler,
      clock: api.clock,
      events,
      random: random.fork('control-plane'),
      logs: api.logs,
      profile: this.#profile,
    };
    this.#processes = new OvnProcesses(context, {
      clusterSubnets: [formatCidr(plan.clusterNetwork)],
      isCloud: plan.nodes.some(({ annotations }) => annotations[CLOUD_ANNOTATION] !== undefined),
      reachabilityTimeout: this.#settings.reachabilityTimeout,
    });
    this.nodes = this.#createNodes();
    this.logical = new LogicalView({
      profile: this.#profile,
      nodes: this.nodes,
      databases: () => this.#processes.databases(),
    });
    this.claimants = [...this.nodes.values()].map(({ gatewayRouter }) => gatewayRouter);
    this.processes = this.#createProcesses();
  }

  attach({ address, mac, name, namespace, node }: PodPlan): OvnPod {
    const { arena, events, random, scheduler } = this.#site;
    this.#translate(node, address.address);
    const pod = new OvnPod({
      name,
      namespace,
      node: present(this.nodes.get(node), 'a cluster has the nodes that it names'),
      address,
      mac,
      scheduler,
      arena,
      events,
      random: random.fork(`pod:${name}`),
    });
    this.#pods.set(name, pod);
    return pod;
  }

  objects(created: string): FabricObjects {
    const cidrs = (node: string): readonly string[] =>
      this.#host(node)
        .links()
        .flatMap(({ addresses }) => addresses);
    const isZoned = this.#profile.database === 'per-node';
    return ovnObjects(this.#site.plan, this.#settings, created, cidrs, isZoned);
  }

  egressAddresses(store: ObjectStore): readonly Ipv4Address[] {
    const texts = store.list(EgressIps).items.flatMap(({ spec }) => spec.egressIPs);
    return [...new Set(texts.flatMap((text) => parseIpv4(text) ?? []))];
  }

  egressRequests(store: ObjectStore): readonly EgressRequest[] {
    const labels = new Map(
      store.list(Namespaces).items.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    );
    const candidates = store
      .list(Nodes)
      .items.filter(({ metadata }) => metadata.labels?.[ASSIGNABLE_LABEL] !== undefined)
      .map(({ metadata }) => metadata.name);
    return store.list(EgressIps).items.flatMap(({ metadata, spec, status }) => {
      const { egressIPs, namespaceSelector, podSelector = {} } = spec;
      const pods = this.#site.plan.pods.filter(
        ({ labels: own, namespace }) =>
          selects(namespaceSelector, labels.get(namespace) ?? {}) && selects(podSelector, own),
      );
      const placed = status?.items ?? [];
      return egressIPs.flatMap((text): EgressRequest[] => {
        const address = parseIpv4(text);
        if (address === null) return [];
        const nodes = placed.filter(({ egressIP }) => egressIP === text).map(({ node }) => node);
        const names = pods.map(({ name }) => name);
        return [{ address, owner: metadata.name, nodes, candidates, pods: names }];
      });
    });
  }

  offline(): readonly OfflineVerdict[] {
    return this.#managers.flatMap(({ manager }) =>
      [...(manager?.allocator.records.values() ?? [])]
        .filter(({ assignable, reachable }) => assignable && !reachable)
        .map(({ name }) => ({ by: 'controller', node: name })),
    );
  }

  whyPod(store: ObjectStore, { name }: FabricPod): EgressReasons {
    const sources = {
      store,
      nodes: this.nodes,
      database: (node: string) => this.#processes.database(node),
      hostState: (node: string) => this.#host(node).egressState(),
    };
    return egressReasons(sources, present(this.#pods.get(name), 'every pod was attached'));
  }

  /** As the agent left it before the lab began: the pod leaves as its node. */
  #translate(node: string, pod: Ipv4Address): void {
    const { address } = present(this.nodes.get(node), 'a cluster has the nodes that it names');
    const row = snatToNode(node, formatIpv4(address.address), formatIpv4(pod));
    this.#processes.database(node).put('nat', row);
  }

  #createNodes(): ReadonlyMap<string, OvnNode> {
    const { plan, random } = this.#site;
    const map = new NetworkMap(plan.clusterNetwork);
    const addressing = nodeAddressing(plan);
    const settings = this.#datapathSettings();
    const members = plan.nodes.map(({ address, name, subnet }) => {
      const own = present(addressing.get(name), 'every node has its routers');
      const member = { ...own, name, subnet, address: address.address, encap: address.address };
      map.add(member);
      return member;
    });
    const create = (node: NodePlan, index: number): OvnNode => {
      const { netfilter, stack } = this.#site.machine(node.name);
      const created = new OvnNode({
        stack,
        netfilter,
        random: random.fork(`node:${node.name}`),
        uplink: present(stack.interface(node.primaryInterface), 'a node has its interface'),
        address: node.address,
        member: present(members[index], 'every node is a member'),
        map,
        database: this.#processes.database(node.name),
        settings,
      });
      this.#hosts.set(node.name, new NodeHost(created));
      return created;
    };
    return new Map(plan.nodes.map((node, index) => [node.name, create(node, index)]));
  }

  #datapathSettings(): DatapathSettings {
    const { announcements, database, name, quirks } = this.#profile;
    const isRecent = name === '4.18' || name === 'head';
    return {
      release: {
        announcements,
        knowsMaxTimeout: isRecent,
        ageing: isRecent ? 'use' : 'creation',
        queueLimit: isRecent ? 4 : 3,
      },
      datapath: 'kernel',
      flows: 'ovn-kubernetes',
      zoned: database === 'per-node',
      gatewayMode: this.#settings.gatewayMode,
      gatewayMtu: 0,
      bindingAge: quirks.has('ovnk-stale-mac-binding') ? 0 : BINDING_AGE,
      meterRate: 0,
      dropsUntranslated: !quirks.has('ovnk-pod-ip-leak'),
      announcesRows: !quirks.has('ovnk-no-garp'),
      answersAnnouncements: quirks.has('ovnk-accidental-defence'),
    };
  }

  #createProcesses(): FabricProcess[] {
    const { api, plan } = this.#site;
    const addressing = nodeAddressing(plan);
    const agents = plan.nodes.map(({ address, name }) =>
      this.#processes.agent({
        host: this.#host(name),
        connection: api.connect(`ovnkube-node@${name}`, name),
        address: formatCidr(address),
        management: formatIpv4(present(addressing.get(name), 'it has routers').management),
        delay: this.#settings.apiDelays[name] ?? 0,
      }),
    );
    const masters = plan.nodes.filter(({ role }) => role === 'master');
    const first = present(plan.nodes[0], 'a cluster has nodes');
    const managers = (masters.length === 0 ? [first] : masters).map(({ name }) =>
      this.#processes.manager({
        host: this.#host(name),
        connection: api.connect(`controller@${name}`, name),
      }),
    );
    this.#managers.push(...managers);
    return [...agents, ...managers];
  }

  #host(node: string): NodeHost {
    return present(this.#hosts.get(node), 'a cluster has the nodes that it names');
  }
}
