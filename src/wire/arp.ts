// ARP for IPv4 over Ethernet, RFC 826; the announcement and probe forms are those of RFC 5227.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    +-------------------------------+-------------------------------+
//  0 |       hardware type = 1       |     protocol type = 0x0800    |
//    +---------------+---------------+-------------------------------+
//  4 | h. length = 6 | p. length = 4 |           operation           |
//    +---------------+---------------+-------------------------------+
//  8 |                  sender hardware address (6)                  |
//    +                               +-------------------------------+
// 12 |                               |    sender protocol address    |
//    +-------------------------------+-------------------------------+
// 16 |                               |                               |
//    +-------------------------------+  target hardware address (6)  |
// 20 |                                                               |
//    +---------------------------------------------------------------+
// 24 |                    target protocol address                    |
//    +---------------------------------------------------------------+
//
// Left out: RARP and InARP operations, other hardware and protocol types.

import * as ethernet from './ethernet.ts';
import { assertWritable, type Frame } from './frame.ts';
import { type Ipv4Address, ipv4Address } from './ipv4-address.ts';
import type { MacAddress } from './mac-address.ts';
import { EtherType } from './numbers.ts';

/** Octets of an ARP packet for IPv4 over Ethernet. */
export const LENGTH = 28;

/** RFC 826 ar$op. */
export const Operation = { Request: 1, Reply: 2 } as const;
/** One of these numbers. */
export type Operation = (typeof Operation)[keyof typeof Operation];

/** What may be wrong with a packet. */
export const Problem = {
  Truncated: 'truncated',
  BadHardware: 'bad-hardware-type',
  BadProtocol: 'bad-protocol-type',
  BadLengths: 'bad-address-lengths',
} as const;
/** What can be wrong with an ARP packet. */
export type Problem = (typeof Problem)[keyof typeof Problem];

const HARDWARE_ETHERNET = 1;
/** Linux takes it for Ethernet as well (arp_process, net/ipv4/arp.c). */
const HARDWARE_IEEE802 = 6;
/** Address lengths 6 and 4 in the two octets at offset 4. */
const ADDRESS_LENGTHS = 0x0604;

const PROTOCOL_TYPE = 2;
const LENGTHS = 4;
const OPERATION = 6;
const SENDER_MAC = 8;
const SENDER_IP = 14;
const TARGET_MAC = 18;
const TARGET_IP = 24;

/** Null when the packet is whole and maps IPv4 to Ethernet: the accessors may be trusted. */
export function check(frame: Frame, at: number): Problem | null {
  if (at + LENGTH > frame.end) return Problem.Truncated;
  const { view } = frame;
  const hardware = view.getUint16(at);
  if (hardware !== HARDWARE_ETHERNET && hardware !== HARDWARE_IEEE802) return Problem.BadHardware;
  if (view.getUint16(at + PROTOCOL_TYPE) !== EtherType.Ipv4) return Problem.BadProtocol;
  return view.getUint16(at + LENGTHS) === ADDRESS_LENGTHS ? null : Problem.BadLengths;
}

/** May be a number that `Operation` does not name. */
export function operation(frame: Frame, at: number): number {
  return frame.view.getUint16(at + OPERATION);
}

/** The MAC address that speaks for `senderIp`. */
export function senderMac(frame: Frame, at: number): MacAddress {
  return ethernet.readMac(frame, at + SENDER_MAC);
}

/** Zero in a probe (RFC 5227). */
export function senderIp(frame: Frame, at: number): Ipv4Address {
  return ipv4Address(frame.view.getUint32(at + SENDER_IP));
}

/** Means nothing in a request. */
export function targetMac(frame: Frame, at: number): MacAddress {
  return ethernet.readMac(frame, at + TARGET_MAC);
}

/** The address asked for, or announced. */
export function targetIp(frame: Frame, at: number): Ipv4Address {
  return ipv4Address(frame.view.getUint32(at + TARGET_IP));
}

/** Writes all 28 octets. A record, because a sender and a target are easily swapped. */
export function emit(frame: Frame, at: number, packet: Arp): void {
  assertWritable(frame);
  const { view } = frame;
  view.setUint16(at, HARDWARE_ETHERNET);
  view.setUint16(at + PROTOCOL_TYPE, EtherType.Ipv4);
  view.setUint16(at + LENGTHS, ADDRESS_LENGTHS);
  view.setUint16(at + OPERATION, packet.operation);
  ethernet.writeMac(frame, at + SENDER_MAC, packet.senderMac);
  view.setUint32(at + SENDER_IP, packet.senderIp);
  ethernet.writeMac(frame, at + TARGET_MAC, packet.targetMac);
  view.setUint32(at + TARGET_IP, packet.targetIp);
}

/** An ARP packet as an object. `operation` may be a number that `Operation` does not name. */
export interface Arp {
  readonly operation: number;
  readonly senderMac: MacAddress;
  readonly senderIp: Ipv4Address;
  readonly targetMac: MacAddress;
  readonly targetIp: Ipv4Address;
}

/** Null when `check` finds a problem. */
export function parse(frame: Frame, at: number): Arp | null {
  if (check(frame, at) !== null) return null;
  return {
    operation: operation(frame, at),
    senderMac: senderMac(frame, at),
    senderIp: senderIp(frame, at),
    targetMac: targetMac(frame, at),
    targetIp: targetIp(frame, at),
  };
}
