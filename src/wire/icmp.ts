// ICMP for IPv4, RFC 792; next-hop MTU per RFC 1191, more unreachable codes per RFC 1812.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +---------------+---------------+-------------------------------+
//  0 |     type      |     code      |           checksum            |
//    +---------------+---------------+-------------------------------+
//  4 |  identifier (echo)            |  sequence (echo)              |
//    |  0 (unreachable, code 4)      |  next-hop MTU                 |
//    +-------------------------------+-------------------------------+
//  8 |  echo: data   errors: the offending IP header and what follows it
//    +------------------------------------------------------------ - -
//
// The checksum covers the whole message; there is no pseudo-header. `length` is always the octets
// of the message, header included. Left out: RFC 4884 extensions, router discovery.

import * as checksum from './checksum.ts';
import { assertWritable, type Frame } from './frame.ts';

/** Octets. */
export const HEADER_LENGTH = 8;

/** IANA ICMP types the lab speaks of. */
export const Type = {
  EchoReply: 0,
  Unreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  Echo: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
  TimestampRequest: 13,
  TimestampReply: 14,
  InformationRequest: 15,
  InformationReply: 16,
  AddressMaskRequest: 17,
  AddressMaskReply: 18,
} as const;

/** Codes of `Type.Unreachable`. */
export const UnreachableCode = {
  Network: 0,
  Host: 1,
  Protocol: 2,
  Port: 3,
  FragmentationNeeded: 4,
  SourceRouteFailed: 5,
  NetworkUnknown: 6,
  HostUnknown: 7,
  NetworkProhibited: 9,
  HostProhibited: 10,
  AdministrativelyProhibited: 13,
} as const;

/** Codes of `Type.TimeExceeded`. */
export const TimeExceededCode = { Transit: 0, Reassembly: 1 } as const;

/** Codes of `Type.Redirect`. */
export const RedirectCode = { Network: 0, Host: 1 } as const;

/** What may be wrong with a message. */
export const Problem = { Truncated: 'truncated', BadChecksum: 'bad-checksum' } as const;
/** What can be wrong with an ICMP message. */
export type Problem = (typeof Problem)[keyof typeof Problem];

const CODE = 1;
const CHECKSUM = 2;
const REST = 4;
const IDENTIFIER = 4;
const SEQUENCE = 6;
const NEXT_HOP_MTU = 6;

/** Null when the `length` octets at `at` are a message with a right checksum. */
export function check(frame: Frame, at: number, length: number): Problem | null {
  if (length < HEADER_LENGTH || at + length > frame.end) return Problem.Truncated;
  return hasValidChecksum(frame, at, length) ? null : Problem.BadChecksum;
}

/** True for the types that carry an offending packet, about which no error may be sent. */
export function isError(type: number): boolean {
  return (
    type === Type.Unreachable ||
    type === Type.TimeExceeded ||
    type === Type.ParameterProblem ||
    type === Type.Redirect ||
    type === Type.SourceQuench
  );
}

/** True for the types that carry an identifier, which plays the part of a port for NAT. */
export function isQuery(type: number): boolean {
  return (
    type === Type.Echo ||
    type === Type.EchoReply ||
    (type >= Type.TimestampRequest && type <= Type.AddressMaskReply)
  );
}

/** One of `Type`. */
export function type(frame: Frame, at: number): number {
  return frame.view.getUint8(at);
}

/** Type and code, as the checksum sees them. */
export function word(frame: Frame, at: number): number {
  return frame.view.getUint16(at);
}

/** Its meaning depends on the type. */
export function code(frame: Frame, at: number): number {
  return frame.view.getUint8(at + CODE);
}

/** As it stands in the header. */
export function headerChecksum(frame: Frame, at: number): number {
  return frame.view.getUint16(at + CHECKSUM);
}

/** Of echo and timestamp messages. */
export function identifier(frame: Frame, at: number): number {
  return frame.view.getUint16(at + IDENTIFIER);
}

/** Of echo and timestamp messages. */
export function sequence(frame: Frame, at: number): number {
  return frame.view.getUint16(at + SEQUENCE);
}

/** The second word as it stands: gateway of a redirect, unused octets of an error. */
export function rest(frame: Frame, at: number): number {
  return frame.view.getUint32(at + REST);
}

/** Of fragmentation needed, RFC 1191; zero from routers older than that. */
export function nextHopMtu(frame: Frame, at: number): number {
  return frame.view.getUint16(at + NEXT_HOP_MTU);
}

/** Writes the type; the checksum is left as it is. */
export function setType(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint8(at, value);
}

/** Writes the checksum as given. */
export function setChecksum(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + CHECKSUM, value);
}

/** Writes the identifier; the checksum is left as it is. */
export function setIdentifier(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + IDENTIFIER, value);
}

/** Writes the sequence number; the checksum is left as it is. */
export function setSequence(frame: Frame, at: number, value: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + SEQUENCE, value);
}

/** Writes the MTU, in octets; the checksum is left as it is. */
export function setNextHopMtu(frame: Frame, at: number, octets: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + NEXT_HOP_MTU, octets);
}

/** Another identifier, as NAT gives it; the checksum follows. */
export function rewriteIdentifier(frame: Frame, at: number, value: number): void {
  const before = identifier(frame, at);
  setIdentifier(frame, at, value);
  rewriteChecksum16(frame, at, before, value);
}

/** The checksum after some 16-bit word of the message went from `before` to `after`. */
export function rewriteChecksum16(frame: Frame, at: number, before: number, after: number): void {
  setChecksum(frame, at, checksum.update16(headerChecksum(frame, at), before, after));
}

/** The same for a 32-bit value at an even offset, such as an address in the offending header. */
export function rewriteChecksum32(frame: Frame, at: number, before: number, after: number): void {
  setChecksum(frame, at, checksum.update32(headerChecksum(frame, at), before, after));
}

/** Computes the checksum of the whole message anew. */
export function refreshChecksum(frame: Frame, at: number, length: number): void {
  setChecksum(frame, at, 0);
  frame.view.setUint16(at + CHECKSUM, checksum.checksum(frame.view, at, at + length));
}

/** True when the `length` octets at `at` sum up. */
export function hasValidChecksum(frame: Frame, at: number, length: number): boolean {
  return checksum.checksum(frame.view, at, at + length) === 0;
}

/** Writes the header of an echo (reply) and the checksum over `length`: write the data first. */
export function emitEcho(
  frame: Frame,
  at: number,
  type: number,
  identifier: number,
  sequence: number,
  length: number,
): void {
  emit(frame, at, type, 0, ((identifier << 16) | sequence) >>> 0, length);
}

/** Writes any header, and the checksum over `length`: write what follows the header first. */
export function emit(
  frame: Frame,
  at: number,
  type: number,
  code: number,
  rest: number,
  length: number,
): void {
  assertWritable(frame);
  frame.view.setUint16(at, (type << 8) | code);
  frame.view.setUint32(at + REST, rest);
  refreshChecksum(frame, at, length);
}

/** A header as an object, for the control plane and tests. */
export interface IcmpHeader {
  readonly type: number;
  readonly code: number;
  readonly rest: number;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number, length: number): IcmpHeader | null {
  if (check(frame, at, length) !== null) return null;
  return { type: type(frame, at), code: code(frame, at), rest: rest(frame, at) };
}
