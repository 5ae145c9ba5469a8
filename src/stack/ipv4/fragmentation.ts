// Cuts a packet into fragments, RFC 791 3.2. A fragment is cut again individually (fixture
// 09-ip-forwarding: 1480 becomes 1376 + 104); a packet that conntrack has made whole is cut where it
// was cut before, if the pieces fit (the fast path of ip_do_fragment, which forgets their DF).
// Every piece has a header as long as the first; options that are not to be copied become no-ops.

import * as checksum from '../../wire/checksum.ts';
import type { Frame, FrameArena } from '../../wire/frame.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import type { FragmentGeometry } from '../packet.ts';

/** Pieces of at most `mtu` octets, header included, in order; the frame's Ethernet header is repeated. */
export function fragment(
  arena: FrameArena,
  frame: Frame,
  l3: number,
  mtu: number,
  geometry: FragmentGeometry | null = null,
): Frame[] {
  const linkLength = l3 - frame.start;
  const header = ipv4.headerLength(frame, l3);
  const end = l3 + ipv4.totalLength(frame, l3);
  const baseOffset = ipv4.fragmentOffset(frame, l3);
  const moreBehind = ipv4.moreFragments(frame, l3);
  const lengths = geometry !== null && geometry.largest <= mtu ? geometry.lengths : null;
  // Only a packet that came in such pieces is cut although it must not be (IPSKB_FRAG_PMTU).
  const dontFragment = lengths === null && ipv4.dontFragment(frame, l3);
  const pieces: Frame[] = [];
  for (let at = l3 + header; at < end; ) {
    const room = (mtu - header) & ~7;
    const rest = end - at;
    const size = lengths?.[pieces.length] ?? (rest <= mtu - header ? rest : room);
    const piece = arena.allocate(linkLength + header + size);
    piece.packetId = frame.packetId;
    piece.note = frame.note;
    const from = frame.bytes;
    piece.bytes.set(from.subarray(frame.start, l3 + header), piece.start);
    const pieceL3 = piece.start + linkLength;
    piece.bytes.set(from.subarray(at, at + size), pieceL3 + header);
    const offset = baseOffset + (at - l3 - header);
    if (pieces.length > 0) clearOptions(piece, pieceL3, pieceL3 + header);
    ipv4.setTotalLength(piece, pieceL3, header + size);
    ipv4.setFragment(piece, pieceL3, offset, moreBehind || at + size < end, dontFragment);
    ipv4.setChecksum(piece, pieceL3, 0);
    ipv4.setChecksum(piece, pieceL3, checksum.checksum(piece.view, pieceL3, pieceL3 + header));
    pieces.push(piece);
    at += size;
  }
  return pieces;
}

const END = 0;
const NO_OPERATION = 1;
/** RFC 791 3.1: the option goes into every fragment. */
const COPIED = 0x80;

/** ip_options_fragment: what belongs into the first piece only becomes no-ops. */
function clearOptions(piece: Frame, l3: number, l4: number): void {
  const { view } = piece;
  for (let at = l3 + ipv4.HEADER_LENGTH; at < l4; ) {
    const kind = view.getUint8(at);
    if (kind === END) return;
    const length = kind === NO_OPERATION || at + 1 >= l4 ? 1 : view.getUint8(at + 1);
    if (kind !== NO_OPERATION && (length < 2 || length > l4 - at)) return;
    if ((kind & COPIED) === 0) piece.bytes.fill(NO_OPERATION, at, at + length);
    at += length;
  }
}
