// OpenShift SDN in one lab: a node with br0 for each node of the cluster, pods on it, an sdn pod on every
// node and the controller on the first master.

import { present } from '../../base/assert.ts';
import type { ObjectStore } from '../../kube/server/store.ts';
import {
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  parseCidr,
  parseIpv4,
} from '../../wire/ipv4-address.ts';
import type { EgressRequest, OfflineVerdict } from '../egress-request.ts';
import type { FabricNetwork, FabricObjects, FabricPod, FabricSite, Release } from '../network.ts';
import type { NodePlan, PodPlan } from '../plan.ts';
import type { FabricProcess } from '../process.ts';
import type { EgressReasons } from '../reason.ts';
import type { SdnAgent } from './control/agent.ts';
import { cloudNodes } from './control/cloud.ts';
import type { SdnController } from './control/controller.ts';
import { SdnProcesses } from './control/processes.ts';
import { type Profile, resolveProfile } from './control/profile.ts';
import type { LocalPod } from './control/site.ts';
import { type FixedRules, fixedRules } from './datapath/fixed-rules.ts';
import { SdnNode, TUN } from './datapath/node.ts';
import { SdnPod } from './datapath/pod.ts';
import { SubnetDirectory } from './datapath/subnet-directory.ts';
import { egressReasons } from './egress-reasons.ts';
import { HostSubnets } from './kinds/host-subnet.ts';
import { NetNamespaces } from './kinds/net-namespace.ts';
import { sdnObjects } from './objects.ts';
import { type SdnSettings, sdnSettings } from './settings.ts';

/** OpenShift SDN at work in one lab. */
export class SdnNetwork implements FabricNetwork {
  readonly nodes: ReadonlyMap<string, SdnNode>;
  readonly processes: readonly FabricProcess[];
  readonly release: Release;
  readonly logical = null;
  readonly claimants: FabricNetwork['claimants'] = [];
  readonly #site: FabricSite;
  readonly #settings: SdnSettings;
  readonly #profile: Profile;
  readonly #fixedRules: FixedRules;
  readonly #directory = new SubnetDirectory();
  readonly #pods = new Map<string, SdnPod>();
  readonly #podNames = new Map<string, Map<number, string[]>>();
  readonly #agents: readonly SdnAgent[];
  readonly #controller: SdnController;

  constructor(site: FabricSite) {
    const { plan } = site;
    this.#site = site;
    this.#settings = sdnSettings(plan.fabric.settings);
    const { profile, quirks } = this.#settings;
    this.#profile = resolveProfile(profile, new Map(Object.entries(quirks)));
    this.release = this.#profile.release;
    this.#fixedRules = fixedRules({
      clusterNetwork: plan.clusterNetwork,
      tun: TUN,
      blocksOnlySyns: this.#profile.blocksOnlySyns,
    });
    this.nodes = new Map(plan.nodes.map((node) => [node.name, this.#node(node)]));
    const { agents, controller } = this.#createProcesses();
    this.#agents = agents;
    this.#controller = controller;
    this.processes = [...agents, controller];
  }

  attach({ name, namespace, node, address, mac }: PodPlan): SdnPod {
    const { scheduler, arena, events, random } = this.#site;
    const settings = this.#settings.namespaces[namespace];
    const { netid: vnid } = present(settings, 'a pod has a namespace');
    const byVnid = this.#podNames.get(node) ?? new Map<number, string[]>();
    this.#podNames.set(node, byVnid);
    byVnid.set(vnid, [...(byVnid.get(vnid) ?? []), name]);
    const pod = new SdnPod({
      name,
      namespace,
      node: this.#nodeOf(node),
      vnid,
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
    return sdnObjects(this.#site.plan, this.#settings, created);
  }

  egressAddresses(store: ObjectStore): readonly Ipv4Address[] {
    const found = new Set<Ipv4Address>();
    const holders = [...store.list(NetNamespaces).items, ...store.list(HostSubnets).items];
    for (const text of holders.flatMap(({ egressIPs = [] }) => egressIPs)) {
      const address = parseIpv4(text);
      if (address !== null) found.add(address);
    }
    return [...found];
  }

  egressRequests(store: ObjectStore): readonly EgressRequest[] {
    const subnets = store.list(HostSubnets).items;
    return store.list(NetNamespaces).items.flatMap(({ egressIPs = [], netname }) => {
      const pods = this.#site.plan.pods.filter(({ namespace }) => namespace === netname);
      return [...new Set(egressIPs)].flatMap((text): EgressRequest[] => {
        const address = parseIpv4(text);
        if (address === null) return [];
        const offers = (cidr: string): boolean => {
          const range = parseCidr(cidr);
          return range !== null && cidrContains(range, address);
        };
        return [
          {
            address,
            owner: netname,
            nodes: subnets.filter((each) => each.egressIPs?.includes(text)).map(({ host }) => host),
            candidates: subnets
              .filter(({ egressCIDRs = [] }) => egressCIDRs.some(offers))
              .map(({ host }) => host),
            pods: pods.map(({ name }) => name),
          },
        ];
      });
    });
  }

  offline(): readonly OfflineVerdict[] {
    return [this.#controller, ...this.#agents].flatMap((process) => {
      const nodes = [...(process.tracker?.state.nodesByIp.values() ?? [])];
      const by = process.role === 'controller' ? 'controller' : process.node;
      return nodes.filter(({ offline }) => offline).map(({ name }) => ({ by, node: name }));
    });
  }

  whyPod(store: ObjectStore, { name }: FabricPod): EgressReasons {
    return egressReasons(store, this.nodes, present(this.#pods.get(name), 'it was attached'));
  }

  #node({ name, address, primaryInterface, subnet }: NodePlan): SdnNode {
    const { plan, random } = this.#site;
    const { stack, netfilter } = this.#site.machine(name);
    const profile = this.#profile;
    this.#directory.set(name, subnet, address.address);
    return new SdnNode({
      stack,
      netfilter,
      directory: this.#directory,
      random: random.fork(`node:${name}`),
      primary: present(stack.interface(primaryInterface), 'a node has its interface'),
      address,
      subnet,
      clusterNetwork: plan.clusterNetwork,
      serviceNetwork: present(parseCidr(this.#settings.serviceNetwork), 'the section checked it'),
      knowsReplies: profile.knowsReplies,
      tracksOverlay: profile.tracksOverlay,
      egressTable: profile.egressTable,
      overlayGuardTable: profile.overlayGuardTable,
      fixedRules: this.#fixedRules,
      masqueradesInternal: profile.masqueradesInternal,
    });
  }

  #createProcesses(): { readonly agents: SdnAgent[]; readonly controller: SdnController } {
    const { api, events, plan, scheduler } = this.#site;
    const { clock, logs } = api;
    const random = this.#site.random.fork('control-plane');
    const context = { scheduler, clock, events, random, logs };
    const processes = new SdnProcesses(context, {
      profile: this.#profile,
      cloud: cloudNodes(plan.nodes),
    });
    const podsByNode = new Map<string, LocalPod[]>();
    for (const { address, name, namespace, node } of plan.pods) {
      const there = podsByNode.get(node) ?? [];
      podsByNode.set(node, there);
      there.push({ name, namespace, address: formatIpv4(address.address) });
    }
    const agents = [...this.nodes.values()].map((node) =>
      processes.agent({
        node,
        nodeIp: node.address.address,
        connection: api.connection(node.name),
        pods: podsByNode.get(node.name) ?? [],
        podsOf: (vnid) => this.#podNames.get(node.name)?.get(vnid) ?? [],
      }),
    );
    const first = present(plan.nodes[0], 'a cluster has nodes').name;
    const home = this.#nodeOf(plan.controller ?? first);
    const connection = api.connect('controller', home.name);
    const subnets = new Map(plan.nodes.map(({ name, subnet }) => [name, formatCidr(subnet)]));
    const subnetOf = (name: string): string | null => subnets.get(name) ?? null;
    const site = { node: home.name, dialer: home, connection, subnetOf };
    return { agents, controller: processes.controller(site) };
  }

  #nodeOf(name: string): SdnNode {
    return present(this.nodes.get(name), 'a cluster has the nodes that it names');
  }
}
