// br-int: the logical switches of one node. It answers its pods' ARP, checks who speaks, and hands packets
// to the cluster router; Geneve brings and takes what other nodes' logical ports are for.

import type { DropReason } from '../../../link/drop-reason.ts';
import { type FrameReceiver, Port } from '../../../link/port.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import type { MacAddress } from '../../../wire/mac-address.ts';
import { EtherType } from '../../../wire/numbers.ts';
import { OvnDrop } from '../drop-reason.ts';
import type { ClusterRouterPorts, RouterIngress } from './cluster-router.ts';
import type { GeneveTunnel, TunnelKey } from './geneve-tunnel.ts';
import { CLUSTER_JOIN, logicalMac, type Member, type NetworkMap } from './network-map.ts';

/** Tunnel keys of the logical datapaths that packets cross between nodes; ports are numbered as nodes are. */
const Datapath = { ClusterRouter: 1, Join: 2, Transit: 0xff_0003 } as const;

interface PodPort {
  readonly port: Port;
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
  /** It is ovn-k8s-mp0: the node itself, which speaks for anybody. */
  readonly isNode: boolean;
}

/** What br-int joins. */
export interface IntegrationBridgeOptions {
  readonly stack: NetworkStack;
  readonly member: Member;
  readonly map: NetworkMap;
  /** The cluster router takes a writable packet. */
  readonly route: (frame: Frame, l3: number, ingress: RouterIngress) => void;
  /** The gateway router takes a writable packet from the join switch. */
  readonly toGateway: (frame: Frame, l3: number) => void;
}

/** br-int of one node. */
export class IntegrationBridge implements FrameReceiver, ClusterRouterPorts {
  /** Shows what passes the tunnel port to whoever looks: it has no cable. */
  readonly tunnelPort: Port;
  readonly #options: IntegrationBridgeOptions;
  readonly #byPort = new Map<Port, PodPort>();
  readonly #byAddress = new Map<Ipv4Address, PodPort>();
  #tunnel: GeneveTunnel | null = null;

  constructor(options: IntegrationBridgeOptions) {
    this.#options = options;
    this.tunnelPort = new Port(`${options.stack.name}/br-int:genev`, this);
  }

  connectTunnel(tunnel: GeneveTunnel): void {
    this.#tunnel = tunnel;
  }

  /** All ports of the bridge that frames cross. */
  get ports(): readonly Port[] {
    return [this.tunnelPort, ...this.#byPort.keys()];
  }

  /** A port for a pod or for ovn-k8s-mp0, to be plugged with a Link. */
  addPort(name: string, address: Ipv4Address, mac: MacAddress, isNode = false): Port {
    const port = new Port(`${this.#options.stack.name}/${name}`, this);
    const pod: PodPort = { port, address, mac, isNode };
    this.#byPort.set(port, pod);
    this.#byAddress.set(address, pod);
    return port;
  }

  carrierChanged(_port: Port, _up: boolean): void {
    // The pods of a lab stay plugged.
  }

  /** From a pod, or from the node itself. */
  receive(frame: Frame, ingress: Port): void {
    const { stack } = this.#options;
    const pod = this.#byPort.get(ingress);
    if (!stack.powered || pod === undefined) return;
    const at = frame.start + ethernet.HEADER_LENGTH;
    const type = ethernet.etherType(frame);
    if (type === EtherType.Arp && arp.check(frame, at) === null) {
      this.#answerArp(frame, at, pod);
    } else if (type === EtherType.Ipv4 && ipv4.check(frame, at) === null) {
      if (pod.isNode || ipv4.source(frame, at) === pod.address) this.#switch(frame, at);
      else this.#drop(OvnDrop.PortSecurity, pod.port.name, frame);
    } else {
      this.#drop(OvnDrop.PortSecurity, pod.port.name, frame);
    }
  }

  /** From another node. */
  receiveFromTunnel(frame: Frame, { datapath, egress }: TunnelKey): void {
    const { member, route, stack, toGateway } = this.#options;
    if (this.tunnelPort.observer !== null) this.tunnelPort.observer(this.tunnelPort, frame, 'in');
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const isForThis = egress === member.id && ethernet.etherType(frame) === EtherType.Ipv4;
    if (!isForThis || ipv4.check(frame, l3) !== null) {
      this.#drop(OvnDrop.NoLogicalPort, this.tunnelPort.name, frame);
      return;
    }
    // The observer may keep the frame; what routes it on has a copy.
    const copy = stack.arena.copy(frame);
    copy.note = frame.note;
    const at = copy.start + ethernet.HEADER_LENGTH;
    if (datapath === Datapath.Join) toGateway(copy, at);
    else if (datapath === Datapath.Transit) route(copy, at, 'transit');
    else if (datapath === Datapath.ClusterRouter) this.toPod(copy, ipv4.destination(copy, at));
    else this.#drop(OvnDrop.NoLogicalPort, this.tunnelPort.name, frame);
  }

  toPod(frame: Frame, address: Ipv4Address): void {
    const pod = this.#byAddress.get(address);
    if (pod === undefined) {
      this.#drop(OvnDrop.NoLogicalPort, this.#options.member.name, frame);
      return;
    }
    ethernet.emit(frame, pod.mac, logicalMac(this.#options.member.gateway), EtherType.Ipv4);
    pod.port.transmit(frame);
  }

  toManagement(frame: Frame): void {
    this.toPod(frame, this.#options.member.management);
  }

  toGateway(frame: Frame): void {
    this.#options.toGateway(frame, frame.start + ethernet.HEADER_LENGTH);
  }

  toPeer(frame: Frame, peer: Member, what: 'gateway' | 'pod' | 'transit'): void {
    const { member } = this.#options;
    switch (what) {
      case 'gateway':
        ethernet.emit(frame, logicalMac(peer.join), logicalMac(CLUSTER_JOIN), EtherType.Ipv4);
        this.#send(frame, Datapath.Join, peer);
        return;
      case 'transit':
        ethernet.emit(frame, logicalMac(peer.transit), logicalMac(member.transit), EtherType.Ipv4);
        this.#send(frame, Datapath.Transit, peer);
        return;
      case 'pod': {
        const pod = ipv4.destination(frame, frame.start + ethernet.HEADER_LENGTH);
        ethernet.emit(frame, logicalMac(pod), logicalMac(peer.gateway), EtherType.Ipv4);
        this.#send(frame, Datapath.ClusterRouter, peer);
        return;
      }
    }
  }

  #send(frame: Frame, datapath: number, peer: Member): void {
    const { member } = this.#options;
    if (this.tunnelPort.observer !== null) {
      frame.sealed = true;
      this.tunnelPort.observer(this.tunnelPort, frame, 'out');
    }
    this.#tunnel?.transmit(frame, { datapath, ingress: member.id, egress: peer.id }, peer);
  }

  /** By MAC: to another pod of the switch, or to the router. */
  #switch(frame: Frame, at: number): void {
    const { member, route, stack } = this.#options;
    const to = ethernet.destination(frame);
    if (to === logicalMac(member.gateway)) {
      const copy = stack.arena.copy(frame);
      copy.note = frame.note;
      route(copy, copy.start + ethernet.HEADER_LENGTH, 'node');
      return;
    }
    const pod = this.#byAddress.get(ipv4.destination(frame, at));
    if (pod?.mac === to) pod.port.transmit(frame);
    else this.#drop(OvnDrop.NoLogicalPort, member.name, frame);
  }

  /** The switch knows all its addresses and answers itself; nobody else hears of the question. */
  #answerArp(frame: Frame, at: number, pod: PodPort): void {
    const { member, stack } = this.#options;
    const target = arp.targetIp(frame, at);
    if (arp.operation(frame, at) !== arp.Operation.Request || target === pod.address) return;
    const other = this.#byAddress.get(target)?.mac;
    const mac = target === member.gateway ? logicalMac(member.gateway) : other;
    if (mac === undefined) {
      this.#drop(OvnDrop.NoLogicalPort, member.name, frame);
      return;
    }
    const answer = stack.arena.allocate(ethernet.HEADER_LENGTH + arp.LENGTH);
    ethernet.emit(answer, pod.mac, mac, EtherType.Arp);
    arp.emit(answer, answer.start + ethernet.HEADER_LENGTH, {
      operation: arp.Operation.Reply,
      senderMac: mac,
      senderIp: target,
      targetMac: arp.senderMac(frame, at),
      targetIp: arp.senderIp(frame, at),
    });
    pod.port.transmit(answer);
  }

  #drop(reason: DropReason, where: string, frame: Frame): void {
    this.#options.stack.drops.count(reason, where, frame);
  }
}
