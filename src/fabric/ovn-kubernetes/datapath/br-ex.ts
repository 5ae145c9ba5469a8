// br-ex, the bridge between a node's wire, its own stack and its gateway router, with the flows of
// OVN-Kubernetes (go-controller bridgeconfig). Node and router share one MAC and one address: what belongs
// to whom is told by connection tracking, zone 64000, mark 1 (router) or 2 (node).
//
//   wire ── enp1s0 ─┐            ┌─ LOCAL: the node's interface br-ex
//                   └─ table 0/1 ┤
//                                └─ patch: the gateway router's external port

import type { DropPlace } from '../../../link/drop-place.ts';
import { LinkDrop } from '../../../link/drop-reason.ts';
import { type FrameReceiver, Port } from '../../../link/port.ts';
import type { Random } from '../../../sim/random.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { cidrContains, type Ipv4Address, type Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import { isGroupMac, type MacAddress } from '../../../wire/mac-address.ts';
import { EtherType } from '../../../wire/numbers.ts';
import { finishFrame } from '../../../wire/offload.ts';
import { OvnDrop } from '../drop-reason.ts';
import { CtZone } from './ct-zone.ts';
import { MissQueue } from './miss-queue.ts';
import { StepNotes } from './notes.ts';
import type { DatapathType } from './port-choice.ts';

/** ct_mark of zone 64000. */
const Mark = { Router: 1, Host: 2 } as const;
/** pkt_mark of what goes from served pods to nodes: it leaves with the node's address. */
const NODE_TRAFFIC = 1008;

/** `ovn-kubernetes`: its flows; `plain`: none, so that only the gateway router answers for the node. */
export type BridgeFlows = 'ovn-kubernetes' | 'plain';

/** What the bridge joins. */
export interface BrExOptions {
  readonly stack: NetworkStack;
  readonly random: Random;
  readonly datapath: DatapathType;
  readonly flows: BridgeFlows;
  /** The NIC, which is a port of the bridge. */
  readonly uplink: Interface;
  /** Of the bridge, the node and the router. */
  readonly mac: MacAddress;
  readonly address: Ipv4Address;
  readonly clusterNetwork: Ipv4Cidr;
  readonly subnet: Ipv4Cidr;
  /** The flow of priority 103, which lets no pod of another node out untranslated (PR 3361). */
  readonly dropsUntranslated: boolean;
  /** Hands a frame to the gateway router; it may be sealed. */
  readonly toRouter: (frame: Frame) => void;
}

/** br-ex of one node. */
export class BrEx implements FrameReceiver {
  /** The bridge's end of the node's interface br-ex. */
  readonly localPort: Port;
  /** The patch port to the gateway router: no cable, it shows what passes to whoever looks. */
  readonly patchPort: Port;
  readonly zone: CtZone;
  /** While set, gratuitous ARP of the router does not leave but for the node's address (prio 499/498). */
  guarded = false;
  /** ARP about these addresses is dropped at the uplink (nft chain egressip-drop). */
  #blocked: ReadonlySet<Ipv4Address> = new Set();
  readonly #options: BrExOptions;
  readonly #nodeTraffic: StepNotes;
  /** The NIC, which still hears of its carrier. */
  readonly #device: FrameReceiver;
  readonly #missesToRouter: MissQueue;
  readonly #missesFromLocal: MissQueue;

  constructor(options: BrExOptions) {
    const { stack, random, datapath } = options;
    this.#options = options;
    this.localPort = new Port(`${stack.name}/br-ex:local`, this);
    this.patchPort = new Port(`${stack.name}/br-ex:patch`, this);
    this.zone = new CtZone(stack.scheduler, random.fork('zone 64000'), datapath);
    const { scheduler, arena } = stack;
    this.#missesToRouter = new MissQueue(scheduler, arena, options.toRouter);
    this.#missesFromLocal = new MissQueue(scheduler, arena, (frame) => this.#forwardLocal(frame));
    this.#device = options.uplink.port.enslave(this);
    this.#nodeTraffic = new StepNotes('br-ex 105: to a node, leaves as the node');
  }

  blockArp(addresses: Iterable<Ipv4Address>): void {
    this.#blocked = new Set(addresses);
  }

  carrierChanged(port: Port, up: boolean): void {
    if (port === this.#options.uplink.port) this.#device.carrierChanged(port, up);
  }

  /** From the NIC or from the node's own stack. */
  receive(frame: Frame, ingress: Port): void {
    const { stack, uplink } = this.#options;
    if (!stack.powered) return;
    if (ingress === this.localPort) {
      this.#missesFromLocal.take(frame, isGroupMac(ethernet.destination(frame)));
    } else if (!uplink.up) {
      stack.drops.count(LinkDrop.LinkDown, uplink.name, frame);
    } else if (frame.length < ethernet.HEADER_LENGTH) {
      stack.drops.count(LinkDrop.Runt, uplink.name, frame);
    } else {
      finishFrame(stack.arena, stack.arena.keep(frame), (finished) => this.#fromUplink(finished));
    }
  }

  /** From the gateway router. */
  fromRouter(frame: Frame): void {
    const { clusterNetwork, dropsUntranslated, subnet, flows, address } = this.#options;
    if (this.patchPort.observer !== null) this.patchPort.observer(this.patchPort, frame, 'in');
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    if (ethernet.etherType(frame) !== EtherType.Ipv4) {
      if (this.guarded && this.#isAnnouncement(frame, l3)) {
        this.#drop(OvnDrop.AnnouncementGuard, place(0, 498), frame);
        return;
      }
      this.#toUplink(frame);
      if (isGroupMac(ethernet.destination(frame))) this.#toLocal(frame);
      return;
    }
    if (flows === 'plain') {
      this.#toUplink(frame);
      return;
    }
    const source = ipv4.source(frame, l3);
    if (frame.mark === NODE_TRAFFIC) {
      this.zone.translateSource(frame, l3, address);
      this.zone.commit(Mark.Router);
      frame.note = this.#nodeTraffic.after(frame.note);
    } else if (
      dropsUntranslated &&
      cidrContains(clusterNetwork, source) &&
      !cidrContains(subnet, source)
    ) {
      this.#drop(OvnDrop.UntranslatedPod, place(0, 103), frame);
      return;
    } else {
      this.zone.track(frame, l3);
      this.zone.commit(Mark.Router);
    }
    this.#toUplink(frame);
  }

  #fromUplink(frame: Frame): void {
    const { mac, flows } = this.#options;
    const to = ethernet.destination(frame);
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const isIp = ethernet.etherType(frame) === EtherType.Ipv4;
    if (!isIp && this.#isBlocked(frame, l3)) return;
    if (to !== mac) {
      if (!isGroupMac(to)) return;
      this.#toLocal(frame);
      this.#toRouter(frame);
    } else if (!isIp || ipv4.check(frame, l3) !== null) {
      this.#toLocal(frame);
      this.#toRouter(frame);
    } else if (flows === 'plain') {
      this.#toRouter(frame);
    } else {
      const { zone } = this;
      const isKnown = zone.track(frame, l3) && zone.isKnown;
      const mark = zone.connection?.mark ?? 0;
      if (!isKnown || mark !== Mark.Router) {
        this.#toLocal(frame);
        return;
      }
      // What was translated here (prio 105) goes back as it came; anything else passes untouched.
      const copy = zone.connection?.translated ? this.#options.stack.arena.copy(frame) : frame;
      if (copy !== frame) zone.untranslate(copy, copy.start + ethernet.HEADER_LENGTH);
      this.#toRouter(copy);
    }
  }

  #forwardLocal(frame: Frame): void {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const isIp = ethernet.etherType(frame) === EtherType.Ipv4 && ipv4.check(frame, l3) === null;
    if (!isIp) {
      this.#toUplink(frame);
      if (isGroupMac(ethernet.destination(frame))) this.#toRouter(frame);
      return;
    }
    if (this.#options.flows === 'ovn-kubernetes') {
      this.zone.track(frame, l3);
      this.zone.commit(Mark.Host);
    }
    this.#toUplink(frame);
  }

  #toUplink(frame: Frame): void {
    const { uplink } = this.#options;
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    if (ethernet.etherType(frame) !== EtherType.Ipv4 && this.#isBlocked(frame, l3)) return;
    // A frame that floods is shared: it is transmitted as it is.
    if (uplink.operational) uplink.port.transmit(frame);
    else this.#drop(OvnDrop.BridgeFlow, uplink.name, frame);
  }

  #toLocal(frame: Frame): void {
    if (this.#options.flows === 'ovn-kubernetes') this.localPort.transmit(frame);
  }

  #toRouter(frame: Frame): void {
    if (this.patchPort.observer !== null) this.patchPort.observer(this.patchPort, frame, 'out');
    this.#missesToRouter.take(frame, ethernet.etherType(frame) === EtherType.Arp);
  }

  #isAnnouncement(frame: Frame, at: number): boolean {
    if (ethernet.etherType(frame) !== EtherType.Arp || arp.check(frame, at) !== null) return false;
    const sender = arp.senderIp(frame, at);
    return (
      arp.operation(frame, at) === arp.Operation.Request &&
      sender === arp.targetIp(frame, at) &&
      sender !== this.#options.address
    );
  }

  #isBlocked(frame: Frame, at: number): boolean {
    if (this.#blocked.size === 0 || ethernet.etherType(frame) !== EtherType.Arp) return false;
    if (arp.check(frame, at) !== null) return false;
    const isBlocked =
      this.#blocked.has(arp.senderIp(frame, at)) || this.#blocked.has(arp.targetIp(frame, at));
    if (isBlocked) this.#drop(OvnDrop.ArpBlock, this.#options.uplink.name, frame);
    return isBlocked;
  }

  #drop(reason: (typeof OvnDrop)[keyof typeof OvnDrop], where: DropPlace, frame: Frame): void {
    this.#options.stack.drops.count(reason, where, frame);
  }
}

function place(table: number, priority: number): DropPlace {
  return { kind: 'flow', bridge: 'br-ex', table, tenant: `priority ${priority}` };
}
