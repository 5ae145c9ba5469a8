// struct virtio_net_hdr, the 10 octets before each frame of a TAP opened with IFF_VNET_HDR (virtio 1.2,
// 5.1.6), in the machine's own byte order:
//
//  0  flags        1  gso_type      2  hdr_len      4  gso_size      6  csum_start     8  csum_offset
//
// It is believed as far as the frame agrees with it (wire/offload.ts `isPlausible`).

import type { Frame, Offload } from '../../wire/frame.ts';
import { EtherType } from '../../wire/numbers.ts';
import { networkOffset, tcpHeaderEnd } from '../../wire/offload.ts';
import { LITTLE_ENDIAN } from './native-memory.ts';

/** Octets of struct virtio_net_hdr. */
export const LENGTH = 10;

const NEEDS_CHECKSUM = 1;
const Gso = { None: 0, TcpIpv4: 1, TcpIpv6: 4, Ecn: 0x80 } as const;

/**
 * What a header means; 'malformed' for what the lab did not ask the kernel for. `hidden`: octets of the frame
 * that the kernel does not count, for a TUN the Ethernet header.
 */
export function read(view: DataView, at: number, hidden: number): Offload | null | 'malformed' {
  const flags = view.getUint8(at);
  const type = view.getUint8(at + 1);
  const needsChecksum = (flags & NEEDS_CHECKSUM) !== 0;
  const gso = type & ~Gso.Ecn;
  if (gso === Gso.None) {
    if (!needsChecksum) return null;
    return offload(view, at, hidden, 0, false);
  }
  const segmentSize = view.getUint16(at + 4, LITTLE_ENDIAN);
  const isTcp = gso === Gso.TcpIpv4 || gso === Gso.TcpIpv6;
  if (!isTcp || !needsChecksum || segmentSize === 0) return 'malformed';
  return offload(view, at, hidden, segmentSize, (type & Gso.Ecn) !== 0);
}

/** Writes the header of a frame that is about to go to the kernel. */
export function write(view: DataView, at: number, hidden: number, frame: Frame): void {
  const { offload } = frame;
  view.setUint32(at, 0);
  view.setUint32(at + 4, 0);
  view.setUint16(at + 8, 0);
  if (offload === null) return;
  view.setUint8(at, NEEDS_CHECKSUM);
  view.setUint16(at + 6, offload.checksumStart - hidden, LITTLE_ENDIAN);
  view.setUint16(at + 8, offload.checksumOffset, LITTLE_ENDIAN);
  const header = tcpHeaderEnd(frame, offload);
  if (offload.segmentSize === 0 || frame.length - header <= offload.segmentSize) return;
  const type = frame.view.getUint16(frame.start + networkOffset(frame) - 2);
  const gso = type === EtherType.Ipv6 ? Gso.TcpIpv6 : Gso.TcpIpv4;
  view.setUint8(at + 1, gso | (offload.hasCwr ? Gso.Ecn : 0));
  view.setUint16(at + 2, header - hidden, LITTLE_ENDIAN);
  view.setUint16(at + 4, offload.segmentSize, LITTLE_ENDIAN);
}

function offload(
  view: DataView,
  at: number,
  hidden: number,
  segmentSize: number,
  hasCwr: boolean,
): Offload {
  return {
    segmentSize,
    checksumStart: view.getUint16(at + 6, LITTLE_ENDIAN) + hidden,
    checksumOffset: view.getUint16(at + 8, LITTLE_ENDIAN),
    hasCwr,
  };
}
