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
/** The largest network identifier, and so the largest NetID of a namespace. */
export const MAXIMUM_VNI = 0xff_ffff;

const I_FLAG = 0x0800_0000;
const VNI = 4;

/**
 * True when the header is complete, its I bit is set and nothing reserved is. RFC 7348 would have
 * reserved bits ignored; Linux drops the packet (vxlan_rcv, drivers/net/vxlan), and so does the lab.
 */
export function isWellFormed(frame: Frame, at: number): boolean {
  if (at + HEADER_LENGTH > frame.end) return false;
  return frame.view.getUint32(at) === I_FLAG && frame.view.getUint8(at + VNI + 3) === 0;
}

/** The network identifier, 24 bits. OpenShift SDN puts the namespace's NetID here. */
export function vni(frame: Frame, at: number): number {
  return frame.view.getUint32(at + VNI) >>> 8;
}

/** Writes all 8 octets. */
export function emit(frame: Frame, at: number, vni: number): void {
  assertWritable(frame);
  frame.view.setUint32(at, I_FLAG);
  frame.view.setUint32(at + VNI, vni * 256);
}

/** The identifier, or null when not well formed. */
export function parse(frame: Frame, at: number): { readonly vni: number } | null {
  return isWellFormed(frame, at) ? { vni: vni(frame, at) } : null;
}
