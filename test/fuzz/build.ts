// Octets of frames, right or wrong as asked: every field can be given, what is not given is as it
// should be. No codec of the lab is used, for these refuse to write nonsense.

import { fromHex } from './case.ts';
import { onesSum, pseudoSum } from './layout.ts';

export interface Ethernet {
  readonly to: string;
  readonly from: string;
  readonly type?: number;
}

export interface IpFields {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  /** The three bits and the offset, as the header has them. */
  readonly fragment?: number;
  /** A multiple of four octets. */
  readonly options?: Uint8Array;
  readonly version?: number;
  /** In words; default: what the options need. */
  readonly headerWords?: number;
  readonly totalLength?: number;
  readonly checksumError?: number;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function macOctets(text: string): Uint8Array {
  return fromHex(text.replaceAll(':', ''));
}

export function ipOctets(text: string): Uint8Array {
  return Uint8Array.from(text.split('.').map(Number));
}

export function words16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [(value >>> 8) & 0xff, value & 0xff]));
}

export function word32(value: number): Uint8Array {
  return words16(value >>> 16, value & 0xffff);
}

export function ethernet({ to, from, type = 0x0800 }: Ethernet, payload: Uint8Array): Uint8Array {
  return concat(macOctets(to), macOctets(from), words16(type), payload);
}

export function ipv4(fields: IpFields, payload: Uint8Array): Uint8Array {
  const { options = new Uint8Array(0), version = 4 } = fields;
  const { headerWords = 5 + options.length / 4 } = fields;
  const header = concat(
    Uint8Array.of((version << 4) | headerWords, fields.tos ?? 0),
    words16(fields.totalLength ?? 20 + options.length + payload.length),
    words16(fields.id ?? 0, fields.fragment ?? 0),
    Uint8Array.of(fields.ttl ?? 64, fields.protocol),
    words16(0),
    ipOctets(fields.source),
    ipOctets(fields.destination),
    options,
  );
  seal(header, 10, onesSum(header, 0, header.length), fields.checksumError);
  return concat(header, payload);
}

function seal(octets: Uint8Array, at: number, sum: number, error = 0): void {
  const value = (~sum & 0xffff) ^ error;
  octets[at] = value >>> 8;
  octets[at + 1] = value & 0xff;
}

/** Sums TCP or UDP as between these addresses. */
function sealTransport(
  octets: Uint8Array,
  at: number,
  ends: Pick<IpFields, 'source' | 'destination' | 'protocol'>,
  error = 0,
): void {
  const pseudo = ipv4({ ...ends, totalLength: 0 }, new Uint8Array(0));
  const start = pseudoSum(pseudo, 0, ends.protocol, octets.length);
  seal(octets, at, onesSum(octets, 0, octets.length, start), error);
}

export interface UdpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly length?: number;
  readonly checksum?: 'none';
  readonly checksumError?: number;
}

export function udp(ends: IpFields, fields: UdpFields, data: Uint8Array): Uint8Array {
  const { sourcePort, destinationPort, length = 8 + data.length } = fields;
  const octets = concat(words16(sourcePort, destinationPort, length, 0), data);
  if (fields.checksum === 'none') return octets;
  sealTransport(octets, 6, ends, fields.checksumError);
  // Zero would say that there is none (RFC 768).
  if (octets[6] === 0 && octets[7] === 0) octets.fill(0xff, 6, 8);
  return octets;
}

export interface TcpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** CWR ECE URG ACK PSH RST SYN FIN. */
  readonly flags: number;
  readonly window: number;
  readonly urgent?: number;
  /** A multiple of four octets. */
  readonly options?: Uint8Array;
  readonly headerWords?: number;
  readonly checksumError?: number;
}

export function tcp(ends: IpFields, fields: TcpFields, data: Uint8Array): Uint8Array {
  const { options = new Uint8Array(0) } = fields;
  const { headerWords = 5 + options.length / 4 } = fields;
  const octets = concat(
    words16(fields.sourcePort, fields.destinationPort),
    word32(fields.sequence),
    word32(fields.acknowledgment),
    Uint8Array.of(headerWords << 4, fields.flags),
    words16(fields.window, 0, fields.urgent ?? 0),
    options,
    data,
  );
  sealTransport(octets, 16, ends, fields.checksumError);
  return octets;
}

export interface IcmpFields {
  readonly type: number;
  readonly code: number;
  readonly rest: number;
  readonly checksumError?: number;
}

export function icmp(fields: IcmpFields, data: Uint8Array): Uint8Array {
  const octets = concat(
    Uint8Array.of(fields.type, fields.code),
    words16(0),
    word32(fields.rest),
    data,
  );
  seal(octets, 2, onesSum(octets, 0, octets.length), fields.checksumError);
  return octets;
}

export interface ArpFields {
  readonly operation: number;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
  readonly hardware?: number;
  readonly protocol?: number;
  readonly hardwareLength?: number;
  readonly protocolLength?: number;
}

export function arp(fields: ArpFields): Uint8Array {
  return concat(
    words16(fields.hardware ?? 1, fields.protocol ?? 0x0800),
    Uint8Array.of(fields.hardwareLength ?? 6, fields.protocolLength ?? 4),
    words16(fields.operation),
    macOctets(fields.senderMac),
    ipOctets(fields.senderIp),
    macOctets(fields.targetMac),
    ipOctets(fields.targetIp),
  );
}
