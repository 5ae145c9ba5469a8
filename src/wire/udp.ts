// UDP, RFC 768. A checksum of zero means that the sender made none (VXLAN does so).
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +-------------------------------+-------------------------------+
//  0 |          source port          |       destination port        |
//    +-------------------------------+-------------------------------+
//  4 |            length             |           checksum            |
//    +-------------------------------+-------------------------------+
//
// Left out: UDP-Lite and options in the surplus area (RFC 9868); surplus octets are ignored.

import * as checksum from './checksum.ts';
import { assertWritable, type Frame } from './frame.ts';
import type { Ipv4Address } from './ipv4-address.ts';
import { IpProtocol } from './numbers.ts';
import { destinationPort, setDestinationPort, setSourcePort, sourcePort } from './ports.ts';

export { destinationPort, setDestinationPort, setSourcePort, sourcePort };

/** Octets. */
export const HEADER_LENGTH = 8;

/** Where the checksum stands, in octets from the header. */
export const CHECKSUM = 6;

/** What may be wrong with a datagram, its checksum apart. */
export const Problem = { Truncated: 'truncated', BadLength: 'bad-length' } as const;
/** What can be wrong with a UDP datagram. */
export type Problem = (typeof Problem)[keyof typeof Problem];

const DESTINATION_PORT = 2;
const LENGTH = 4;

/** Null when the accessors may be trusted. `available`: octets the IP header leaves. */
export function check(frame: Frame, at: number, available: number): Problem | null {
  if (available < HEADER_LENGTH || at + available > frame.end) return Problem.Truncated;
  const octets = length(frame, at);
  return octets < HEADER_LENGTH || octets > available ? Problem.BadLength : null;
}

/** Octets of header and data. */
export function length(frame: Frame, at: number): number {
  return frame.view.getUint16(at + LENGTH);
}

/** As it stands in the header; zero means none. */
export function headerChecksum(frame: Frame, at: number): number {
  return frame.view.getUint16(at + CHECKSUM);
}

/** Octets of header and data. Leaves the checksum as it is. */
export function setLength(frame: Frame, at: number, octets: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + LENGTH, octets);
}

/** Writes the checksum as given; zero means none. */
export function setChecksum(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + CHECKSUM, value);
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

/** The checksum after some 16-bit word it covers went from `before` to `after`; zero stays zero. */
export function rewriteChecksum16(frame: Frame, at: number, before: number, after: number): void {
  const current = headerChecksum(frame, at);
  if (current === 0) return;
  setChecksum(frame, at, checksum.update16(current, before, after) || 0xffff);
}

/** The same for a 32-bit value, such as an address of the pseudo-header. */
export function rewriteChecksum32(frame: Frame, at: number, before: number, after: number): void {
  const current = headerChecksum(frame, at);
  if (current === 0) return;
  setChecksum(frame, at, checksum.update32(current, before, after) || 0xffff);
}

/** Computes the checksum anew over `length` octets; a sum of zero is written as 0xffff. */
export function refreshChecksum(
  frame: Frame,
  at: number,
  source: Ipv4Address,
  destination: Ipv4Address,
  length: number,
): void {
  setChecksum(frame, at, 0);
  const pseudo = checksum.pseudoHeader(source, destination, IpProtocol.Udp, length);
  const value = checksum.checksum(frame.view, at, at + length, pseudo);
  frame.view.setUint16(at + CHECKSUM, value || 0xffff);
}

/** True also when the sender made none. */
export function hasValidChecksum(
  frame: Frame,
  at: number,
  source: Ipv4Address,
  destination: Ipv4Address,
  length: number,
): boolean {
  if (headerChecksum(frame, at) === 0) return true;
  const pseudo = checksum.pseudoHeader(source, destination, IpProtocol.Udp, length);
  return checksum.checksum(frame.view, at, at + length, pseudo) === 0;
}

/** Writes the header with no checksum: call `refreshChecksum` once the data is there. */
export function emit(
  frame: Frame,
  at: number,
  sourcePort: number,
  destinationPort: number,
  length: number,
): void {
  assertWritable(frame);
  frame.view.setUint16(at, sourcePort);
  frame.view.setUint16(at + DESTINATION_PORT, destinationPort);
  frame.view.setUint16(at + LENGTH, length);
  frame.view.setUint16(at + CHECKSUM, 0);
}

/** A header as an object, for the control plane and tests. */
export interface UdpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly length: number;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number, available: number): UdpHeader | null {
  if (check(frame, at, available) !== null) return null;
  return {
    sourcePort: sourcePort(frame, at),
    destinationPort: destinationPort(frame, at),
    length: length(frame, at),
  };
}
