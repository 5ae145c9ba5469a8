// VLAN tags with VID 0, which name no VLAN but a priority (IEEE 802.1Q): Linux takes them off, as many as
// there are (__netif_receive_skb_core), and answers without. Frames of a VLAN are for nobody here.

import * as ethernet from '../../wire/ethernet.ts';
import type { Frame, FrameArena } from '../../wire/frame.ts';
import { EtherType } from '../../wire/numbers.ts';

const TAG_LENGTH = 4;
const VID = 0xfff;
/** The two MAC addresses, in front of a tag. */
const ADDRESSES_LENGTH = 12;

/** Whether an EtherType begins a tag. */
export function isTag(type: number): boolean {
  return type === EtherType.Vlan || type === EtherType.ServiceVlan;
}

/** A frame that begins with a tag, without its priority tags; null: it is of a VLAN, or too short. */
export function withoutPriorityTags(arena: FrameArena, frame: Frame): Frame | null {
  let at = frame.start + ADDRESSES_LENGTH;
  while (at + TAG_LENGTH + 2 <= frame.end && isTag(frame.view.getUint16(at))) {
    if ((frame.view.getUint16(at + 2) & VID) !== 0) return null;
    at += TAG_LENGTH;
  }
  const untagged = frame.length - (at - frame.start - ADDRESSES_LENGTH);
  if (untagged < ethernet.HEADER_LENGTH || isTag(frame.view.getUint16(at))) return null;
  const plain = arena.allocate(untagged);
  const { bytes, start } = frame;
  plain.bytes.set(bytes.subarray(start, start + ADDRESSES_LENGTH), plain.start);
  plain.bytes.set(bytes.subarray(at, frame.end), plain.start + ADDRESSES_LENGTH);
  plain.packetId = frame.packetId;
  plain.hops = frame.hops;
  plain.mark = frame.mark;
  plain.note = frame.note;
  return plain;
}
