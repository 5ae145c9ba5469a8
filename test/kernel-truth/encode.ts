// Events of a fixture as frames again, as far as they tell: what they leave out (IP identifications,
// windows, payloads) is zero. For reading a difference in Wireshark, not for tests.

import * as arp from '../../src/wire/arp.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import { type Frame, FrameArena } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC, type MacAddress, parseMac, ZERO_MAC } from '../../src/wire/mac-address.ts';
import { EtherType, IpProtocol } from '../../src/wire/numbers.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as udp from '../../src/wire/udp.ts';
import type { Json, JsonObject, Roles } from './fixture.ts';
import type { RawFrame } from './recorder.ts';

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: IpProtocol.Icmp,
  udp: IpProtocol.Udp,
  tcp: IpProtocol.Tcp,
};
const FLAGS: Readonly<Record<string, number>> = {
  S: tcp.Flag.Syn,
  F: tcp.Flag.Fin,
  R: tcp.Flag.Rst,
  P: tcp.Flag.Psh,
  A: tcp.Flag.Ack,
};
/** Events of the same tenth of a second keep their order. */
const APART_NANOS = 1_000;

/** The frames among the events, with their capture points and times. */
export function encodeEvents(events: readonly JsonObject[], roles: Roles): RawFrame[] {
  const encoder = new Encoder(roles);
  const frames: RawFrame[] = [];
  for (const [index, event] of events.entries()) {
    if (event.kind === 'action') continue;
    const time = Math.max(0, Math.round(number(event.t) * 1e9)) + index * APART_NANOS;
    const frame = encoder.frame(event);
    const previous = frames.at(-1)?.time ?? 0;
    frames.push({ at: String(event.at), time: Math.max(time, previous), frame });
  }
  return frames;
}

class Encoder {
  readonly #arena = new FrameArena();
  readonly #roles: Roles;

  constructor(roles: Roles) {
    this.#roles = roles;
  }

  frame(event: JsonObject): Frame {
    const isArp = event.kind === 'arp';
    const length = isArp ? arp.LENGTH : this.#packetLength(event);
    const frame = this.#arena.allocate(ethernet.HEADER_LENGTH + length);
    frame.bytes.fill(0, frame.start, frame.end);
    const type = isArp ? EtherType.Arp : EtherType.Ipv4;
    ethernet.emit(frame, this.#mac(event.l2dst), this.#mac(event.l2src), type);
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    if (isArp) this.#arp(frame, l3, event);
    else this.#packet(frame, l3, event, length);
    frame.sealed = true;
    return frame;
  }

  #arp(frame: Frame, at: number, event: JsonObject): void {
    const isRequest = event.op === 'request';
    const operation = isRequest ? arp.Operation.Request : arp.Operation.Reply;
    arp.emit(frame, at, {
      operation,
      senderMac: this.#mac(event.sha),
      senderIp: this.#ip(event.spa),
      targetMac: this.#mac(event.tha),
      targetIp: this.#ip(event.tpa),
    });
  }

  #packet(frame: Frame, at: number, event: JsonObject, length: number): void {
    const [source, destination] = [this.#ip(event.src), this.#ip(event.dst)];
    const l4 = at + ipv4.HEADER_LENGTH;
    const octets = length - ipv4.HEADER_LENGTH;
    const protocol = PROTOCOLS[String(event.kind)] ?? IpProtocol.Udp;
    if (event.kind === 'udp') this.#udp(frame, l4, event, octets, source, destination);
    if (event.kind === 'tcp') this.#tcp(frame, l4, event, octets, source, destination);
    if (event.kind === 'icmp') this.#icmp(frame, l4, event, octets);
    const offset = number(event.fragOffset);
    const flags =
      (event.df === true ? ipv4.Flag.DontFragment : 0) |
      (event.mf === true ? ipv4.Flag.MoreFragments : 0);
    const total = event.ipLen === undefined ? length : number(event.ipLen);
    ipv4.emit(frame, at, total, 0, flags, number(event.ttl), protocol, source, destination);
    if (offset > 0) {
      ipv4.setFragment(frame, at, offset, event.mf === true, event.df === true);
      ipv4.refreshChecksum(frame, at);
    }
  }

  #udp(
    frame: Frame,
    at: number,
    event: JsonObject,
    octets: number,
    source: Ipv4Address,
    destination: Ipv4Address,
  ): void {
    const length = number(event.dataLen) + udp.HEADER_LENGTH;
    udp.emit(frame, at, port(event.sport), port(event.dport), length);
    if (event.csumZero !== true && octets >= length) {
      udp.refreshChecksum(frame, at, source, destination, length);
    }
  }

  #tcp(
    frame: Frame,
    at: number,
    event: JsonObject,
    octets: number,
    source: Ipv4Address,
    destination: Ipv4Address,
  ): void {
    const flags = [...String(event.flags ?? '')].reduce((all, one) => all | (FLAGS[one] ?? 0), 0);
    const [sequence, acknowledgment] = [number(event.seq), number(event.ack)];
    const window = number(event.win);
    const [from, to] = [port(event.sport), port(event.dport)];
    tcp.emit(frame, at, from, to, sequence, acknowledgment, flags, window);
    tcp.refreshChecksum(frame, at, source, destination, octets);
  }

  #icmp(frame: Frame, at: number, event: JsonObject, octets: number): void {
    const inner = event.inner;
    let rest = number(event.mtu);
    if (event.gw !== undefined) rest = this.#ip(event.gw);
    if (event.id !== undefined) rest = ((port(event.id) << 16) | number(event.seq)) >>> 0;
    if (typeof inner === 'object' && inner !== null) {
      const quote = inner as JsonObject;
      this.#packet(frame, at + icmp.HEADER_LENGTH, quote, octets - icmp.HEADER_LENGTH);
    }
    icmp.emit(frame, at, number(event.type), number(event.code), rest, octets);
  }

  #packetLength(event: JsonObject): number {
    const { inner } = event;
    const data = number(event.dataLen);
    if (event.quotedBytes !== undefined) return number(event.quotedBytes);
    if (event.fragLen !== undefined) return ipv4.HEADER_LENGTH + number(event.fragLen);
    switch (event.kind) {
      case 'udp':
        return ipv4.HEADER_LENGTH + udp.HEADER_LENGTH + data;
      case 'tcp':
        return ipv4.HEADER_LENGTH + tcp.HEADER_LENGTH + data;
      default: {
        const quoted = typeof inner === 'object' ? this.#packetLength(inner as JsonObject) : 56;
        return ipv4.HEADER_LENGTH + icmp.HEADER_LENGTH + quoted;
      }
    }
  }

  #mac(role: Json | undefined): MacAddress {
    if (role === 'BROADCAST') return BROADCAST_MAC;
    if (role === 'ZERO') return ZERO_MAC;
    return parseMac(this.#roles.hasMac(String(role)) ?? String(role)) ?? ZERO_MAC;
  }

  #ip(role: Json | undefined): Ipv4Address {
    return parseIpv4(this.#roles.hasIp(String(role)) ?? String(role)) ?? ANY_ADDRESS;
  }
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** A port that the fixture only names is shown as 1. */
function port(value: Json | undefined): number {
  return typeof value === 'string' ? 1 : number(value);
}
