// What a kernel leaves undone when it hands over a frame with a virtio-net header (virtio 1.2, 5.1.6):
// a checksum that holds the sum of the pseudo-header only, and TCP data for many segments under one
// header. Such a frame crosses switches and routers whole; who needs what a wire would show lets
// `finishFrame` cut and complete it.

import * as checksum from './checksum.ts';
import * as ethernet from './ethernet.ts';
import type { Frame, FrameAllocator, Offload } from './frame.ts';
import * as ipv4 from './ipv4.ts';
import { EtherType, IpProtocol } from './numbers.ts';
import * as tcp from './tcp.ts';

/** A TCP segment of 64 KiB cut to the smallest size that Linux accepts (TCP_MIN_GSO_SIZE is 8). */
const MAXIMUM_SEGMENTS = 8_192;
const IPV6_HEADER_LENGTH = 40;
const VLAN_TAG_LENGTH = 4;

const ETHER_TYPE_VLAN = 0x8100;
const ETHER_TYPE_SERVICE_VLAN = 0x88a8;

/** Where the network header begins, behind any VLAN tags, in octets from the start of the frame. */
export function networkOffset(frame: Frame): number {
  let at = ethernet.HEADER_LENGTH;
  while (at + VLAN_TAG_LENGTH <= frame.length) {
    const type = frame.view.getUint16(frame.start + at - 2);
    if (type !== ETHER_TYPE_VLAN && type !== ETHER_TYPE_SERVICE_VLAN) break;
    at += VLAN_TAG_LENGTH;
  }
  return at;
}

/**
 * Whether the frame is what `offload` says it is. Nobody has to believe the sender's header: what
 * passes can be finished without reading or writing beyond the frame.
 */
export function isPlausible(frame: Frame, offload: Offload): boolean {
  const { segmentSize, checksumStart, checksumOffset } = offload;
  if (checksumStart < ethernet.HEADER_LENGTH) return false;
  if (checksumStart + checksumOffset + 2 > frame.length) return false;
  if (segmentSize === 0) return true;
  const l4 = frame.start + checksumStart;
  if (checksumOffset !== tcp.CHECKSUM || transportStart(frame) !== checksumStart) {
    return false;
  }
  const header = tcp.dataOffset(frame, l4);
  const data = frame.length - checksumStart - header;
  return header >= tcp.HEADER_LENGTH && data >= 0 && data / segmentSize <= MAXIMUM_SEGMENTS;
}

/** Where TCP begins in a whole, unfragmented packet that fills its frame; -1 if there is none. */
function transportStart(frame: Frame): number {
  const { view, start } = frame;
  const at = networkOffset(frame);
  const l3 = start + at;
  const type = view.getUint16(l3 - 2);
  if (type === EtherType.Ipv4) {
    if (frame.length < at + ipv4.HEADER_LENGTH + tcp.HEADER_LENGTH) return -1;
    const header = ipv4.headerLength(frame, l3);
    const whole = at + ipv4.totalLength(frame, l3) === frame.length;
    const fits = header >= ipv4.HEADER_LENGTH && at + header + tcp.HEADER_LENGTH <= frame.length;
    const isTcp = ipv4.protocol(frame, l3) === IpProtocol.Tcp && !ipv4.isFragment(frame, l3);
    return whole && fits && isTcp ? at + header : -1;
  }
  if (type === EtherType.Ipv6) {
    const header = at + IPV6_HEADER_LENGTH;
    if (frame.length < header + tcp.HEADER_LENGTH) return -1;
    const whole = header + view.getUint16(l3 + 4) === frame.length;
    return whole && view.getUint8(l3 + 6) === IpProtocol.Tcp ? header : -1;
  }
  return -1;
}

/** The frames that a wire would carry: cut to size, checksums complete. Calls `emit` for each. */
export function finishFrame(
  arena: FrameAllocator,
  frame: Frame,
  emit: (finished: Frame) => void,
): void {
  const { offload } = frame;
  if (offload === null) {
    emit(frame);
    return;
  }
  const header = tcpHeaderEnd(frame, offload);
  if (offload.segmentSize === 0 || frame.length - header <= offload.segmentSize) {
    emit(complete(arena, frame, offload));
    return;
  }
  let index = 0;
  for (let done = header; done < frame.length; done += offload.segmentSize) {
    const data = Math.min(offload.segmentSize, frame.length - done);
    const isLast = done + data === frame.length;
    emit(segment(arena, frame, offload, header, done, data, index++, isLast));
  }
}

/** Octets of the largest packet inside, from the network header on: what an MTU has to carry. */
export function largestPacket(frame: Frame, l3: number, end: number): number {
  const { offload } = frame;
  if (offload === null || offload.segmentSize === 0) return end - l3;
  const header = frame.start + tcpHeaderEnd(frame, offload) - l3;
  return Math.min(end - l3, header + offload.segmentSize);
}

/** Where the TCP data begins, in octets from the start of the frame. */
export function tcpHeaderEnd(frame: Frame, { segmentSize, checksumStart }: Offload): number {
  if (segmentSize === 0) return checksumStart;
  return checksumStart + tcp.dataOffset(frame, frame.start + checksumStart);
}

/** One packet whose checksum field holds the pseudo-header's sum: the rest is added. */
function complete(arena: FrameAllocator, frame: Frame, offload: Offload): Frame {
  const copy = arena.allocate(frame.length);
  frame.copyTo(copy.bytes, copy.view, copy.start);
  copy.packetId = frame.packetId;
  copy.note = frame.note;
  copy.hops = frame.hops;
  copy.mark = frame.mark;
  const l4 = copy.start + offload.checksumStart;
  const value = checksum.checksum(copy.view, l4, copy.end);
  // UDP's "no checksum" is 0; the same sum can be written as 0xffff (RFC 768).
  copy.view.setUint16(l4 + offload.checksumOffset, value === 0 ? 0xffff : value);
  copy.sealed = true;
  return copy;
}

function segment(
  arena: FrameAllocator,
  frame: Frame,
  offload: Offload,
  header: number,
  from: number,
  length: number,
  index: number,
  isLast: boolean,
): Frame {
  const cut = arena.allocate(header + length);
  frame.copyTo(cut.bytes, cut.view, cut.start, header);
  const source = frame.start + from;
  cut.bytes.set(frame.bytes.subarray(source, source + length), cut.start + header);
  cut.packetId = frame.packetId;
  cut.note = frame.note;
  cut.hops = frame.hops;
  cut.mark = frame.mark;
  const l4 = cut.start + offload.checksumStart;
  const tcpLength = cut.end - l4;
  const pseudo = finishNetworkHeader(cut, index, tcpLength);
  const sequence = tcp.sequenceNumber(frame, frame.start + offload.checksumStart);
  tcp.setSequenceNumber(cut, l4, (sequence + from - header) >>> 0);
  let flags = tcp.flags(cut, l4);
  // tcp_gso_segment: FIN and PSH belong to the end of the data, CWR to its beginning.
  if (!isLast) flags &= ~(tcp.Flag.Fin | tcp.Flag.Psh);
  if (index > 0) flags &= ~tcp.Flag.Cwr;
  tcp.setFlags(cut, l4, flags);
  tcp.setChecksum(cut, l4, 0);
  tcp.setChecksum(cut, l4, checksum.checksum(cut.view, l4, cut.end, pseudo));
  cut.sealed = true;
  return cut;
}

/** Lengths and identification of one segment; returns the sum of its pseudo-header. */
function finishNetworkHeader(cut: Frame, index: number, tcpLength: number): number {
  const at = networkOffset(cut);
  const l3 = cut.start + at;
  if (cut.view.getUint16(l3 - 2) === EtherType.Ipv4) {
    ipv4.setTotalLength(cut, l3, cut.length - at);
    ipv4.setIdentification(cut, l3, (ipv4.identification(cut, l3) + index) & 0xffff);
    ipv4.refreshChecksum(cut, l3);
    const source = ipv4.source(cut, l3);
    return checksum.pseudoHeader(source, ipv4.destination(cut, l3), IpProtocol.Tcp, tcpLength);
  }
  cut.view.setUint16(l3 + 4, tcpLength);
  return checksum.sum(cut.view, l3 + 8, l3 + IPV6_HEADER_LENGTH, IpProtocol.Tcp + tcpLength);
}
