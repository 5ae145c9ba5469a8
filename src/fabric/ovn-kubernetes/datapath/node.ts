// A node of OVN-Kubernetes: br-ex between its wire and its stack, br-int with its pods, its part of the
// cluster router, and its gateway router. It reads the northbound database and knows no EgressIP object.

import { present } from '../../../base/assert.ts';
import { Link } from '../../../link/link.ts';
import type { Port } from '../../../link/port.ts';
import type { Netfilter } from '../../../nat/netfilter.ts';
import type { Random } from '../../../sim/random.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import type { Route } from '../../../stack/ipv4/route-table.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import type { FabricNode } from '../../network.ts';
import type { NorthboundDatabase } from '../northbound.ts';
import { BrEx, type BridgeFlows } from './br-ex.ts';
import { ClusterRouter } from './cluster-router.ts';
import { GatewayRouter } from './gateway-router.ts';
import type { OvnRelease } from './gateway-router-options.ts';
import { GeneveTunnel, MTU_RESERVE } from './geneve-tunnel.ts';
import { IntegrationBridge } from './integration-bridge.ts';
import { logicalMac, type Member, type NetworkMap } from './network-map.ts';
import { PolicyTable } from './policy-table.ts';
import type { DatapathType } from './port-choice.ts';

/** How a cluster's data path is set up, the same for all nodes. */
export interface DatapathSettings {
  readonly release: OvnRelease;
  readonly datapath: DatapathType;
  readonly flows: BridgeFlows;
  /** One zone per node, joined by the transit switch. */
  readonly zoned: boolean;
  readonly gatewayMode: 'shared' | 'local';
  /** options:gateway_mtu of the gateway routers; 0: none. */
  readonly gatewayMtu: number;
  /** mac_binding_age_threshold in seconds; 0: forever. */
  readonly bindingAge: number;
  /** Control plane protection of gateway routers, packets per second; 0: none. */
  readonly meterRate: number;
  /** br-ex lets no pod of another node out untranslated. */
  readonly dropsUntranslated: boolean;
  readonly announcesRows: boolean;
  readonly answersAnnouncements: boolean;
}

/** What a node is made with. */
export interface OvnNodeOptions {
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  readonly random: Random;
  /** The NIC of the primary address: it becomes a port of br-ex, which takes address and routes over. */
  readonly uplink: Interface;
  readonly address: Ipv4Cidr;
  readonly member: Member;
  readonly map: NetworkMap;
  readonly database: NorthboundDatabase;
  readonly settings: DatapathSettings;
}

const BRIDGE = 'br-ex';
const MANAGEMENT_PORT = 'ovn-k8s-mp0';

/** One node with its data path. */
export class OvnNode implements FabricNode {
  readonly name: string;
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  readonly address: Ipv4Cidr;
  readonly member: Member;
  readonly uplink: Interface;
  /** The node's own interface, which has its address. */
  readonly bridge: Interface;
  readonly brEx: BrEx;
  readonly brInt: IntegrationBridge;
  readonly gatewayRouter: GatewayRouter;
  readonly management: Interface;
  /** Of pods and of ovn-k8s-mp0. */
  readonly mtu: number;
  readonly #random: Random;

  constructor(options: OvnNodeOptions) {
    const { stack, netfilter, random, uplink, address, member, map, settings } = options;
    this.name = stack.name;
    this.stack = stack;
    this.netfilter = netfilter;
    this.address = address;
    this.member = member;
    this.uplink = uplink;
    this.mtu = uplink.mtu - MTU_RESERVE;
    this.#random = random;
    stack.sysctl.set('ip_forward', 1);
    this.bridge = stack.addInterface({ name: BRIDGE, mac: uplink.mac, mtu: uplink.mtu });
    this.brEx = new BrEx({
      stack,
      random: random.fork(BRIDGE),
      datapath: settings.datapath,
      flows: settings.flows,
      uplink,
      mac: uplink.mac,
      address: address.address,
      clusterNetwork: map.clusterNetwork,
      subnet: member.subnet,
      dropsUntranslated: settings.dropsUntranslated,
      toRouter: (frame) => this.gatewayRouter.fromBridge(frame),
    });
    this.plug(this.bridge.port, this.brEx.localPort, BRIDGE);
    moveAddresses(stack, uplink, this.bridge);
    this.gatewayRouter = this.#makeGatewayRouter(options);
    this.brInt = this.#makeIntegrationBridge(options);
    this.management = this.#makeManagementPort(options);
    stack.onPower((on) => {
      if (on) {
        this.gatewayRouter.powerOn();
        return;
      }
      this.brEx.zone.flush();
      this.gatewayRouter.powerOff();
    });
  }

  /** Ports inside the node, where frames pass that no interface shows. */
  get innerPorts(): readonly Port[] {
    return [...this.brInt.ports, this.brEx.patchPort, this.brEx.localPort];
  }

  /** A cable inside the node. */
  plug(a: Port, b: Port, name: string): void {
    const { scheduler, arena, drops } = this.stack;
    new Link(a, b, { scheduler, arena, random: this.#random.fork(`cable:${name}`), drops });
  }

  #makeGatewayRouter({
    stack,
    member,
    map,
    database,
    settings,
    ...rest
  }: OvnNodeOptions): GatewayRouter {
    const { scheduler, arena, drops, events } = stack;
    const { release, datapath, gatewayMtu, bindingAge } = settings;
    return new GatewayRouter({
      scheduler,
      arena,
      drops,
      events,
      random: rest.random.fork('gateway-router'),
      database,
      map,
      member,
      release,
      datapath,
      mac: rest.uplink.mac,
      address: rest.address,
      defaultGateway: defaultGatewayOf(stack, this.bridge),
      gatewayMtu,
      bindingAge,
      meterRate: settings.meterRate,
      announcesRows: settings.announcesRows,
      answersAnnouncements: settings.answersAnnouncements,
      toBridge: (frame) => this.brEx.fromRouter(frame),
      toCluster: (frame, l3) => this.#router.route(frame, l3, 'join'),
    });
  }

  get #router(): ClusterRouter {
    return present(this.#clusterRouter, 'the node is built');
  }

  #clusterRouter: ClusterRouter | null = null;

  #makeIntegrationBridge({
    stack,
    member,
    map,
    database,
    settings,
  }: OvnNodeOptions): IntegrationBridge {
    const bridge = new IntegrationBridge({
      stack,
      member,
      map,
      route: (frame, l3, ingress) => this.#router.route(frame, l3, ingress),
      toGateway: (frame, l3) => this.gatewayRouter.fromJoin(frame, l3),
    });
    const tunnel = new GeneveTunnel(stack, map, member.encap, (frame, key) =>
      bridge.receiveFromTunnel(frame, key),
    );
    bridge.connectTunnel(tunnel);
    this.#clusterRouter = new ClusterRouter({
      arena: stack.arena,
      drops: stack.drops,
      member,
      map,
      policies: new PolicyTable(database),
      datapath: settings.datapath,
      zoned: settings.zoned,
      leavesByHost: settings.gatewayMode === 'local',
      ports: bridge,
    });
    return bridge;
  }

  /** ovn-k8s-mp0: how the node itself reaches pods, and pods the node. */
  #makeManagementPort({ stack, netfilter, member, map, settings }: OvnNodeOptions): Interface {
    const mac = logicalMac(member.management);
    const iface = stack.addInterface({ name: MANAGEMENT_PORT, mac, mtu: this.mtu });
    const port = this.brInt.addPort(MANAGEMENT_PORT, member.management, mac, true);
    this.plug(iface.port, port, MANAGEMENT_PORT);
    const { prefixLength } = member.subnet;
    stack.addresses.add(iface, { address: member.management, prefixLength });
    stack.routes.add(routeVia(map.clusterNetwork, member.gateway, iface));
    if (settings.gatewayMode === 'local') {
      netfilter.snat.append({
        match: { source: map.clusterNetwork, notDestination: map.clusterNetwork },
        target: { kind: 'masquerade' },
        comment: 'local gateway mode: pods leave with the node address',
      });
    }
    return iface;
  }
}

/** Addresses and routes of the NIC become those of the bridge, as configure-ovs.sh does it at boot. */
function moveAddresses(stack: NetworkStack, from: Interface, to: Interface): void {
  const held = [...from.addresses];
  const routes = stack.routes.routes.filter((route) => route.iface === from);
  for (const { address } of held) stack.addresses.remove(from, address);
  for (const { address, prefixLength } of held) stack.addresses.add(to, { address, prefixLength });
  for (const route of routes) {
    const isOnLink = route.via === null && route.source !== null;
    if (!isOnLink) stack.routes.add({ ...route, iface: to });
  }
  stack.routes.remove((route) => route.iface === from);
}

function routeVia(destination: Ipv4Cidr, via: Ipv4Address, iface: Interface): Route {
  return { destination, type: 'unicast', via, iface, source: null, metric: 0 };
}

/** The next hop of the node's default route, which its gateway router takes over. */
function defaultGatewayOf(stack: NetworkStack, bridge: Interface): Ipv4Address | null {
  const route = stack.routes.routes.find(
    ({ destination, iface }) => destination.prefixLength === 0 && iface === bridge,
  );
  return route?.via ?? null;
}
