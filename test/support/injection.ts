// Frames handed to one interface as a cable would, and what leaves it by way of answer.

import type { Interface } from '../../src/stack/device/interface.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { EtherType } from '../../src/wire/numbers.ts';
import { L3 } from './frames.ts';

/** A frame arrives at the interface. Seals it. */
export function arrive(iface: Interface, frame: Frame): void {
  frame.sealed = true;
  iface.port.deliver(frame);
}

/** The IPv4 packets that leave by the interface from now on; the array grows. */
export function packetsFrom(iface: Interface): Frame[] {
  const packets: Frame[] = [];
  iface.port.observer = (_port, frame, direction) => {
    if (direction === 'out' && ethernet.etherType(frame) === EtherType.Ipv4) packets.push(frame);
  };
  return packets;
}

/** Addresses a frame that is not yet sent to the interface. */
export function toInterface(iface: Interface, frame: Frame): Frame {
  ethernet.setDestination(frame, iface.mac);
  return frame;
}

/** Changes the header of a frame that is not yet sent, and makes its checksum right again. */
export function withHeader(frame: Frame, change: (frame: Frame, l3: number) => void): Frame {
  const l3 = frame.start + L3;
  change(frame, l3);
  ipv4.refreshChecksum(frame, l3);
  return frame;
}
