// Geneve, RFC 8926: an Ethernet frame in a UDP datagram to port 6081, after this header and its options.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +---+-----------+-+-+-----------+-------------------------------+
//  0 |Ver|  Opt Len  |O|C|   Rsvd.   |     protocol type = 0x6558    |
//    +---+-----------+-+-+-----------+---------------+---------------+
//  4 |        virtual network identifier (VNI)       |   reserved    |
//    +-----------------------------------------------+---------------+
//  8 |          option class         |C|    type     |R|R|R|  length |
//    +-------------------------------+-+-------------+-+-+-+---------+
// 12 |                       option data …
//    +------------------------------------------------------------ - -
//
// Lengths of options are in words of four octets, without the option's own header. Left out: payloads that
// are no Ethernet frames, and control packets (the O bit), which nobody sends here.

import { assertWritable, type Frame } from './frame.ts';

/** Octets, without options. */
export const HEADER_LENGTH = 8;
/** Octets of the header of one option. */
export const OPTION_HEADER_LENGTH = 4;
/** The largest network identifier (VNI). */
export const MAXIMUM_VNI = 0xff_ffff;

/** Transparent Ethernet bridging. */
const PROTOCOL_ETHERNET = 0x6558;
const CRITICAL = 0x40;
const OPTION_WORDS_MASK = 0x3f;
const OPTION_LENGTH_MASK = 0x1f;
const WORD = 4;
const VNI = 4;

/** What may be wrong with a header. */
export const Problem = {
  Truncated: 'truncated',
  BadVersion: 'bad-version',
  BadProtocol: 'bad-protocol',
  BadOption: 'bad-option',
} as const;
/** What can be wrong with a Geneve header. */
export type Problem = (typeof Problem)[keyof typeof Problem];

/** Null when header and options are complete. `available`: octets the UDP header leaves. */
export function check(frame: Frame, at: number, available: number): Problem | null {
  if (available < HEADER_LENGTH || at + available > frame.end) return Problem.Truncated;
  if (frame.view.getUint8(at) >>> 6 !== 0) return Problem.BadVersion;
  if (frame.view.getUint16(at + 2) !== PROTOCOL_ETHERNET) return Problem.BadProtocol;
  const end = at + headerLength(frame, at);
  if (end > at + available) return Problem.Truncated;
  for (let option = at + HEADER_LENGTH; option < end; ) {
    if (option + OPTION_HEADER_LENGTH > end) return Problem.BadOption;
    option += OPTION_HEADER_LENGTH + optionLength(frame, option);
    if (option > end) return Problem.BadOption;
  }
  return null;
}

/** Octets of the header, options included. */
export function headerLength(frame: Frame, at: number): number {
  return HEADER_LENGTH + (frame.view.getUint8(at) & OPTION_WORDS_MASK) * WORD;
}

/** The network identifier, 24 bits: the VNI. */
export function vni(frame: Frame, at: number): number {
  return frame.view.getUint32(at + VNI) >>> 8;
}

/** Where the data of an option stands, absolute; -1 without one of that class and type. */
export function findOption(frame: Frame, at: number, optionClass: number, type: number): number {
  const end = at + headerLength(frame, at);
  for (let option = at + HEADER_LENGTH; option < end; ) {
    const isIt =
      frame.view.getUint16(option) === optionClass && frame.view.getUint8(option + 2) === type;
    if (isIt) return option + OPTION_HEADER_LENGTH;
    option += OPTION_HEADER_LENGTH + optionLength(frame, option);
  }
  return -1;
}

/** Writes the 8 octets of the header; `optionOctets` of options follow, `critical` says that one of them is. */
export function emit(
  frame: Frame,
  at: number,
  vni: number,
  optionOctets: number,
  critical: boolean,
): void {
  assertWritable(frame);
  frame.view.setUint8(at, optionOctets / WORD);
  frame.view.setUint8(at + 1, critical ? CRITICAL : 0);
  frame.view.setUint16(at + 2, PROTOCOL_ETHERNET);
  frame.view.setUint32(at + VNI, vni * 256);
}

/** Writes an option of one word of data: 8 octets. */
export function emitOption(
  frame: Frame,
  at: number,
  optionClass: number,
  type: number,
  data: number,
): void {
  assertWritable(frame);
  frame.view.setUint16(at, optionClass);
  frame.view.setUint8(at + 2, type);
  frame.view.setUint8(at + 3, 1);
  frame.view.setUint32(at + OPTION_HEADER_LENGTH, data);
}

/** A header as an object, for tests. */
export interface GeneveHeader {
  readonly vni: number;
  /** Options included. */
  readonly headerLength: number;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number, available: number): GeneveHeader | null {
  if (check(frame, at, available) !== null) return null;
  return { vni: vni(frame, at), headerLength: headerLength(frame, at) };
}

/** Octets of an option's data. */
function optionLength(frame: Frame, option: number): number {
  return (frame.view.getUint8(option + 3) & OPTION_LENGTH_MASK) * WORD;
}
