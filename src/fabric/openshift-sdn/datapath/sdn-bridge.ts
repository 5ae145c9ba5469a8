// br0, the Open vSwitch bridge of an OpenShift SDN node, as the OpenFlow pipeline that
// openshift-sdn programs: not a learning switch. Ports: the pods, tun0 (the node's own stack) and
// vxlan0 (the other nodes). `reg0` is the VNID of the sender.
//
//   0 classify ─▶ 10 from vxlan0: known peer?  ─┐
//              ─▶ 20 from a pod: its own address? ├▶ 30 ─▶ ARP: tun0, pod or vxlan0
//              ─▶ 25 a pod's, come back by tun0   │    ─▶ 60 service · 70 local pod · 90 remote pod
//              ─▶    from tun0 ──────────────────┘    ─▶ 110, 120 multicast · 100 external
//
// Table numbers are those of release 4.3; HEAD swaps 100 and 101 (`egressTable`). The flows that are there before
// any egress IP are in `fixed-flows.ts`. NetworkPolicy and services are not modeled: everything is allowed,
// nothing is load-balanced, and what is sent to the service network ends at tun0.

import { type DropPlace, type FlowPlace, formatPlace } from '../../../link/drop-place.ts';
import { type DropReason, LinkDrop } from '../../../link/drop-reason.ts';
import { type FrameReceiver, Port } from '../../../link/port.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, Note } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { cidrContains, type Ipv4Address, isMulticast } from '../../../wire/ipv4-address.ts';
import type { MacAddress } from '../../../wire/mac-address.ts';
import type { EgressBucket, NamespaceEgress } from '../control/egress-node.ts';
import { SdnDrop } from '../drop-reason.ts';
import {
  type FixedFlowNames,
  FlowKind,
  flowKind,
  isOverlay,
  isOwnResolver,
  isReturned,
  nodeAdmits,
  tunnelAdmits,
} from './fixed-flows.ts';
import { bucketHash } from './flow-hash.ts';
import type { SubnetDirectory } from './subnet-directory.ts';
import type { VxlanTunnel } from './vxlan-tunnel.ts';

interface PodPort {
  readonly port: Port;
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
  vnid: number;
}

/** Where flows drop what nobody owns, by the numbers of OpenShift SDN's tables. */
const TABLE_0 = flowPlace(0, null);
const TABLE_10 = flowPlace(10, null);
const TABLE_20 = flowPlace(20, null);
const TABLE_25 = flowPlace(25, null);
const TABLE_30 = flowPlace(30, null);
const TABLE_70 = flowPlace(70, null);
const TABLE_90 = flowPlace(90, null);
const TABLE_100 = flowPlace(100, null);
const TABLE_110 = flowPlace(110, null);
const TABLE_120 = flowPlace(120, null);

/** What table 100 does with a namespace, and what captures say of it. */
interface EgressFlow {
  readonly egress: NamespaceEgress;
  /** Of drops: 'br0 table 100 VNID 5281170'. */
  readonly place: FlowPlace;
  /** Of what leaves by this node. */
  readonly note: Note;
}

/** What br0 is made of. */
export interface SdnBridgeOptions {
  readonly stack: NetworkStack;
  readonly directory: SubnetDirectory;
  readonly names: FixedFlowNames;
  /** Of tun0, the pods' gateway. */
  readonly gatewayMac: MacAddress;
  /** Where UDP to the overlay's port is dropped: from pods (20, since 4.8), or on the way out (100). */
  readonly overlayGuardTable: 20 | 100;
  /** The number of the table with the egress IPs: 100, or 101 since 4.8. */
  readonly egressTable: number;
  /** `ct_state=+rpl`: the packet answers a connection that came from outside. Null before 4.6. */
  readonly isReply: ((frame: Frame, l3: number) => boolean) | null;
}

/** br0 of one node: the OpenFlow pipeline. */
export class SdnBridge implements FrameReceiver {
  /** The br0 end of tun0. */
  readonly tunPort: Port;
  /** The br0 end of vxlan0: no cable, it only shows what passes to whoever looks. */
  readonly vxlanPort: Port;
  readonly #options: SdnBridgeOptions;
  readonly #podsByPort = new Map<Port, PodPort>();
  readonly #podsByAddress = new Map<Ipv4Address, PodPort>();
  readonly #egress = new Map<number, EgressFlow>();
  /** Egress packets sent to a peer (counters of the vxlan monitor). */
  readonly #sentTo = new Map<Ipv4Address, number>();
  #tunnel: VxlanTunnel | null = null;

  constructor(options: SdnBridgeOptions) {
    this.#options = options;
    this.tunPort = new Port(`${options.stack.name}/br0:tun0`, this);
    this.vxlanPort = new Port(`${options.stack.name}/br0:vxlan0`, this);
  }

  /** Plugs vxlan0 in. */
  connectTunnel(tunnel: VxlanTunnel): void {
    this.#tunnel = tunnel;
  }

  /** All ports of the bridge. */
  get ports(): readonly Port[] {
    return [this.tunPort, this.vxlanPort, ...this.#podsByPort.keys()];
  }

  /** A port for a pod, to be plugged with a Link. */
  addPod(name: string, address: Ipv4Address, mac: MacAddress, vnid: number): Port {
    const port = new Port(`${this.#options.stack.name}/${name}`, this);
    const pod: PodPort = { port, address, mac, vnid };
    this.#podsByPort.set(port, pod);
    this.#podsByAddress.set(address, pod);
    return port;
  }

  /** Programs table 100 for one VNID. */
  setEgress(vnid: number, flow: NamespaceEgress): void {
    if (flow.kind === 'normal') {
      this.#egress.delete(vnid);
      return;
    }
    const place = flowPlace(this.#options.egressTable, `VNID ${vnid}`);
    this.#egress.set(vnid, {
      egress: flow,
      place,
      note: { text: `${formatPlace(place)}: leaves by this node` },
    });
  }

  egressOf(vnid: number): NamespaceEgress {
    return this.#egress.get(vnid)?.egress ?? { kind: 'normal' };
  }

  /** Egress packets sent over VXLAN to a peer since boot. */
  egressPacketsTo(peer: Ipv4Address): number {
    return this.#sentTo.get(peer) ?? 0;
  }

  /** Sets every namespace back to normal, as a fresh set-up of the bridge does. */
  resetEgress(): void {
    this.#egress.clear();
  }

  /** The node lost power: flows and counters are gone. */
  reset(): void {
    this.#egress.clear();
    this.#sentTo.clear();
  }

  carrierChanged(_port: Port, _up: boolean): void {
    // OpenFlow rules name ports; the pods of a lab stay.
  }

  /** Table 0 for tun0 and pods. */
  receive(frame: Frame, ingress: Port): void {
    if (!this.#options.stack.powered) return;
    const pod = this.#podsByPort.get(ingress);
    if (pod !== undefined) this.#fromPod(frame, pod);
    else this.#fromNode(frame);
  }

  /** Tables 0 and 10 for vxlan0. */
  receiveFromTunnel(frame: Frame, vni: number, peer: Ipv4Address): void {
    const { vxlanPort } = this;
    if (vxlanPort.observer !== null) vxlanPort.observer(vxlanPort, frame, 'in');
    const { directory, names } = this.#options;
    const kind = flowKind(frame);
    if (!tunnelAdmits(names, kind, frame)) {
      this.#drop(SdnDrop.FlowDrop, TABLE_0, frame);
    } else if (directory.isNode(peer)) {
      this.#dispatch(frame, kind, vni, null);
    } else {
      this.#drop(SdnDrop.VxlanUnknownPeer, TABLE_10, frame);
    }
  }

  /** Table 0 for tun0, and table 25, which gives a pod's packet its VNID back. */
  #fromNode(frame: Frame): void {
    const { names } = this.#options;
    const kind = flowKind(frame);
    if (!nodeAdmits(names, kind, frame)) {
      this.#drop(SdnDrop.FlowDrop, TABLE_0, frame);
    } else if (isReturned(names, kind, frame)) {
      const source = ipv4.source(frame, frame.start + ethernet.HEADER_LENGTH);
      const pod = this.#podsByAddress.get(source);
      if (pod === undefined) this.#drop(SdnDrop.FlowDrop, TABLE_25, frame);
      else this.#dispatch(frame, kind, pod.vnid, this.tunPort);
    } else {
      this.#dispatch(frame, kind, 0, this.tunPort);
    }
  }

  /** Table 20: a pod may only speak for itself, and builds no tunnel of its own. */
  #fromPod(frame: Frame, pod: PodPort): void {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const kind = flowKind(frame);
    const honest =
      kind === FlowKind.Ip
        ? ipv4.source(frame, l3) === pod.address &&
          (this.#options.overlayGuardTable !== 20 || !isOverlay(frame, l3))
        : kind === FlowKind.Arp &&
          arp.senderIp(frame, l3) === pod.address &&
          arp.senderMac(frame, l3) === pod.mac;
    if (honest) this.#dispatch(frame, kind, pod.vnid, pod.port);
    else this.#drop(SdnDrop.FlowDrop, kind === FlowKind.Other ? TABLE_0 : TABLE_20, frame);
  }

  /** Tables 30, 40, 50, 60, 70, 90. `ingress` is null for vxlan0. */
  #dispatch(frame: Frame, kind: FlowKind, vnid: number, ingress: Port | null): void {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const { gateway, subnet, clusterNetwork, serviceNetwork } = this.#options.names;
    const isIp = kind === FlowKind.Ip;
    const destination = isIp ? ipv4.destination(frame, l3) : arp.targetIp(frame, l3);
    if (destination === gateway) {
      this.#output(this.tunPort, ingress, frame);
    } else if (cidrContains(subnet, destination)) {
      const pod = this.#podsByAddress.get(destination);
      if (pod === undefined) this.#drop(SdnDrop.FlowDrop, TABLE_70, frame);
      else this.#output(pod.port, ingress, frame);
    } else if (cidrContains(clusterNetwork, destination)) {
      const peer = this.#options.directory.nodeOf(destination);
      if (peer === null) this.#drop(SdnDrop.FlowDrop, TABLE_90, frame);
      else this.#outputTunnel(peer, vnid, ingress, frame);
    } else if (!isIp) {
      this.#drop(SdnDrop.FlowDrop, TABLE_30, frame);
    } else if (cidrContains(serviceNetwork, destination)) {
      this.#output(this.tunPort, ingress, frame);
    } else if (isMulticast(destination)) {
      // No namespace of a lab is annotated multicast-enabled.
      this.#drop(SdnDrop.FlowDrop, ingress === null ? TABLE_120 : TABLE_110, frame);
    } else {
      this.#external(frame, l3, vnid, ingress);
    }
  }

  /** Tables 99 to 101: the namespace's way out of the cluster. */
  #external(frame: Frame, l3: number, vnid: number, ingress: Port | null): void {
    const { isReply, names, overlayGuardTable } = this.#options;
    if (overlayGuardTable === 100 && isOverlay(frame, l3)) {
      this.#drop(SdnDrop.FlowDrop, TABLE_100, frame);
      return;
    }
    const flow = this.#egress.get(vnid);
    if (flow === undefined || isOwnResolver(names, frame, l3) || (isReply?.(frame, l3) ?? false)) {
      this.#output(this.tunPort, ingress, frame);
    } else {
      this.#egressBy(flow, frame, l3, vnid, ingress);
    }
  }

  #egressBy(
    { egress, note, place }: EgressFlow,
    frame: Frame,
    l3: number,
    vnid: number,
    ingress: Port | null,
  ): void {
    const bucket = egress.kind === 'via' ? chosenBucket(egress, frame, l3) : undefined;
    if (bucket === undefined) {
      this.#drop(SdnDrop.EgressDropped, place, frame);
    } else if (bucket.kind === 'local') {
      this.#toGateway(frame, ingress, bucket.mark, note);
    } else {
      // The flow counts what it matches, sent or not.
      this.#sentTo.set(bucket.hostIp, this.egressPacketsTo(bucket.hostIp) + 1);
      this.#outputTunnel(bucket.hostIp, vnid, ingress, frame);
    }
  }

  /** Open vSwitch never sends a packet back to the port it came from (ofproto: output to in_port). */
  #output(egress: Port, ingress: Port | null, frame: Frame): void {
    if (egress === ingress) this.#drop(LinkDrop.SamePort, egress.name, frame);
    else egress.transmit(frame);
  }

  /** All peers are behind one port: two nodes that each take the other for the egress node make no loop. */
  #outputTunnel(peer: Ipv4Address, vnid: number, ingress: Port | null, frame: Frame): void {
    if (ingress === null) {
      this.#drop(LinkDrop.SamePort, 'br0 vxlan0', frame);
      return;
    }
    const { vxlanPort } = this;
    if (vxlanPort.observer !== null) vxlanPort.observer(vxlanPort, frame, 'out');
    this.#tunnel?.transmit(frame, vnid, peer);
  }

  /** set_field eth_dst and pkt_mark, output tun0. */
  #toGateway(frame: Frame, ingress: Port | null, mark: number, note: Note): void {
    const { gatewayMac, stack } = this.#options;
    const copy = frame.sealed ? stack.arena.copy(frame) : frame;
    ethernet.setDestination(copy, gatewayMac);
    copy.mark = mark;
    copy.note = note;
    this.#output(this.tunPort, ingress, copy);
  }

  #drop(reason: DropReason, where: DropPlace, frame: Frame): void {
    this.#options.stack.drops.count(reason, where, frame);
  }
}

function chosenBucket(
  { buckets, commit }: Extract<NamespaceEgress, { readonly kind: 'via' }>,
  frame: Frame,
  l3: number,
): EgressBucket | undefined {
  return buckets[buckets.length > 1 ? bucketHash(frame, l3, commit) % buckets.length : 0];
}

function flowPlace(table: number, tenant: string | null): FlowPlace {
  return { kind: 'flow', bridge: 'br0', table, tenant };
}
