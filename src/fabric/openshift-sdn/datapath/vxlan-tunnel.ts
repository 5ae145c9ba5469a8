// The vxlan0 port of br0: wraps pod frames in UDP 4789 with the namespace's VNID (RFC 7348) and hands
// them to the node's own stack, as the Open vSwitch tunnel port does: outer DF set, no UDP checksum,
// source port from a hash of the inner flow. The inner MTU is 50 octets below the outer.

import { StackDrop } from '../../../stack/drop-reason.ts';
import { Ipv4 } from '../../../stack/ipv4/ipv4.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, Note } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from '../../../wire/numbers.ts';
import * as udp from '../../../wire/udp.ts';
import * as vxlan from '../../../wire/vxlan.ts';
import { SdnDrop } from '../drop-reason.ts';
import { tunnelHash } from './flow-hash.ts';

/** What the outer headers take: IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14. */
export const OVERHEAD: number =
  ipv4.HEADER_LENGTH + udp.HEADER_LENGTH + vxlan.HEADER_LENGTH + ethernet.HEADER_LENGTH;

const SOURCE_PORT_LOW = 32_768;
const SOURCE_PORT_MASK = 0x3fff;
const TUNNEL_HEADERS = udp.HEADER_LENGTH + vxlan.HEADER_LENGTH;

/** Called with the inner frame, not sealed, its VNI and the outer source. */
export type TunnelReceiver = (frame: Frame, vni: number, peer: Ipv4Address) => void;

/** What a tunnel is made of. */
export interface VxlanTunnelOptions {
  readonly stack: NetworkStack;
  /** The outer source. */
  readonly local: Ipv4Address;
  /** Whose host address it is, for captures. */
  readonly nameOf: (host: Ipv4Address) => string;
  readonly receiver: TunnelReceiver;
}

/** vxlan0 of one node: UDP port 4789 of its kernel. */
export class VxlanTunnel {
  readonly #stack: NetworkStack;
  readonly #local: Ipv4Address;
  readonly #nameOf: (host: Ipv4Address) => string;
  readonly #received = new Map<Ipv4Address, number>();
  /** The latest one: most packets go where the one before went. */
  #note: TunnelNote | null = null;

  /** Binds UDP 4789 on the stack, and again after each boot. */
  constructor({ stack, local, nameOf, receiver }: VxlanTunnelOptions) {
    this.#stack = stack;
    this.#local = local;
    this.#nameOf = nameOf;
    const open = (): void => this.#open(receiver);
    open();
    stack.onPower((on) => {
      this.#received.clear();
      if (on) open();
    });
  }

  /** Packets received from a peer since boot (OpenFlow table 10 counters). */
  received(peer: Ipv4Address): number {
    return this.#received.get(peer) ?? 0;
  }

  /** Wraps a frame and sends it to a peer's host address. The frame may be sealed: it is copied. */
  transmit(frame: Frame, vni: number, peer: Ipv4Address): void {
    const { ipv4: ip, drops } = this.#stack;
    const route = ip.route(peer, this.#local);
    if (typeof route === 'string') {
      drops.count(StackDrop.NoRoute, 'vxlan0', frame);
      return;
    }
    const outer = ip.allocate(TUNNEL_HEADERS + frame.length);
    const at = outer.start + Ipv4.PAYLOAD_OFFSET;
    outer.packetId = frame.packetId;
    outer.note = this.#noteFor(vni, peer, frame.note);
    udp.emit(outer, at, sourcePort(frame), WellKnownPort.Vxlan, outer.end - at);
    vxlan.emit(outer, at + udp.HEADER_LENGTH, vni);
    outer.bytes.set(frame.bytes.subarray(frame.start, frame.end), at + TUNNEL_HEADERS);
    ip.send(outer, IpProtocol.Udp, route, peer);
  }

  #noteFor(vni: number, peer: Ipv4Address, inner: Note | null): TunnelNote {
    const note = this.#note;
    if (note?.vni === vni && note.peer === peer && note.inner === inner) return note;
    this.#note = new TunnelNote(vni, peer, inner, this.#nameOf);
    return this.#note;
  }

  #open(receiver: TunnelReceiver): void {
    this.#stack.udp.bind(
      { port: WellKnownPort.Vxlan },
      {
        onDatagram: (_socket, frame, offset, length, source) =>
          this.#receive(frame, offset, length, source, receiver),
      },
    );
  }

  #receive(
    outer: Frame,
    at: number,
    length: number,
    peer: Ipv4Address,
    receiver: TunnelReceiver,
  ): void {
    const innerLength = length - vxlan.HEADER_LENGTH;
    if (innerLength < ethernet.HEADER_LENGTH || vxlan.check(outer, at, length) !== null) {
      this.#stack.drops.count(SdnDrop.BadVxlan, 'vxlan0', outer);
      return;
    }
    this.#received.set(peer, this.received(peer) + 1);
    const inner = this.#stack.arena.allocate(innerLength);
    inner.packetId = outer.packetId;
    const from = at + vxlan.HEADER_LENGTH;
    inner.bytes.set(outer.bytes.subarray(from, from + innerLength), inner.start);
    receiver(inner, vxlan.vni(outer, at), peer);
  }
}

/** 'vxlan VNID 5281170 to worker02', and what the frame inside has to say. */
class TunnelNote implements Note {
  readonly vni: number;
  readonly peer: Ipv4Address;
  readonly inner: Note | null;
  readonly #nameOf: (host: Ipv4Address) => string;
  #text: string | null = null;

  constructor(
    vni: number,
    peer: Ipv4Address,
    inner: Note | null,
    nameOf: (host: Ipv4Address) => string,
  ) {
    this.vni = vni;
    this.peer = peer;
    this.inner = inner;
    this.#nameOf = nameOf;
  }

  get text(): string {
    if (this.#text === null) {
      const inner = this.inner === null ? '' : `; ${this.inner.text}`;
      this.#text = `vxlan VNID ${this.vni} to ${this.#nameOf(this.peer)}${inner}`;
    }
    return this.#text;
  }
}

/** A stable port per inner flow, so that ECMP keeps a flow on one path. */
function sourcePort(frame: Frame): number {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  if (ethernet.etherType(frame) !== EtherType.Ipv4 || ipv4.check(frame, l3) !== null) {
    return SOURCE_PORT_LOW;
  }
  return SOURCE_PORT_LOW + (tunnelHash(frame, l3) & SOURCE_PORT_MASK);
}
