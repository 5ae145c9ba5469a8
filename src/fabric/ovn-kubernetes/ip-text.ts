// IP addresses of both families as the API carries them: text, canonical by RFC 5952 as Go prints it
// (net.IP.String: the first of two equal runs of zeros is compressed). Values are compared as bigints.

import type { IpFamily } from './northbound.ts';

/** An address of either family. */
export interface IpAddress {
  readonly family: IpFamily;
  /** 32 or 128 bits. */
  readonly bits: bigint;
}

/** An address with a prefix length; host bits are kept. */
export interface IpNetwork extends IpAddress {
  readonly prefixLength: number;
}

/** As Go's net.ParseIP: no mask, no zero padding of octets, no zone; null when malformed. */
export function parseIp(text: string): IpAddress | null {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

/** '10.10.10.3/24'; null when malformed. */
export function parseIpNetwork(text: string): IpNetwork | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const address = parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === null || !/^(0|[1-9]\d{0,2})$/.test(digits)) return null;
  const prefixLength = Number(digits);
  return prefixLength > widthOf(address) ? null : { ...address, prefixLength };
}

/** The canonical text of an address, or null when it is none. */
export function canonicalIp(text: string): string | null {
  const address = parseIp(text);
  return address === null ? null : formatIp(address);
}

/** Canonical text. */
export function formatIp({ family, bits }: IpAddress): string {
  if (family === 'ip4') {
    return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((bits >> BigInt(16 * (7 - index))) & 0xffffn),
  );
  const run = longestZeroRun(groups);
  const hex = (list: readonly number[]): string =>
    list.map((group) => group.toString(16)).join(':');
  if (run === null) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

/** The network in canonical text with its host bits cleared: '10.10.10.0/24'. */
export function formatNetwork(network: IpNetwork): string {
  return `${formatIp({ family: network.family, bits: maskedBits(network) })}/${network.prefixLength}`;
}

/** Whether an address lies in a network. */
export function networkContains(network: IpNetwork, address: IpAddress): boolean {
  if (network.family !== address.family) return false;
  const host = BigInt(widthOf(network) - network.prefixLength);
  return network.bits >> host === address.bits >> host;
}

/** Go's IsGlobalUnicast: not unspecified, loopback, multicast, link-local or limited broadcast. */
export function isGlobalUnicast({ family, bits }: IpAddress): boolean {
  if (bits === 0n) return false;
  if (family === 'ip6') {
    return bits !== 1n && bits >> 120n !== 0xffn && bits >> 118n !== 0x3fan;
  }
  const isLinkLocal = bits >> 16n === 0xa9fen;
  return bits !== 0xffff_ffffn && bits >> 24n !== 127n && bits >> 28n !== 0xen && !isLinkLocal;
}

/** 32 or 128. */
export function widthOf({ family }: IpAddress): number {
  return family === 'ip4' ? 32 : 128;
}

function maskedBits(network: IpNetwork): bigint {
  const host = BigInt(widthOf(network) - network.prefixLength);
  return (network.bits >> host) << host;
}

function parseV4(text: string): IpAddress | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bits = (bits << 8n) | BigInt(part);
  }
  return { family: 'ip4', bits };
}

function parseV6(text: string): IpAddress | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || head === null || tail === null) return null;
  const count = head.length + (tail?.length ?? 0);
  if (tail === undefined ? count !== 8 : count > 7) return null;
  const groups = [...head, ...Array.from({ length: 8 - count }, () => 0), ...(tail ?? [])];
  return { family: 'ip6', bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n) };
}

/** The groups of one side of '::'; the last may be a dotted quad. Null when one is malformed. */
function groupsOf(side: string): readonly number[] | null {
  if (side === '') return [];
  const groups: number[] = [];
  const parts = side.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const quad = parseV4(part);
      if (quad === null) return null;
      groups.push(Number(quad.bits >> 16n), Number(quad.bits & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else return null;
  }
  return groups;
}

interface Run {
  readonly start: number;
  readonly length: number;
}

/** The first longest run of at least two zeros. */
function longestZeroRun(groups: readonly number[]): Run | null {
  let best: Run | null = null;
  let start = 0;
  for (let at = 0; at <= groups.length; at++) {
    if (at < groups.length && groups[at] === 0) continue;
    const length = at - start;
    if (length >= 2 && length > (best?.length ?? 0)) best = { start, length };
    start = at + 1;
  }
  return best;
}
