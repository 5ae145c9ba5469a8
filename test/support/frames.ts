// Builders of well-formed frames, one per kind, and the memory they are emitted into: filled with
// 0xa5, so that an octet an emitter forgets shows up in every comparison.

import * as arp from '../../src/wire/arp.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import { Frame, FrameArena } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { type Ipv4Address, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { type MacAddress, parseMac } from '../../src/wire/mac-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from '../../src/wire/numbers.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as udp from '../../src/wire/udp.ts';
import * as vxlan from '../../src/wire/vxlan.ts';

/** Where the network header of an untagged frame starts in frames made here. */
export const L3: number = ethernet.HEADER_LENGTH;

/** Where the transport header starts in frames made here, which have no IP options. */
export const L4: number = L3 + ipv4.HEADER_LENGTH;

/** 'aa:bb:…' → address. @throws when it is none. */
export function mac(text: string): MacAddress {
  const address = parseMac(text);
  if (address === null) throw new Error(`not a MAC address: ${text}`);
  return address;
}

/** '10.0.0.1' → address. @throws when it is none. */
export function ip(text: string): Ipv4Address {
  const address = parseIpv4(text);
  if (address === null) throw new Error(`not an IPv4 address: ${text}`);
  return address;
}

export const MAC_A: MacAddress = mac('02:00:00:00:00:0a');
export const MAC_B: MacAddress = mac('02:00:00:00:00:0b');
export const IP_A: Ipv4Address = ip('192.168.50.10');
export const IP_B: Ipv4Address = ip('192.168.50.120');

/** A writable frame in memory full of 0xa5, not at the start of it. */
export function filledFrame(length: number): Frame {
  const margin = 8;
  const bytes = new Uint8Array(length + 2 * margin).fill(0xa5);
  return new Frame(bytes, new DataView(bytes.buffer), margin, length, 1);
}

/** A writable frame holding these octets. */
export function frameOf(octets: Uint8Array): Frame {
  return new FrameArena().from(octets);
}

export interface Ends {
  readonly fromMac?: MacAddress;
  readonly toMac?: MacAddress;
  readonly source?: Ipv4Address;
  readonly destination?: Ipv4Address;
}

export function arpFrame(
  operation: number,
  senderMac: MacAddress,
  senderIp: Ipv4Address,
  targetMac: MacAddress,
  targetIp: Ipv4Address,
): Frame {
  const frame = filledFrame(ethernet.HEADER_LENGTH + arp.LENGTH);
  ethernet.emit(frame, mac('ff:ff:ff:ff:ff:ff'), senderMac, EtherType.Arp);
  const at = frame.start + L3;
  arp.emit(frame, at, { operation, senderMac, senderIp, targetMac, targetIp });
  return frame;
}

/** An IPv4 packet whose payload `fill` writes; addresses as in `ends`, TTL 64, DF. */
export function ipv4Frame(
  protocol: number,
  payloadLength: number,
  fill: (frame: Frame, at: number, source: Ipv4Address, destination: Ipv4Address) => void,
  ends: Ends = {},
): Frame {
  const frame = filledFrame(L4 + payloadLength);
  const { source = IP_A, destination = IP_B, fromMac = MAC_A, toMac = MAC_B } = ends;
  ethernet.emit(frame, toMac, fromMac, EtherType.Ipv4);
  const total = ipv4.HEADER_LENGTH + payloadLength;
  const l3 = frame.start + L3;
  ipv4.emit(frame, l3, total, 7, ipv4.Flag.DontFragment, 64, protocol, source, destination);
  fill(frame, frame.start + L4, source, destination);
  return frame;
}

export function udpFrame(
  sourcePort: number,
  destinationPort: number,
  data: Uint8Array,
  ends: Ends = {},
): Frame {
  const length = udp.HEADER_LENGTH + data.length;
  const fill = (frame: Frame, at: number, source: Ipv4Address, destination: Ipv4Address): void => {
    udp.emit(frame, at, sourcePort, destinationPort, length);
    frame.bytes.set(data, at + udp.HEADER_LENGTH);
    udp.refreshChecksum(frame, at, source, destination, length);
  };
  return ipv4Frame(IpProtocol.Udp, length, fill, ends);
}

export interface SegmentFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequenceNumber: number;
  readonly acknowledgmentNumber?: number;
  readonly flags: number;
  readonly window?: number;
  /** Octets of options that `emitOptions` writes. */
  readonly optionsLength?: number;
  readonly emitOptions?: (frame: Frame, at: number) => void;
}

export function tcpFrame(segment: SegmentFields, data: Uint8Array, ends: Ends = {}): Frame {
  const headerLength = tcp.HEADER_LENGTH + (segment.optionsLength ?? 0);
  const length = headerLength + data.length;
  const fill = (frame: Frame, at: number, source: Ipv4Address, destination: Ipv4Address): void => {
    const { sourcePort, destinationPort, sequenceNumber, flags } = segment;
    const { acknowledgmentNumber = 0, window = 64_240 } = segment;
    tcp.emit(
      frame,
      at,
      sourcePort,
      destinationPort,
      sequenceNumber,
      acknowledgmentNumber,
      flags,
      window,
      headerLength,
    );
    segment.emitOptions?.(frame, at + tcp.HEADER_LENGTH);
    frame.bytes.set(data, at + headerLength);
    tcp.refreshChecksum(frame, at, source, destination, length);
  };
  return ipv4Frame(IpProtocol.Tcp, length, fill, ends);
}

export function echoFrame(
  type: number,
  identifier: number,
  sequence: number,
  data: Uint8Array,
  ends: Ends = {},
): Frame {
  const length = icmp.HEADER_LENGTH + data.length;
  const fill = (frame: Frame, at: number): void => {
    frame.bytes.set(data, at + icmp.HEADER_LENGTH);
    icmp.emitEcho(frame, at, type, identifier, sequence, length);
  };
  return ipv4Frame(IpProtocol.Icmp, length, fill, ends);
}

/** An ICMP error about `offender`, with its IP header and eight octets, as RFC 792 asks. */
export function icmpErrorFrame(type: number, code: number, rest: number, offender: Frame): Frame {
  const quoted = offender.toBytes().subarray(L3, L4 + 8);
  const length = icmp.HEADER_LENGTH + quoted.length;
  const fill = (frame: Frame, at: number): void => {
    frame.bytes.set(quoted, at + icmp.HEADER_LENGTH);
    icmp.emit(frame, at, type, code, rest, length);
  };
  const l3 = offender.start + L3;
  return ipv4Frame(IpProtocol.Icmp, length, fill, {
    source: ipv4.destination(offender, l3),
    destination: ipv4.source(offender, l3),
  });
}

export function vxlanFrame(vni: number, inner: Frame, ends: Ends = {}): Frame {
  const data = new Uint8Array(vxlan.HEADER_LENGTH + inner.length);
  vxlan.emit(new Frame(data, new DataView(data.buffer), 0, data.length, 0), 0, vni);
  data.set(inner.toBytes(), vxlan.HEADER_LENGTH);
  return udpFrame(50_000, WellKnownPort.Vxlan, data, ends);
}

/** A hex dump in four-octet groups, for comparisons whose failure a person reads. */
export function hex(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}
