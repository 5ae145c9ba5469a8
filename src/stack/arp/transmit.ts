// Writes one ARP frame and sends it: 42 octets, which veth does not pad.

import * as arp from '../../wire/arp.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Note } from '../../wire/frame.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import { EtherType } from '../../wire/numbers.ts';
import type { Interface } from '../device/interface.ts';

const FRAME_LENGTH = ethernet.HEADER_LENGTH + arp.LENGTH;

/** Interfaces without ARP send nothing (IFF_NOARP). */
export function transmitArp(
  iface: Interface,
  destination: MacAddress,
  source: MacAddress,
  operation: number,
  senderMac: MacAddress,
  senderIp: Ipv4Address,
  targetMac: MacAddress,
  targetIp: Ipv4Address,
  note: Note | null,
): void {
  if (iface.noArp) return;
  const frame = iface.stack.arena.allocate(FRAME_LENGTH);
  ethernet.emit(frame, destination, source, EtherType.Arp);
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  arp.emit(frame, l3, operation, senderMac, senderIp, targetMac, targetIp);
  frame.note = note;
  iface.transmit(frame);
}
