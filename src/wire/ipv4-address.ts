// An IPv4 address is an unsigned 32-bit number, inside; strings live at the edges.

import type { Brand } from '../base/brand.ts';

/** An address as an unsigned 32-bit number: 192.168.50.120 is 0xc0a8_3278. */
export type Ipv4Address = Brand<number, 'Ipv4Address'>;

/** 0.0.0.0: no address, or any. */
export const ANY_ADDRESS: Ipv4Address = 0 as Ipv4Address;
/** 255.255.255.255: every host on the segment. */
export const LIMITED_BROADCAST: Ipv4Address = 0xffff_ffff as Ipv4Address;

/** Wraps a number; the low 32 bits count. */
export function ipv4Address(value: number): Ipv4Address {
  return (value >>> 0) as Ipv4Address;
}

/** Strict dotted quad, no leading zeros (inet_pton); null when malformed. */
export function parseIpv4(text: string): Ipv4Address | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  let value = 0;
  for (let part = 1; part <= 4; part++) {
    const digits = match[part] ?? '';
    if (digits.length > 1 && digits.startsWith('0')) return null;
    const octet = Number(digits);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value as Ipv4Address;
}

/** 3232248440 → '192.168.50.120'. */
export function formatIpv4(address: Ipv4Address): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

/** 224.0.0.0/4, RFC 5771. */
export function isMulticast(address: Ipv4Address): boolean {
  return address >>> 28 === 0xe;
}

/** 127.0.0.0/8, RFC 1122 3.2.1.3. */
export function isLoopback(address: Ipv4Address): boolean {
  return address >>> 24 === 127;
}

/** An address with its prefix length: `address` keeps its host bits ('192.168.50.10/24'). */
export interface Ipv4Cidr {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
}

/** The netmask of a prefix length, 0..32. */
function prefixMask(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
}

/** The address with its host bits cleared. */
export function networkOf(cidr: Ipv4Cidr): Ipv4Address {
  return ipv4Address(cidr.address & prefixMask(cidr.prefixLength));
}

/** The subnet-directed broadcast; for /31 and /32 there is none (RFC 3021) and null is returned. */
export function broadcastOf(cidr: Ipv4Cidr): Ipv4Address | null {
  if (cidr.prefixLength >= 31) return null;
  return ipv4Address(cidr.address | ~prefixMask(cidr.prefixLength));
}

/** Whether an address lies in a network. */
export function cidrContains(cidr: Ipv4Cidr, address: Ipv4Address): boolean {
  return ((cidr.address ^ address) & prefixMask(cidr.prefixLength)) === 0;
}

/** '192.168.50.10/24'; null when malformed. A bare address is not a CIDR. */
export function parseCidr(text: string): Ipv4Cidr | null {
  const slash = text.indexOf('/');
  const address = parseIpv4(text.slice(0, Math.max(slash, 0)));
  const digits = text.slice(slash + 1);
  if (slash < 0 || address === null || !/^(0|[1-9]\d?)$/.test(digits)) return null;
  const prefixLength = Number(digits);
  return prefixLength > 32 ? null : { address, prefixLength };
}

/** '192.168.50.0/24', as `formatCidr` writes it. */
export type CidrText = `${string}/${number}`;

/** '192.168.50.0/24'. */
export function formatCidr(cidr: Ipv4Cidr): CidrText {
  return `${formatIpv4(cidr.address)}/${cidr.prefixLength}`;
}

/** '192.168.50.10/24' → '192.168.50.10'. */
export function withoutPrefix(cidr: CidrText): string {
  return cidr.slice(0, cidr.indexOf('/'));
}
