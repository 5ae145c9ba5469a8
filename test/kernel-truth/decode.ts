// Octets to the fixture's vocabulary. Written against the RFCs and not with src/wire, so that a codec
// that is wrong in both directions does not agree with itself.

import { formatIpv4, ipv4Address } from '../../src/wire/ipv4-address.ts';
import type { JsonObject, Roles } from './fixture.ts';

export type Kind = 'arp' | 'icmp' | 'udp' | 'tcp' | 'frag' | 'ip' | 'eth';

/** Everything about a packet from the IPv4 header on; absent means the packet has no such field. */
export interface SeenPacket {
  kind: Kind;
  src?: string;
  dst?: string;
  ttl?: number;
  df?: boolean;
  tos?: number;
  ipid?: number;
  /** Total length in the header. */
  ipLen?: number;
  /** Octets of it that are there. */
  quotedBytes?: number;
  ipSumOk?: boolean;
  /** 'zero' is UDP without checksum; absent where the packet is not whole. */
  l4SumOk?: boolean | 'zero';
  /** A piece of a packet: its offset, whether more follow, and its octets. */
  fragOffset?: number;
  mf?: boolean;
  fragLen?: number;
  proto?: number;
  type?: number;
  code?: number;
  id?: number;
  /** Of an echo, or of TCP relative to the SYN; 'foreign' belongs to another connection. */
  seq?: number | 'foreign';
  ack?: number | 'foreign';
  mtu?: number;
  gw?: string;
  inner?: SeenPacket;
  sport?: number;
  dport?: number;
  dataLen?: number;
  rawSum?: number;
  /** The first octets of a UDP payload as text. */
  data?: string;
  flags?: string;
  rawSeq?: number;
  rawAck?: number;
  win?: number;
  mss?: number;
}

/** One frame at one capture point, addresses as roles. */
export interface Seen extends SeenPacket {
  /** Seconds of lab time. */
  readonly t: number;
  readonly at: string;
  readonly length: number;
  readonly l2src: string;
  readonly l2dst: string;
  op?: 'request' | 'reply';
  sha?: string;
  spa?: string;
  tha?: string;
  tpa?: string;
  ethertype?: string;
}

const ICMP_NAMES: Readonly<Record<string, string>> = {
  '0/0': 'echo-reply',
  '8/0': 'echo-request',
  '3/0': 'net-unreachable',
  '3/1': 'host-unreachable',
  '3/2': 'protocol-unreachable',
  '3/3': 'port-unreachable',
  '3/4': 'fragmentation-needed',
  '3/13': 'admin-prohibited',
  '11/0': 'ttl-exceeded',
  '11/1': 'reassembly-time-exceeded',
  '5/0': 'redirect-net',
  '5/1': 'redirect-host',
};
const ICMP_ERRORS: readonly number[] = [3, 4, 5, 11, 12];
const FLAG_LETTERS: readonly (readonly [string, number])[] = [
  ['S', 2],
  ['F', 1],
  ['R', 4],
  ['P', 8],
  ['A', 16],
];

export function decodeFrame(bytes: Uint8Array, t: number, at: string, roles: Roles): Seen {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const base = {
    t,
    at,
    length: bytes.length,
    l2dst: roles.mac(macText(bytes, 0)),
    l2src: roles.mac(macText(bytes, 6)),
  };
  const type = view.getUint16(12);
  if (type === 0x0806) {
    return {
      ...base,
      kind: 'arp',
      op: view.getUint16(20) === 1 ? 'request' : 'reply',
      sha: roles.mac(macText(bytes, 22)),
      spa: roles.ip(ipText(view, 28)),
      tha: roles.mac(macText(bytes, 32)),
      tpa: roles.ip(ipText(view, 38)),
    };
  }
  if (type === 0x0800) return { ...base, ...decodeIp(bytes.subarray(14), roles, false) };
  return { ...base, kind: 'eth', ethertype: `0x${type.toString(16).padStart(4, '0')}` };
}

function decodeIp(bytes: Uint8Array, roles: Roles, isQuote: boolean): SeenPacket {
  if (bytes.length < 20) return { kind: 'ip' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = (view.getUint8(0) & 15) * 4;
  const total = view.getUint16(2);
  const fragment = view.getUint16(6);
  const moreFragments = (fragment & 0x2000) !== 0;
  const offset = (fragment & 0x1fff) * 8;
  const payload = bytes.subarray(header, isQuote ? undefined : total);
  const seen: SeenPacket = {
    kind: 'ip',
    src: roles.ip(ipText(view, 12)),
    dst: roles.ip(ipText(view, 16)),
    ttl: view.getUint8(8),
    tos: view.getUint8(1),
    ipid: view.getUint16(4),
    ipLen: total,
    quotedBytes: bytes.length,
    ipSumOk: sum(bytes.subarray(0, header)) === 0xffff,
    proto: view.getUint8(9),
  };
  if ((fragment & 0x4000) !== 0) seen.df = true;
  if (moreFragments || offset > 0) {
    seen.fragOffset = offset;
    seen.mf = moreFragments;
    seen.fragLen = payload.length;
  }
  if (offset > 0) {
    seen.kind = 'frag';
    return seen;
  }
  const whole = bytes.length >= total && !moreFragments;
  const pseudo = sum(bytes.subarray(12, 20)) + (seen.proto ?? 0) + payload.length;
  if (seen.proto === 1 && payload.length >= 8) decodeIcmp(payload, seen, whole, roles);
  else if (seen.proto === 17 && payload.length >= 8) decodeUdp(payload, seen, whole, pseudo);
  else if (seen.proto === 6 && payload.length >= 8) {
    decodeTcp(payload, seen, whole, pseudo, total - header);
  }
  return seen;
}

function decodeIcmp(bytes: Uint8Array, seen: SeenPacket, whole: boolean, roles: Roles): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint8(0);
  const code = view.getUint8(1);
  seen.kind = 'icmp';
  seen.type = type;
  seen.code = code;
  if (whole) seen.l4SumOk = sum(bytes) === 0xffff;
  if (type === 0 || type === 8) {
    seen.id = view.getUint16(4);
    seen.seq = view.getUint16(6);
  }
  if (type === 3 && code === 4) seen.mtu = view.getUint16(6);
  if (type === 5) seen.gw = roles.ip(ipText(view, 4));
  if (ICMP_ERRORS.includes(type)) seen.inner = decodeIp(bytes.subarray(8), roles, true);
}

function decodeUdp(bytes: Uint8Array, seen: SeenPacket, whole: boolean, pseudo: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  seen.kind = 'udp';
  seen.sport = view.getUint16(0);
  seen.dport = view.getUint16(2);
  seen.dataLen = view.getUint16(4) - 8;
  seen.rawSum = view.getUint16(6);
  seen.data = new TextDecoder('latin1').decode(bytes.subarray(8, 16));
  if (whole) seen.l4SumOk = seen.rawSum === 0 ? 'zero' : fold(pseudo + sum(bytes)) === 0xffff;
}

function decodeTcp(
  bytes: Uint8Array,
  seen: SeenPacket,
  whole: boolean,
  pseudo: number,
  length: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  seen.kind = 'tcp';
  seen.sport = view.getUint16(0);
  seen.dport = view.getUint16(2);
  seen.rawSeq = view.getUint32(4);
  if (bytes.length < 20) return;
  const header = (view.getUint8(12) >> 4) * 4;
  const flags = view.getUint8(13);
  seen.rawAck = view.getUint32(8);
  seen.flags = FLAG_LETTERS.filter(([, bit]) => (flags & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
  seen.win = view.getUint16(14);
  seen.dataLen = length - header;
  for (let at = 20; at < Math.min(header, bytes.length); ) {
    const kind = bytes[at];
    if (kind === 0) break;
    if (kind === 2) seen.mss = view.getUint16(at + 2);
    at += kind === 1 ? 1 : Math.max(2, bytes[at + 1] ?? 2);
  }
  if (whole) seen.l4SumOk = fold(pseudo + sum(bytes)) === 0xffff;
}

/** The frame as an event of the fixture: only what the fixture's format has. */
export function eventOf(seen: Seen, zero: number): JsonObject {
  const head = {
    t: Math.round((seen.t - zero) * 10) / 10,
    at: seen.at,
    kind: seen.kind,
    l2src: seen.l2src,
    l2dst: seen.l2dst,
  };
  if (seen.kind === 'arp') {
    const { op = '', sha = '', spa = '', tha = '', tpa = '' } = seen;
    return { ...head, op, sha, spa, tha, tpa };
  }
  if (seen.kind === 'eth') return { ...head, ethertype: seen.ethertype ?? '' };
  const bad = [
    ...(seen.ipSumOk === false ? ['ipcsum'] : []),
    ...(seen.l4SumOk === false ? ['l4csum'] : []),
  ];
  return { ...head, ...packetFields(seen), ...(bad.length === 0 ? {} : { badChecksum: bad }) };
}

function packetFields(seen: SeenPacket): JsonObject {
  const { src = '', dst = '', ttl = 0 } = seen;
  return {
    src,
    dst,
    ttl,
    ...present('df', seen.df),
    ...present('fragOffset', seen.fragOffset),
    ...present('mf', seen.mf),
    ...present('fragLen', seen.fragLen),
    ...transportFields(seen),
  };
}

function transportFields(seen: SeenPacket): JsonObject {
  switch (seen.kind) {
    case 'icmp': {
      const { type = 0, code = 0, inner } = seen;
      const name = ICMP_NAMES[`${type}/${code}`] ?? '?';
      const echo = { ...present('id', seen.id), ...present('seq', seen.seq) };
      const hints = { ...present('mtu', seen.mtu), ...present('gw', seen.gw) };
      return { type, code, name, ...echo, ...hints, ...present('inner', inner && quote(inner)) };
    }
    case 'udp': {
      const { sport = 0, dport = 0, dataLen = 0, rawSum } = seen;
      return { sport, dport, dataLen, ...(rawSum === 0 ? { csumZero: true } : {}) };
    }
    case 'tcp': {
      const { sport = 0, dport = 0, flags, dataLen = 0 } = seen;
      if (flags === undefined) return { sport, dport };
      return {
        sport,
        dport,
        flags,
        dataLen,
        ...present('seq', seen.seq),
        ...present('ack', seen.ack),
        ...(flags.includes('R') ? present('win', seen.win) : {}),
        ...present('mss', seen.mss),
      };
    }
    case 'ip':
      return present('proto', seen.proto);
    default:
      return {};
  }
}

function quote(inner: SeenPacket): JsonObject {
  return {
    kind: inner.kind,
    ...packetFields(inner),
    ...present('quotedBytes', inner.quotedBytes),
    ...present('ipLen', inner.ipLen),
    ...present('ipCsumOk', inner.ipSumOk),
    ...present('l4CsumOk', inner.l4SumOk),
  };
}

function present(key: string, value: JsonObject[string] | undefined): JsonObject {
  return value === undefined ? {} : { [key]: value };
}

function macText(bytes: Uint8Array, at: number): string {
  return [...bytes.subarray(at, at + 6)]
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join(':');
}

function ipText(view: DataView, at: number): string {
  return formatIpv4(ipv4Address(view.getUint32(at)));
}

/** The one's complement sum of RFC 1071, not complemented: 0xffff over octets that carry their checksum. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  return fold(total);
}

function fold(total: number): number {
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
