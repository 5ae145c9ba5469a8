// Writes one ARP frame and sends it: 42 octets, which veth does not pad.

import * as arp from '../../wire/arp.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { FrameAllocator, Note } from '../../wire/frame.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import { EtherType } from '../../wire/numbers.ts';
import type { Interface } from '../device/interface.ts';

const FRAME_LENGTH = ethernet.HEADER_LENGTH + arp.LENGTH;

/** One ARP frame: its Ethernet addresses, and what it says. */
export interface ArpFrame {
  readonly destination: MacAddress;
  readonly source: MacAddress;
  readonly packet: arp.Arp;
  /** Why it is sent; shown in captures. */
  readonly note: Note | null;
}

/** Interfaces without ARP send nothing (IFF_NOARP). */
export function transmitArp(arena: FrameAllocator, iface: Interface, what: ArpFrame): void {
  if (iface.noArp) return;
  const frame = arena.allocate(FRAME_LENGTH);
  ethernet.emit(frame, what.destination, what.source, EtherType.Arp);
  arp.emit(frame, frame.start + ethernet.HEADER_LENGTH, what.packet);
  frame.note = what.note;
  iface.transmit(frame);
}
