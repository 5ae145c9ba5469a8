// VXLAN, RFC 7348: an Ethernet frame in a UDP datagram to port 4789, after this header.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +---------------+-----------------------------------------------+
//  0 |R R R R I R R R|                   reserved                    |
//    +---------------+-------------------------------+---------------+
//  4 |            network identifier (VNI)           |   reserved    |
//    +-----------------------------------------------+---------------+
//
// Left out: the group policy and GPE extensions that reuse reserved bits.

import { assertWritable, type Frame } from './frame.ts';

/** Octets. */
export const HEADER_LENGTH = 8;
/** The largest network identifier (VNI). */
export const MAXIMUM_VNI = 0xff_ffff;

const I_FLAG = 0x0800_0000;
const VNI = 4;

/** What may be wrong with a header. */
export const Problem = { Truncated: 'truncated', BadFlags: 'bad-flags' } as const;
/** What can be wrong with a VXLAN header. */
export type Problem = (typeof Problem)[keyof typeof Problem];

/**
 * Null when the header is complete, its I bit is set and nothing reserved is. RFC 7348 would have
 * reserved bits ignored; Linux drops the packet (vxlan_rcv, drivers/net/vxlan), and so does the lab.
 * `available`: octets the UDP header leaves.
 */
export function check(frame: Frame, at: number, available: number): Problem | null {
  if (available < HEADER_LENGTH || at + available > frame.end) return Problem.Truncated;
  const isPlain = frame.view.getUint32(at) === I_FLAG && frame.view.getUint8(at + VNI + 3) === 0;
  return isPlain ? null : Problem.BadFlags;
}

/** The network identifier, 24 bits: the VNI. */
export function vni(frame: Frame, at: number): number {
  return frame.view.getUint32(at + VNI) >>> 8;
}

/** Writes all 8 octets. */
export function emit(frame: Frame, at: number, vni: number): void {
  assertWritable(frame);
  frame.view.setUint32(at, I_FLAG);
  frame.view.setUint32(at + VNI, vni * 256);
}

/** A header as an object, for tests. */
export interface VxlanHeader {
  readonly vni: number;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number, available: number): VxlanHeader | null {
  return check(frame, at, available) === null ? { vni: vni(frame, at) } : null;
}
