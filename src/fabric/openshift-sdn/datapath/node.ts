// A cluster node: a Linux host with a primary interface, br0 with the pods, tun0 between the two, a
// VXLAN tunnel to the other nodes, SNAT on the way out. It does what its sdn pod tells it
// (EgressNode) and knows nothing of why.

import { Link } from '../../../link/link.ts';
import type { Port } from '../../../link/port.ts';
import type { Netfilter } from '../../../nat/netfilter.ts';
import type { Random } from '../../../sim/random.ts';
import type { Nanos } from '../../../sim/time.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import {
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
  networkOf,
} from '../../../wire/ipv4-address.ts';
import { IpProtocol, WellKnownPort } from '../../../wire/numbers.ts';
import { dial } from '../../dial.ts';
import type { DialOutcome } from '../../dialer.ts';
import type { FabricNode } from '../../network.ts';
import type {
  AddressOutcome,
  ArpingAnnouncement,
  EgressNode,
  NamespaceEgress,
  PrimaryInterface,
  TunnelCounters,
} from '../control/egress-node.ts';
import { EgressRules } from './egress-rules.ts';
import { type FixedRules, installFixedRules } from './fixed-rules.ts';
import { ethernetMacOf } from './pod-mac.ts';
import { isReply } from './reply-lookup.ts';
import { SdnBridge } from './sdn-bridge.ts';
import type { SubnetDirectory } from './subnet-directory.ts';
import { OVERHEAD, VxlanTunnel } from './vxlan-tunnel.ts';

/** What a node is made of. */
export interface SdnNodeOptions {
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  readonly random: Random;
  /** The interface of the node's own address, which egress IPs join. */
  readonly primary: Interface;
  readonly address: Ipv4Cidr;
  /** Its pod subnet, canonical. */
  readonly subnet: Ipv4Cidr;
  /** All pod subnets. */
  readonly clusterNetwork: Ipv4Cidr;
  /** Of services: the node sends for it by tun0. */
  readonly serviceNetwork: Ipv4Cidr;
  readonly directory: SubnetDirectory;
  /** Answers of pods to connections from outside are never redirected. */
  readonly knowsReplies: boolean;
  /** conntrack follows the VXLAN packets, too. */
  readonly tracksOverlay: boolean;
  /** The number of the OpenFlow table with the egress IPs. */
  readonly egressTable: number;
  /** The number of the OpenFlow table that keeps pods from building tunnels. */
  readonly overlayGuardTable: 20 | 100;
  /** What iptables says on every node of the cluster; `tun` is `TUN`. */
  readonly fixedRules: FixedRules;
  /** Marked traffic that stays inside the cluster network is masqueraded. */
  readonly masqueradesInternal: boolean;
}

/** The node's interface to its pods. */
export const TUN = 'tun0';

/** Labels of addresses that egress IPs are; the kernel takes 15 characters. */
const LABEL_SUFFIX = ':eip';
const LABEL_LIMIT = 15;

/** One node: its kernel, br0, tun0, the VXLAN tunnel and the rules. */
export class SdnNode implements EgressNode, FabricNode {
  readonly name: string;
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  readonly bridge: SdnBridge;
  readonly tun: Interface;
  readonly primary: Interface;
  readonly address: Ipv4Cidr;
  readonly clusterNetwork: Ipv4Cidr;
  /** tun0's address: the gateway of the node's pods, and what health checks dial. */
  readonly gateway: Ipv4Address;
  /** Of tun0 and the pods. */
  readonly mtu: number;
  readonly #tunnel: VxlanTunnel;
  readonly #rules: EgressRules;
  readonly #addressListeners = new Set<(address: Ipv4Address) => void>();
  #removing = false;
  /** An agent has made the pod switch ready since there is power. */
  #isSetUp = false;

  constructor(options: SdnNodeOptions) {
    const { stack, netfilter, primary, subnet, clusterNetwork, serviceNetwork, directory } =
      options;
    this.name = stack.name;
    this.stack = stack;
    this.netfilter = netfilter;
    this.primary = primary;
    this.address = options.address;
    this.clusterNetwork = clusterNetwork;
    this.gateway = ipv4Address(networkOf(subnet) | 1);
    this.mtu = primary.mtu - OVERHEAD;
    stack.sysctl.set('ip_forward', 1);
    const mac = ethernetMacOf(this.gateway);
    this.tun = stack.addInterface({ name: TUN, mac, mtu: this.mtu });
    const { conntrack } = netfilter;
    if (!options.tracksOverlay) {
      conntrack.exempt({ protocol: IpProtocol.Udp, destinationPort: WellKnownPort.Vxlan });
    }
    this.bridge = new SdnBridge({
      stack,
      directory,
      names: {
        clusterNetwork,
        serviceNetwork,
        subnet,
        gateway: this.gateway,
        localIp: options.address.address,
      },
      gatewayMac: mac,
      egressTable: options.egressTable,
      overlayGuardTable: options.overlayGuardTable,
      isReply: options.knowsReplies
        ? (frame, l3) => isReply(conntrack, frame, l3, stack.scheduler.now)
        : null,
    });
    new Link(this.tun.port, this.bridge.tunPort, {
      scheduler: stack.scheduler,
      arena: stack.arena,
      random: options.random.fork('tun0'),
      drops: stack.drops,
    });
    stack.addresses.add(this.tun, { address: this.gateway, prefixLength: subnet.prefixLength });
    for (const destination of [clusterNetwork, serviceNetwork]) {
      stack.routes.add({
        destination,
        type: 'unicast',
        via: null,
        iface: this.tun,
        source: null,
        metric: 0,
      });
    }
    this.#tunnel = new VxlanTunnel({
      stack,
      local: options.address.address,
      nameOf: (host) => directory.nameOf(host) ?? formatIpv4(host),
      receiver: (frame, vni, peer) => this.bridge.receiveFromTunnel(frame, vni, peer),
    });
    this.bridge.connectTunnel(this.#tunnel);
    const last = installFixedRules(netfilter, options.fixedRules);
    this.#rules = new EgressRules(netfilter, clusterNetwork, last, options.masqueradesInternal);
    stack.addresses.onChange((iface, held, added) => {
      if (added || iface !== primary || this.#removing || held.label !== this.#label) return;
      for (const listener of this.#addressListeners) listener(held.address);
    });
    stack.onPower((on) => {
      if (!on) this.#loseVolatileState();
    });
  }

  /** Ports inside the node, where frames pass that no interface shows. */
  get innerPorts(): readonly Port[] {
    return this.bridge.ports;
  }

  primaryInterface(nodeIp: Ipv4Address): PrimaryInterface | null {
    for (const iface of this.stack.interfaces) {
      const address = iface.addresses.find((held) => held.address === nodeIp);
      if (address !== undefined) return { name: iface.name, address };
    }
    return null;
  }

  addEgressAddress(interfaceName: string, address: Ipv4Cidr): AddressOutcome {
    const iface = this.stack.interface(interfaceName);
    if (iface === null) return { kind: 'failed', error: 'no such device' };
    const added = this.stack.addresses.add(iface, address, { label: this.#label });
    return { kind: added ? 'done' : 'unchanged' };
  }

  removeEgressAddress(interfaceName: string, address: Ipv4Cidr): AddressOutcome {
    const iface = this.stack.interface(interfaceName);
    if (iface === null) return { kind: 'failed', error: 'no such device' };
    this.#removing = true;
    const removed = this.stack.addresses.remove(iface, address.address);
    this.#removing = false;
    return { kind: removed ? 'done' : 'unchanged' };
  }

  egressAddresses(interfaceName: string): readonly Ipv4Address[] {
    const held = this.stack.interface(interfaceName)?.addresses ?? [];
    return held.filter(({ label }) => label === this.#label).map(({ address }) => address);
  }

  sendArp(
    interfaceName: string,
    address: Ipv4Address,
    form: ArpingAnnouncement,
    note: string,
  ): boolean {
    const iface = this.stack.interface(interfaceName);
    if (iface === null || !iface.operational) return false;
    // arping binds to the address first, and ends when it is not there (iputils arping.c).
    if (!iface.addresses.some((held) => held.address === address)) return false;
    this.stack.arp.announce(iface, address, form, note);
    return true;
  }

  addSnat(mark: number, address: Ipv4Address, owner?: string): void {
    this.#rules.add(mark, address, owner ?? null);
  }

  removeSnat(mark: number, address: Ipv4Address): void {
    this.#rules.remove(mark, address);
  }

  retainSnat(addresses: readonly Ipv4Address[]): number {
    return this.#rules.retain(addresses);
  }

  setNamespaceEgress(vnid: number, egress: NamespaceEgress): void {
    this.bridge.setEgress(vnid, egress);
  }

  setUpPodSwitch(): boolean {
    const isNew = !this.#isSetUp;
    this.#isSetUp = true;
    this.bridge.resetEgress();
    return isNew;
  }

  tunnelCounters(hostIp: Ipv4Address): TunnelCounters {
    return { received: this.#tunnel.received(hostIp), sent: this.bridge.egressPacketsTo(hostIp) };
  }

  onAddressLost(listener: (address: Ipv4Address) => void): () => void {
    this.#addressListeners.add(listener);
    return () => this.#addressListeners.delete(listener);
  }

  dial(
    address: Ipv4Address,
    port: number,
    timeout: Nanos,
    done: (outcome: DialOutcome) => void,
  ): void {
    dial(this.stack, address, port, timeout, done);
  }

  /** For people: 'worker02 192.168.50.145'. */
  toString(): string {
    return `${this.name} ${formatIpv4(this.address.address)}`;
  }

  /** Never the bare name of the interface, which is the label of its other addresses. */
  get #label(): string {
    return `${this.primary.name.slice(0, LABEL_LIMIT - LABEL_SUFFIX.length)}${LABEL_SUFFIX}`;
  }

  /** What a reboot does not bring back: egress addresses, rules, flows. */
  #loseVolatileState(): void {
    this.#removing = true;
    this.stack.addresses.forget(this.primary, ({ label }) => label === this.#label);
    this.#removing = false;
    this.#rules.retain([]);
    this.bridge.reset();
    this.#isSetUp = false;
  }
}
