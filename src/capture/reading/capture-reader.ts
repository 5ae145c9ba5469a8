// A capture in whichever format it is: looks at the first octets and reads on with the reader of that format.

import { PcapReader } from './pcap-reader.ts';
import { isPcapMagic, LONGEST_HEADER } from './pcap-variant.ts';
import { PcapngReader } from './pcapng-reader.ts';
import type { CaptureListener, RecordReader } from './record.ts';

/** How a file may begin. */
export type CaptureKind = 'pcap' | 'pcapng' | 'gzip' | 'zstd' | 'unknown';

const SECTION_HEADER = 0x0a0d_0d0a;
const ZSTD = 0x28b5_2ffd;
const ZSTD_SKIPPABLE = 0x184d_2a50;

/** What the first four octets say; fewer are `unknown`. */
export function kindOf(head: Uint8Array): CaptureKind {
  if (head.length < 4) return 'unknown';
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint32(0) === SECTION_HEADER) return 'pcapng';
  if (view.getUint16(0) === 0x1f8b) return 'gzip';
  const isSkippable = (view.getUint32(0, true) & 0xffff_fff0) >>> 0 === ZSTD_SKIPPABLE;
  if (view.getUint32(0) === ZSTD || isSkippable) return 'zstd';
  return isPcapMagic(view, 0) ? 'pcap' : 'unknown';
}

/** What to say of a file that begins with `head` and is no capture; null when nothing is known of it. */
export function guessOf(head: Uint8Array): string | null {
  if (head.length === 0) return 'it is empty';
  if (head.length < 4) return `it has ${head.length} octets`;
  const text = String.fromCharCode(...head.subarray(0, 16));
  if (text.startsWith('PK')) return 'it is a zip archive: unpack it first';
  if (text.startsWith('BZh')) return 'it is compressed by bzip2: unpack it first';
  if (text.startsWith('\xfd7zXZ')) return 'it is compressed by xz: unpack it first';
  if (text.startsWith('snoop')) return 'it is a snoop capture: convert it with `editcap -F pcapng`';
  if (text.startsWith('RTSS') || text.startsWith('GMBU')) {
    return 'it is a Network Monitor capture: convert it with `editcap -F pcapng`';
  }
  if (/^\d\d:\d\d:\d\d\.\d/.test(text)) {
    return 'it is the text that tcpdump prints: record with `tcpdump -w FILE`';
  }
  return null;
}

/** The reader for a file that begins with `head`; null when it is neither pcap nor pcapng. */
export function readerFor(head: Uint8Array, listener: CaptureListener): RecordReader | null {
  const kind = kindOf(head);
  if (kind === 'pcapng') return new PcapngReader(listener);
  return kind === 'pcap' ? new PcapReader(listener) : null;
}

/** Octets that `kindOf` and `guessOf` want to see. */
export const HEAD_LENGTH: number = LONGEST_HEADER;
