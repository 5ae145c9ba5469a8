// The two ports that TCP and UDP headers begin with, at the same place in both.
//
//    0                   2                   4
//   +-------------------+-------------------+----
//   |    source port    | destination port  |
//   +-------------------+-------------------+----

import { assertWritable, type Frame } from './frame.ts';

/** Octets of both ports. */
export const LENGTH = 4;

const DESTINATION_PORT = 2;

/** The port of the sender. */
export function sourcePort(frame: Frame, at: number): number {
  return frame.view.getUint16(at);
}

/** The port of the receiver. */
export function destinationPort(frame: Frame, at: number): number {
  return frame.view.getUint16(at + DESTINATION_PORT);
}

/** Leaves the checksum as it is. */
export function setSourcePort(frame: Frame, at: number, port: number): void {
  assertWritable(frame);
  frame.view.setUint16(at, port);
}

/** Leaves the checksum as it is. */
export function setDestinationPort(frame: Frame, at: number, port: number): void {
  assertWritable(frame);
  frame.view.setUint16(at + DESTINATION_PORT, port);
}
