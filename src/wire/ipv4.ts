// The IPv4 header, RFC 791. Options are skipped on receipt and never written.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +-------+-------+---------------+-------------------------------+
//  0 |version|  IHL  |type of service|         total length          |
//    +-------+-------+---------------+-----+-------------------------+
//  4 |        identification         |0 D M|     fragment offset     |
//    +---------------+---------------+-----+-------------------------+
//  8 | time to live  |   protocol    |        header checksum        |
//    +---------------+---------------+-------------------------------+
// 12 |                        source address                         |
//    +---------------------------------------------------------------+
// 16 |                      destination address                      |
//    +---------------------------------------------------------------+
//
// `set…` writes a field and leaves the checksum alone; `rewrite…` and `decrementTtl` keep a right
// checksum right (RFC 1624) and a wrong one wrong, so that corruption stays visible downstream.

import * as checksum from './checksum.ts';
import { assertWritable, type Frame } from './frame.ts';
import { type Ipv4Address, ipv4Address } from './ipv4-address.ts';

/** Octets of a header without options, the only kind the lab writes. */
export const HEADER_LENGTH = 20;

/** The high bits of the 16-bit word that ends in the fragment offset. */
export const Flag = { DontFragment: 0x4000, MoreFragments: 0x2000 } as const;

/** What may be wrong with a header, in the order in which Linux looks (ip_rcv_core). */
export const Problem = {
  Truncated: 'truncated',
  BadVersion: 'bad-version',
  BadHeaderLength: 'bad-header-length',
  BadChecksum: 'bad-checksum',
  BadTotalLength: 'bad-total-length',
} as const;
/** What can be wrong with an IPv4 header. */
export type Problem = (typeof Problem)[keyof typeof Problem];

const VERSION_AND_IHL = 0x4500;
const TYPE_OF_SERVICE = 1;
const TOTAL_LENGTH = 2;
/** Where the word of identification, flags and fragment offset stands, in octets from the header. */
export const IDENTIFICATION = 4;
const FRAGMENT = 6;
/** Where time to live and protocol stand, in octets from the header. */
export const TIME_TO_LIVE = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;

/** The bits of the fragment offset, in the word that it shares with the flags. */
export const OFFSET_MASK = 0x1fff;
/** Octets that a fragment offset counts in. */
export const OFFSET_UNIT = 8;

/** Null when the accessors may be trusted. The frame may be longer than `totalLength`: padding. */
export function check(frame: Frame, at: number): Problem | null {
  const available = frame.end - at;
  if (available < HEADER_LENGTH) return Problem.Truncated;
  // Each word is read once: version, header length, type of service and total length are one.
  const { view } = frame;
  const first = view.getUint32(at);
  if (first >>> 28 !== 4) return Problem.BadVersion;
  const header = (first >>> 22) & 0x3c;
  if (header < HEADER_LENGTH) return Problem.BadHeaderLength;
  if (header > available) return Problem.Truncated;
  if (!hasValidChecksum(view, at, first, header)) return Problem.BadChecksum;
  const total = first & 0xffff;
  if (total > available) return Problem.Truncated;
  return total < header ? Problem.BadTotalLength : null;
}

/** Sums the halves as small integers, which no header overflows: there is no faster way in JavaScript. */
function hasValidChecksum(view: DataView, at: number, first: number, header: number): boolean {
  let total = (first >>> 16) + (first & 0xffff);
  for (let here = at + 4; here < at + header; here += 4) {
    const word = view.getUint32(here);
    total += (word >>> 16) + (word & 0xffff);
  }
  total = (total & 0xffff) + (total >>> 16);
  return total === 0xffff;
}

/** 4, if all is well. */
export function version(frame: Frame, at: number): number {
  return frame.view.getUint8(at) >>> 4;
}

/** In octets, options included. */
export function headerLength(frame: Frame, at: number): number {
  return (frame.view.getUint8(at) & 0xf) * 4;
}

/** DSCP and ECN, 8 bits. */
export function typeOfService(frame: Frame, at: number): number {
  return frame.view.getUint8(at + TYPE_OF_SERVICE);
}

/** Octets of header and payload. */
export function totalLength(frame: Frame, at: number): number {
  return frame.view.getUint16(at + TOTAL_LENGTH);
}

/** The same in all fragments of a packet. */
export function identification(frame: Frame, at: number): number {
  return frame.view.getUint16(at + IDENTIFICATION);
}

/** The DF bit. */
export function dontFragment(frame: Frame, at: number): boolean {
  return (frame.view.getUint16(at + FRAGMENT) & Flag.DontFragment) !== 0;
}

/** The MF bit: this is not the last fragment. */
export function moreFragments(frame: Frame, at: number): boolean {
  return (frame.view.getUint16(at + FRAGMENT) & Flag.MoreFragments) !== 0;
}

/** In octets. */
export function fragmentOffset(frame: Frame, at: number): number {
  return (frame.view.getUint16(at + FRAGMENT) & OFFSET_MASK) * OFFSET_UNIT;
}

/** True for the first, a middle and the last fragment; one comparison for the data path. */
export function isFragment(frame: Frame, at: number): boolean {
  return (frame.view.getUint16(at + FRAGMENT) & (Flag.MoreFragments | OFFSET_MASK)) !== 0;
}

/** Hops left. */
export function timeToLive(frame: Frame, at: number): number {
  return frame.view.getUint8(at + TIME_TO_LIVE);
}

/** What the payload is; see IpProtocol. */
export function protocol(frame: Frame, at: number): number {
  return frame.view.getUint8(at + PROTOCOL);
}

/** As it stands in the header. */
export function headerChecksum(frame: Frame, at: number): number {
  return frame.view.getUint16(at + CHECKSUM);
}

/** Who says to have sent it. */
export function source(frame: Frame, at: number): Ipv4Address {
  return ipv4Address(frame.view.getUint32(at + SOURCE));
}

/** For whom it is. */
export function destination(frame: Frame, at: number): Ipv4Address {
  return ipv4Address(frame.view.getUint32(at + DESTINATION));
}

/** Leaves the checksum as it is. */
export function setTypeOfService(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint8(at + TYPE_OF_SERVICE, value);
}

/** In octets, header included. Leaves the checksum as it is. */
export function setTotalLength(frame: Frame, at: number, octets: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + TOTAL_LENGTH, octets);
}

/** Leaves the checksum as it is. */
export function setIdentification(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + IDENTIFICATION, value);
}

/** `offsetOctets` is a multiple of 8. */
export function setFragment(
  frame: Frame,
  at: number,
  offsetOctets: number,
  more: boolean,
  dontFragment: boolean,
): void {
  assertWritable(frame);
  frame.view.setUint16(at + FRAGMENT, fragmentWord(offsetOctets, more, dontFragment));
}

/** Leaves the checksum as it is. */
export function setTimeToLive(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint8(at + TIME_TO_LIVE, value);
}

/** Leaves the checksum as it is. */
export function setProtocol(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint8(at + PROTOCOL, value);
}

/** Writes the checksum as given. */
export function setChecksum(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + CHECKSUM, value);
}

/** Leaves the checksums, this one and that of TCP or UDP, as they are. */
export function setSource(frame: Frame, at: number, address: Ipv4Address): void {
  assertWritable(frame);
  frame.view.setUint32(at + SOURCE, address);
}

/** Leaves the checksums, this one and that of TCP or UDP, as they are. */
export function setDestination(frame: Frame, at: number, address: Ipv4Address): void {
  assertWritable(frame);
  frame.view.setUint32(at + DESTINATION, address);
}

/** One less, which must not be below zero; the checksum follows. */
export function decrementTtl(frame: Frame, at: number): void {
  assertWritable(frame);
  const { view } = frame;
  const before = view.getUint16(at + TIME_TO_LIVE);
  const after = before - 0x100;
  view.setUint16(at + TIME_TO_LIVE, after);
  view.setUint16(at + CHECKSUM, checksum.update16(view.getUint16(at + CHECKSUM), before, after));
}

/** The header checksum follows; the one of TCP or UDP, which covers the address too, does not. */
export function rewriteSource(frame: Frame, at: number, address: Ipv4Address): void {
  rewriteAddress(frame, at, at + SOURCE, address);
}

/** The header checksum follows; the one of TCP or UDP, which covers the address too, does not. */
export function rewriteDestination(frame: Frame, at: number, address: Ipv4Address): void {
  rewriteAddress(frame, at, at + DESTINATION, address);
}

function rewriteAddress(frame: Frame, at: number, field: number, address: Ipv4Address): void {
  assertWritable(frame);
  const { view } = frame;
  const before = view.getUint32(field);
  view.setUint32(field, address);
  view.setUint16(at + CHECKSUM, checksum.update32(view.getUint16(at + CHECKSUM), before, address));
}

/** Computes the header checksum anew, over options too. */
export function refreshChecksum(frame: Frame, at: number): void {
  setChecksum(frame, at, 0);
  const value = checksum.checksum(frame.view, at, at + headerLength(frame, at));
  frame.view.setUint16(at + CHECKSUM, value);
}

/** The 16-bit word of flags and fragment offset; `offsetOctets` is a multiple of 8. */
export function fragmentWord(offsetOctets: number, more: boolean, dontFragment: boolean): number {
  return (
    (dontFragment ? Flag.DontFragment : 0) |
    (more ? Flag.MoreFragments : 0) |
    ((offsetOctets / OFFSET_UNIT) & OFFSET_MASK)
  );
}

/**
 * Writes a whole header without options, checksum included. Positional, because one object per
 * packet costs more than the header itself. `fragment` is 0, `Flag.DontFragment` or a `fragmentWord`.
 */
export function emit(
  frame: Frame,
  at: number,
  totalLength: number,
  identification: number,
  fragment: number,
  timeToLive: number,
  protocol: number,
  source: Ipv4Address,
  destination: Ipv4Address,
  typeOfService = 0,
): void {
  assertWritable(frame);
  const { view } = frame;
  const first = VERSION_AND_IHL | typeOfService;
  const lifeAndProtocol = (timeToLive << 8) | protocol;
  view.setUint16(at, first);
  view.setUint16(at + TOTAL_LENGTH, totalLength);
  view.setUint16(at + IDENTIFICATION, identification);
  view.setUint16(at + FRAGMENT, fragment);
  view.setUint16(at + TIME_TO_LIVE, lifeAndProtocol);
  view.setUint32(at + SOURCE, source);
  view.setUint32(at + DESTINATION, destination);
  // The words are at hand, so they are summed here instead of being read back.
  const total =
    first +
    totalLength +
    identification +
    fragment +
    lifeAndProtocol +
    (source >>> 16) +
    (source & 0xffff) +
    (destination >>> 16) +
    (destination & 0xffff);
  view.setUint16(at + CHECKSUM, checksum.finish(total));
}

/** A header as an object, for the control plane and tests. */
export interface Ipv4Header {
  readonly headerLength: number;
  readonly typeOfService: number;
  readonly totalLength: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In octets. */
  readonly fragmentOffset: number;
  readonly timeToLive: number;
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number): Ipv4Header | null {
  if (check(frame, at) !== null) return null;
  return {
    headerLength: headerLength(frame, at),
    typeOfService: typeOfService(frame, at),
    totalLength: totalLength(frame, at),
    identification: identification(frame, at),
    dontFragment: dontFragment(frame, at),
    moreFragments: moreFragments(frame, at),
    fragmentOffset: fragmentOffset(frame, at),
    timeToLive: timeToLive(frame, at),
    protocol: protocol(frame, at),
    source: source(frame, at),
    destination: destination(frame, at),
  };
}
