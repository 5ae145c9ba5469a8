// Ethernet II, IEEE 802.3 clause 3 (without preamble and FCS).
//
//    0                   6                  12        14
//   +-------------------+-------------------+---------+----
//   |  destination MAC  |     source MAC    |EtherType| payload
//   +-------------------+-------------------+---------+----

import { assertWritable, type Frame } from './frame.ts';
import { type MacAddress, macAddress } from './mac-address.ts';

/** Octets. */
export const HEADER_LENGTH = 14;
/** The shortest payload-padded frame on a physical wire, without FCS. veth does not pad. */
export const MINIMUM_WIRE_LENGTH = 60;

/** Octets of the largest payload of a frame that is no jumbo (maxBasicDataSize). */
export const DEFAULT_MTU = 1500;

/** Of the first octet of an address. */
const GROUP_BIT = 0x01;

const SOURCE = 6;
const TYPE = 12;

/** Where the frame is to go. */
export function destination(frame: Frame): MacAddress {
  return readMac(frame, frame.start);
}

/** Where the frame comes from. */
export function source(frame: Frame): MacAddress {
  return readMac(frame, frame.start + SOURCE);
}

/** True for frames to a broadcast or multicast MAC. */
export function isToGroup(frame: Frame): boolean {
  return (frame.view.getUint8(frame.start) & GROUP_BIT) !== 0;
}

/** True for frames that claim to come from a broadcast or multicast MAC, as none may. */
export function isFromGroup(frame: Frame): boolean {
  return (frame.view.getUint8(frame.start + SOURCE) & GROUP_BIT) !== 0;
}

/** What the payload is; see EtherType. */
export function etherType(frame: Frame): number {
  return frame.view.getUint16(frame.start + TYPE);
}

/** Writes the destination of a frame that is not sealed. */
export function setDestination(frame: Frame, mac: MacAddress): void {
  writeMac(frame, frame.start, mac);
}

/** Writes the source of a frame that is not sealed. */
export function setSource(frame: Frame, mac: MacAddress): void {
  writeMac(frame, frame.start + SOURCE, mac);
}

/** Writes the whole header at the start of the frame. */
export function emit(frame: Frame, to: MacAddress, from: MacAddress, type: number): void {
  writeMac(frame, frame.start, to);
  writeMac(frame, frame.start + SOURCE, from);
  frame.view.setUint16(frame.start + TYPE, type);
}

/** The six octets at an absolute offset. */
export function readMac(frame: Frame, at: number): MacAddress {
  return macAddress(frame.view.getUint16(at) * 0x1_0000_0000 + frame.view.getUint32(at + 2));
}

/** Writes six octets at an absolute offset. */
export function writeMac(frame: Frame, at: number, mac: MacAddress): void {
  assertWritable(frame);
  const high = Math.floor(mac / 0x1_0000_0000);
  frame.view.setUint16(at, high);
  // Not `mac % 2^32`: a remainder of doubles is a call to fmod, half the cost of a header.
  frame.view.setUint32(at + 2, mac - high * 0x1_0000_0000);
}
