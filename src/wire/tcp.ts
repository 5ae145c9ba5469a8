// The TCP header, RFC 9293 3.1. Options are in tcp-options.ts.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +-------------------------------+-------------------------------+
//  0 |          source port          |       destination port        |
//    +-------------------------------+-------------------------------+
//  4 |                        sequence number                        |
//    +---------------------------------------------------------------+
//  8 |                     acknowledgment number                     |
//    +-------+-------+---------------+-------------------------------+
// 12 | offset| rsrvd |C E U A P R S F|            window             |
//    +-------+-------+---------------+-------------------------------+
// 16 |           checksum            |        urgent pointer         |
//    +-------------------------------+-------------------------------+
// 20 |                            options
//    +------------------------------------------------------------ - -
//
// The checksum covers a pseudo-header; `length` is always the octets of the segment, header included.

import * as checksum from './checksum.ts';
import { assertWritable, type Frame } from './frame.ts';
import type { Ipv4Address } from './ipv4-address.ts';
import { IpProtocol } from './numbers.ts';
import { destinationPort, setDestinationPort, setSourcePort, sourcePort } from './ports.ts';

export { destinationPort, setDestinationPort, setSourcePort, sourcePort };

/** Octets of a header without options. */
export const HEADER_LENGTH = 20;

/** The control bits, RFC 9293 3.1 and RFC 3168. */
export const Flag = {
  Fin: 1,
  Syn: 2,
  Rst: 4,
  Psh: 8,
  Ack: 16,
  Urg: 32,
  Ece: 64,
  Cwr: 128,
} as const;

/** Where the checksum stands, in octets from the header. */
export const CHECKSUM = 16;

/** What may be wrong with a segment, its checksum apart. */
export const Problem = { Truncated: 'truncated', BadDataOffset: 'bad-data-offset' } as const;
/** What can be wrong with a TCP segment. */
export type Problem = (typeof Problem)[keyof typeof Problem];

const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
const URGENT_POINTER = 18;

/** Null when the accessors may be trusted. `available`: octets the IP header leaves. */
export function check(frame: Frame, at: number, available: number): Problem | null {
  if (available < HEADER_LENGTH || at + available > frame.end) return Problem.Truncated;
  const header = dataOffset(frame, at);
  return header < HEADER_LENGTH || header > available ? Problem.BadDataOffset : null;
}

/** Unsigned, 32 bits. */
export function sequenceNumber(frame: Frame, at: number): number {
  return frame.view.getUint32(at + SEQUENCE);
}

/** Unsigned, 32 bits; valid only with `Flag.Ack`. */
export function acknowledgmentNumber(frame: Frame, at: number): number {
  return frame.view.getUint32(at + ACKNOWLEDGMENT);
}

/** Where the data starts, in octets from `at`: the length of the header with its options. */
export function dataOffset(frame: Frame, at: number): number {
  return (frame.view.getUint8(at + DATA_OFFSET) >>> 4) * 4;
}

/** A combination of `Flag`. */
export function flags(frame: Frame, at: number): number {
  return frame.view.getUint8(at + FLAGS);
}

/** As it stands in the header, unscaled. */
export function window(frame: Frame, at: number): number {
  return frame.view.getUint16(at + WINDOW);
}

/** As it stands in the header. */
export function headerChecksum(frame: Frame, at: number): number {
  return frame.view.getUint16(at + CHECKSUM);
}

/** Means something only with `Flag.Urg`. */
export function urgentPointer(frame: Frame, at: number): number {
  return frame.view.getUint16(at + URGENT_POINTER);
}

/** Leaves the checksum as it is. */
export function setSequenceNumber(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint32(at + SEQUENCE, value);
}

/** Leaves the checksum as it is. */
export function setAcknowledgmentNumber(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint32(at + ACKNOWLEDGMENT, value);
}

/** In octets, a multiple of 4 from 20 to 60. */
export function setDataOffset(frame: Frame, at: number, octets: number): void {
  assertWritable(frame);
  frame.view.setUint8(at + DATA_OFFSET, (octets / 4) << 4);
}

/** A combination of `Flag`. Leaves the checksum as it is. */
export function setFlags(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint8(at + FLAGS, value);
}

/** Unscaled. Leaves the checksum as it is. */
export function setWindow(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + WINDOW, value);
}

/** Writes the checksum as given. */
export function setChecksum(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + CHECKSUM, value);
}

/** Leaves the checksum as it is. */
export function setUrgentPointer(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + URGENT_POINTER, value);
}

/** Another source port, as NAT gives it; the checksum follows. */
export function rewriteSourcePort(frame: Frame, at: number, port: number): void {
  const before = sourcePort(frame, at);
  setSourcePort(frame, at, port);
  rewriteChecksum16(frame, at, before, port);
}

/** Another destination port, as NAT gives it; the checksum follows. */
export function rewriteDestinationPort(frame: Frame, at: number, port: number): void {
  const before = destinationPort(frame, at);
  setDestinationPort(frame, at, port);
  rewriteChecksum16(frame, at, before, port);
}

/** The checksum after some 16-bit word it covers went from `before` to `after`. */
export function rewriteChecksum16(frame: Frame, at: number, before: number, after: number): void {
  setChecksum(frame, at, checksum.update16(headerChecksum(frame, at), before, after));
}

/** The same for a 32-bit value, such as an address of the pseudo-header. */
export function rewriteChecksum32(frame: Frame, at: number, before: number, after: number): void {
  setChecksum(frame, at, checksum.update32(headerChecksum(frame, at), before, after));
}

/** Computes the checksum anew over `length` octets. */
export function refreshChecksum(
  frame: Frame,
  at: number,
  source: Ipv4Address,
  destination: Ipv4Address,
  length: number,
): void {
  setChecksum(frame, at, 0);
  const pseudo = checksum.pseudoHeader(source, destination, IpProtocol.Tcp, length);
  const value = checksum.checksum(frame.view, at, at + length, pseudo);
  frame.view.setUint16(at + CHECKSUM, value);
}

/** True when header, data and pseudo-header sum up. */
export function hasValidChecksum(
  frame: Frame,
  at: number,
  source: Ipv4Address,
  destination: Ipv4Address,
  length: number,
): boolean {
  const pseudo = checksum.pseudoHeader(source, destination, IpProtocol.Tcp, length);
  return checksum.checksum(frame.view, at, at + length, pseudo) === 0;
}

/**
 * Writes the fixed header with checksum and urgent pointer zero. Options fill up to `headerLength`
 * (a multiple of 4); call `refreshChecksum` once they and the data are there.
 */
export function emit(
  frame: Frame,
  at: number,
  sourcePort: number,
  destinationPort: number,
  sequenceNumber: number,
  acknowledgmentNumber: number,
  flags: number,
  window: number,
  headerLength: number = HEADER_LENGTH,
): void {
  assertWritable(frame);
  const { view } = frame;
  view.setUint16(at, sourcePort);
  view.setUint16(at + DESTINATION_PORT, destinationPort);
  view.setUint32(at + SEQUENCE, sequenceNumber);
  view.setUint32(at + ACKNOWLEDGMENT, acknowledgmentNumber);
  view.setUint16(at + DATA_OFFSET, ((headerLength / 4) << 12) | flags);
  view.setUint16(at + WINDOW, window);
  view.setUint32(at + CHECKSUM, 0);
}

/** A header as an object, for the control plane and tests. */
export interface TcpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequenceNumber: number;
  readonly acknowledgmentNumber: number;
  readonly dataOffset: number;
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number, available: number): TcpHeader | null {
  if (check(frame, at, available) !== null) return null;
  return {
    sourcePort: sourcePort(frame, at),
    destinationPort: destinationPort(frame, at),
    sequenceNumber: sequenceNumber(frame, at),
    acknowledgmentNumber: acknowledgmentNumber(frame, at),
    dataOffset: dataOffset(frame, at),
    flags: flags(frame, at),
    window: window(frame, at),
    urgentPointer: urgentPointer(frame, at),
  };
}
