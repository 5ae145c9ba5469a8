// Pods hang on the node by which their namespace leaves, each on a cable of its own, and leave with that
// node's address. Pods of different gateways do not reach one another.

import type {
  FabricNetwork,
  FabricNode,
  FabricObjects,
  FabricPod,
  FabricSite,
  Release,
} from '../../../src/fabric/network.ts';
import type { ClusterPlan, PodPlan } from '../../../src/fabric/plan.ts';
import type { FabricProcess } from '../../../src/fabric/process.ts';
import type { EgressReasons } from '../../../src/fabric/reason.ts';
import type { ObjectStore } from '../../../src/kube/server/store.ts';
import { Link } from '../../../src/link/link.ts';
import type { Interface } from '../../../src/stack/device/interface.ts';
import { NetworkStack } from '../../../src/stack/stack.ts';
import {
  ANY_ADDRESS,
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
} from '../../../src/wire/ipv4-address.ts';
import { macAddress } from '../../../src/wire/mac-address.ts';
import { NAMESPACE, staticAgent } from './agent.ts';
import { Gateways } from './kind.ts';
import type { StaticSettings } from './section.ts';

interface StaticNode extends FabricNode {
  readonly gateway: Ipv4Address;
}

export class StaticNetwork implements FabricNetwork {
  readonly nodes: ReadonlyMap<string, StaticNode>;
  readonly processes: readonly FabricProcess[];
  readonly claimants: FabricNetwork['claimants'] = [];
  readonly logical = null;

  whyPod(): EgressReasons {
    return { verdict: 'leaves by its node', reasons: [] };
  }

  readonly release: Release = { kubeletVersion: 'v1.30.0', listStyle: 'json' };
  readonly #site: FabricSite;
  readonly #settings: StaticSettings;

  constructor(site: FabricSite) {
    const { plan } = site;
    this.#site = site;
    this.#settings = plan.fabric.settings as StaticSettings;
    this.nodes = new Map(plan.nodes.map((node) => [node.name, this.#node(node)]));
    this.processes = plan.nodes.map(({ name }) => staticAgent(site, this.#settings, name));
  }

  attach({ name, namespace, address, mac }: PodPlan): FabricPod {
    const { scheduler, arena, events, random } = this.#site;
    const node = this.nodes.get(this.#settings.gateways[namespace] ?? '');
    if (node === undefined) throw new Error(`${namespace} has no gateway`);
    const stack = new NetworkStack({ name, scheduler, arena, events, random: random.fork(name) });
    const own = stack.addInterface({ name: 'eth0', mac, mtu: 1500 });
    const far = node.stack.addInterface({
      name: `v-${name}`.slice(0, 15),
      mac: macAddress(0x0e58 * 0x1_0000_0000 + address.address),
      mtu: 1500,
    });
    const { drops } = stack;
    new Link(own.port, far.port, { scheduler, arena, drops, random: random.fork(`veth:${name}`) });
    stack.addresses.add(own, { address: address.address, prefixLength: 32 });
    route(stack, { address: node.gateway, prefixLength: 32 }, null, own);
    route(stack, { address: ANY_ADDRESS, prefixLength: 0 }, node.gateway, own);
    route(node.stack, { address: address.address, prefixLength: 32 }, null, far);
    node.stack.onPower((on) => (on ? stack.powerOn() : stack.powerOff()));
    return { name, namespace, node, stack, address };
  }

  objects(created: string): FabricObjects {
    const besideNamespaces = Object.entries(this.#settings.gateways).map(([name, node]) => ({
      apiVersion: 'static.example.com/v1',
      kind: 'Gateway',
      metadata: { name, creationTimestamp: created },
      node,
    }));
    const agents = [...this.nodes.keys()].map(
      (node) => [node, { 'static.example.com/agent': NAMESPACE }] as const,
    );
    return { besideNodes: [], besideNamespaces, nodeAnnotations: new Map(agents) };
  }

  egressAddresses(store: ObjectStore): readonly Ipv4Address[] {
    const nodes = new Set(store.list(Gateways).items.map(({ node }) => node));
    return [...nodes].flatMap((name) => this.nodes.get(name)?.address.address ?? []);
  }

  egressRequests(): readonly [] {
    return [];
  }

  offline(): readonly [] {
    return [];
  }

  #node({ name, address, subnet }: ClusterPlan['nodes'][number]): StaticNode {
    const { stack, netfilter } = this.#site.machine(name);
    const { clusterNetwork } = this.#site.plan;
    const gateway = ipv4Address(subnet.address + 1);
    stack.sysctl.set('ip_forward', 1);
    stack.addresses.add(stack.loopback, { address: gateway, prefixLength: 32 });
    netfilter.snat.append({
      match: { source: clusterNetwork, notDestination: clusterNetwork },
      target: { kind: 'masquerade' },
      comment: 'pods leave with the node address',
    });
    return { name, stack, address, gateway, innerPorts: [] };
  }
}

function route(
  stack: NetworkStack,
  destination: Ipv4Cidr,
  via: Ipv4Address | null,
  iface: Interface,
): void {
  stack.routes.add({ destination, type: 'unicast', via, iface, source: null, metric: 0 });
}
