// A network interface of a host: a port with a MAC, an MTU and the addresses of each protocol.
// It filters by destination MAC, as a NIC does, and hands the rest to its stack.

import { assert } from '../../base/assert.ts';
import { LinkDrop } from '../../link/drop-reason.ts';
import type { Drops } from '../../link/drops.ts';
import { type FrameReceiver, Port } from '../../link/port.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame, FrameArena } from '../../wire/frame.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import { finishFrame } from '../../wire/offload.ts';
import { StackDrop } from '../drop-reason.ts';
import type { InterfaceSysctls } from '../sysctl/tree.ts';
import type { InterfaceConf, NeighborConf } from '../sysctl/values.ts';
import type { InterfaceAddress } from './address.ts';

/** Octets of the largest packet on lo, as in Linux. */
export const LOOPBACK_MTU = 65_536;

/** What `ip link add` says. */
export interface InterfaceOptions {
  readonly name: string;
  readonly mac: MacAddress;
  readonly mtu?: number;
  /** IFF_NOARP: loopback and point-to-point devices; the peer needs no link-layer address. */
  readonly noArp?: boolean;
}

/** The host as its interfaces see it. */
export interface InterfaceOwner {
  readonly name: string;
  readonly arena: FrameArena;
  readonly drops: Drops;
  /** False: nothing is received, and nothing leaves. */
  readonly powered: boolean;
  /** Takes a frame that is for this host. */
  receive(frame: Frame, ingress: Interface): void;
  /** The cable was pulled or plugged. */
  carrierChanged(iface: Interface, up: boolean): void;
}

/** One interface of a host. */
export class Interface implements FrameReceiver {
  readonly #owner: InterfaceOwner;
  readonly name: string;
  /** ifindex; lo is 1. */
  readonly index: number;
  readonly port: Port;
  readonly noArp: boolean;
  readonly conf: InterfaceConf;
  readonly neigh: NeighborConf;
  /** In the order `ip addr` prints them: the first of a subnet is primary. Changed by AddressTable. */
  readonly addresses: InterfaceAddress[] = [];
  mac: MacAddress;
  mtu: number;
  /** Administratively up (IFF_UP). */
  up = true;
  promiscuous = false;
  /** False: frames with work left to do (wire/offload.ts) are finished first, as by a NIC without offloads. */
  acceptsOffload = false;
  /** Unicast frames for others, seen because a switch flooded them; not a drop worth showing. */
  otherHostFrames = 0;

  /** Use `NetworkStack.addInterface`. */
  constructor(
    owner: InterfaceOwner,
    index: number,
    sysctls: InterfaceSysctls,
    options: InterfaceOptions,
  ) {
    this.#owner = owner;
    this.name = options.name;
    this.index = index;
    this.mac = options.mac;
    this.mtu = options.mtu ?? ethernet.DEFAULT_MTU;
    this.noArp = options.noArp ?? false;
    this.conf = sysctls.conf;
    this.neigh = sysctls.neigh;
    this.port = new Port(`${owner.name}/${options.name}`, this);
  }

  /** The host has power. */
  get powered(): boolean {
    return this.#owner.powered;
  }

  /** Up, plugged in and the host has power: frames can leave. */
  get operational(): boolean {
    return this.up && this.port.carrier && this.#owner.powered;
  }

  receive(frame: Frame, ingress: Port): void {
    if (!this.up || !this.#owner.powered) {
      this.#owner.drops.count(
        this.#owner.powered ? LinkDrop.LinkDown : StackDrop.PoweredOff,
        this.name,
        frame,
      );
      return;
    }
    if (frame.length < ethernet.HEADER_LENGTH) {
      this.#owner.drops.count(LinkDrop.Runt, this.name, frame);
      return;
    }
    if (frame.offload !== null && !this.acceptsOffload) {
      finishFrame(this.#owner.arena, frame, (finished) => this.receive(finished, ingress));
      return;
    }
    const destination = ethernet.destination(frame);
    if (
      destination !== this.mac &&
      !ethernet.isToGroup(frame) &&
      !this.noArp &&
      !this.promiscuous
    ) {
      this.otherHostFrames++;
      return;
    }
    this.#owner.receive(this.#lasting(frame), this);
  }

  /**
   * A host keeps what it likes, for as long as it likes. Only TCP data for many segments, which is cut
   * or forwarded at once and kept by nobody but the neighbor queue, stays on loan.
   */
  #lasting(frame: Frame): Frame {
    if (!frame.onLoan) return frame;
    const isLarge = frame.offload !== null && frame.offload.segmentSize > 0;
    return isLarge ? frame : this.#owner.arena.keep(frame);
  }

  carrierChanged(_port: Port, up: boolean): void {
    this.#owner.carrierChanged(this, up);
  }

  /** Sends a frame whose Ethernet header is complete. Seals it. */
  transmit(frame: Frame): void {
    assert(!frame.sealed, 'a frame is transmitted once');
    if (!this.operational) {
      this.#owner.drops.count(LinkDrop.LinkDown, this.name, frame);
      return;
    }
    this.port.transmit(frame);
  }
}
