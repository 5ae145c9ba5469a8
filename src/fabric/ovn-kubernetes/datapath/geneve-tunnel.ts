// The Geneve port of br-int: frames between the logical networks of two nodes, each with the logical
// datapath as VNI and the logical ports as OVN's option (ovn-architecture(7)). The node's own stack
// carries the outer packet: UDP 6081, a checksum, DF set, source port from a hash of the inner flow.

import { StackDrop } from '../../../stack/drop-reason.ts';
import { Ipv4 } from '../../../stack/ipv4/ipv4.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, Note } from '../../../wire/frame.ts';
import * as geneve from '../../../wire/geneve.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from '../../../wire/numbers.ts';
import * as udp from '../../../wire/udp.ts';
import { OvnDrop } from '../drop-reason.ts';
import type { Member, NetworkMap } from './network-map.ts';
import { flowHash } from './select-group.ts';

/** OVN's option: one bit, 15 bits of ingress and 16 of egress port. */
const OPTION_CLASS = 0x0102;
const OPTION_TYPE = 0x80;
const OPTION_OCTETS = 8;
const TUNNEL_HEADERS = udp.HEADER_LENGTH + geneve.HEADER_LENGTH + OPTION_OCTETS;
/** What OVN-Kubernetes takes from the MTU for its tunnels: 100, of which IPv4 needs 58. */
export const MTU_RESERVE = 100;
const SOURCE_PORT_LOW = 32_768;
const SOURCE_PORT_MASK = 0x3fff;
const DEVICE = 'ovn-k8s-genev';

/** What a Geneve packet says besides its frame. */
export interface TunnelKey {
  /** The logical datapath: VNI. */
  readonly datapath: number;
  readonly ingress: number;
  readonly egress: number;
}

/** Called with the inner frame, which is writable. */
export type TunnelReceiver = (frame: Frame, key: TunnelKey) => void;

/** The tunnels of one node. */
export class GeneveTunnel {
  readonly #stack: NetworkStack;
  readonly #map: NetworkMap;
  readonly #local: Ipv4Address;
  /** The latest one: most packets go where the one before went. */
  #note: TunnelNote | null = null;

  /** Binds UDP 6081 on the stack, and again after each boot. */
  constructor(stack: NetworkStack, map: NetworkMap, local: Ipv4Address, receiver: TunnelReceiver) {
    this.#stack = stack;
    this.#map = map;
    this.#local = local;
    const open = (): void => this.#open(receiver);
    open();
    stack.onPower((on) => {
      if (on) open();
    });
  }

  /** Wraps a frame and sends it to a peer. The frame may be sealed: it is copied. */
  transmit(frame: Frame, key: TunnelKey, peer: Member): void {
    const { ipv4: ip, drops } = this.#stack;
    const route = ip.route(peer.encap, this.#local);
    if (typeof route === 'string') {
      drops.count(StackDrop.NoRoute, DEVICE, frame);
      return;
    }
    const outer = ip.allocate(TUNNEL_HEADERS + frame.length);
    const at = outer.start + Ipv4.PAYLOAD_OFFSET;
    const length = outer.end - at;
    outer.packetId = frame.packetId;
    outer.note = this.#noteFor(key, peer, frame.note);
    udp.emit(outer, at, sourcePort(frame), WellKnownPort.Geneve, length);
    const header = at + udp.HEADER_LENGTH;
    geneve.emit(outer, header, key.datapath, OPTION_OCTETS, true);
    const ports = ((key.ingress & 0x7fff) << 16) | (key.egress & 0xffff);
    geneve.emitOption(outer, header + geneve.HEADER_LENGTH, OPTION_CLASS, OPTION_TYPE, ports);
    outer.bytes.set(frame.bytes.subarray(frame.start, frame.end), at + TUNNEL_HEADERS);
    udp.refreshChecksum(outer, at, this.#local, peer.encap, length);
    ip.send(outer, IpProtocol.Udp, route, peer.encap);
  }

  #noteFor(key: TunnelKey, peer: Member, inner: Note | null): TunnelNote {
    const note = this.#note;
    const isSame =
      note?.inner === inner && note.peer === peer && note.key.datapath === key.datapath;
    if (isSame && note.key.egress === key.egress) return note;
    this.#note = new TunnelNote(key, peer, inner);
    return this.#note;
  }

  #open(receiver: TunnelReceiver): void {
    this.#stack.udp.bind(
      { port: WellKnownPort.Geneve },
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
    const { arena, drops } = this.#stack;
    const isSound = geneve.check(outer, at, length) === null;
    const header = isSound ? geneve.headerLength(outer, at) : 0;
    const option = isSound ? geneve.findOption(outer, at, OPTION_CLASS, OPTION_TYPE) : -1;
    const innerLength = length - header;
    if (option < 0 || innerLength < ethernet.HEADER_LENGTH || option + 4 > at + header) {
      drops.count(OvnDrop.BadGeneve, DEVICE, outer);
      return;
    }
    if (this.#map.ofEncap(peer) === null) {
      drops.count(OvnDrop.GeneveUnknownPeer, DEVICE, outer);
      return;
    }
    const ports = outer.view.getUint32(option);
    const inner = arena.allocate(innerLength);
    inner.packetId = outer.packetId;
    inner.note = outer.note instanceof TunnelNote ? outer.note.inner : null;
    inner.bytes.set(outer.bytes.subarray(at + header, at + length), inner.start);
    const datapath = geneve.vni(outer, at);
    receiver(inner, { datapath, ingress: (ports >>> 16) & 0x7fff, egress: ports & 0xffff });
  }
}

/** 'geneve VNI 2 port 3 to worker02', behind what the frame inside has to say. */
class TunnelNote implements Note {
  readonly key: TunnelKey;
  readonly peer: Member;
  readonly inner: Note | null;
  #text: string | null = null;

  constructor(key: TunnelKey, peer: Member, inner: Note | null) {
    this.key = key;
    this.peer = peer;
    this.inner = inner;
  }

  get text(): string {
    if (this.#text === null) {
      const { datapath, egress } = this.key;
      const inner = this.inner === null ? '' : `${this.inner.text}; `;
      this.#text = `${inner}geneve VNI ${datapath} port ${egress} to ${this.peer.name}`;
    }
    return this.#text;
  }
}

/** A stable port per inner flow. */
function sourcePort(frame: Frame): number {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  if (ethernet.etherType(frame) !== EtherType.Ipv4 || ipv4.check(frame, l3) !== null) {
    return SOURCE_PORT_LOW;
  }
  return SOURCE_PORT_LOW + (flowHash(frame, l3) & SOURCE_PORT_MASK);
}
