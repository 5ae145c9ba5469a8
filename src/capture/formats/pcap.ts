// Classic pcap, draft-ietf-opsawg-pcap, with the nanosecond magic: for tools that read nothing else.
// All interfaces in one file without their names, and no comments or metadata: the format has none.
//
//   file:   | magic | 2.4 | 0 | mark | snapshot length | link type |   24 octets, little-endian
//   frame:  | seconds | nanoseconds | captured length | length on the wire | data |

import { assert } from '../../base/assert.ts';
import type { Direction } from '../../link/port.ts';
import { DEFAULT_EPOCH } from '../../sim/epoch.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import type {
  ByteSink,
  CaptureFormat,
  CaptureMetadata,
  FormatSink,
  InterfaceInfo,
} from '../sink.ts';
import { Stamper } from '../stamper.ts';
import { ChunkWriter } from './chunk-writer.ts';

/** The capture format that every tool reads. */
export const pcap: CaptureFormat = {
  name: 'pcap',
  extensions: ['.pcap', '.cap'],
  open: (out, metadata) => new PcapSink(out, metadata),
  isOwn: (head) => {
    if (head.length < FILE_HEADER_BYTES) return false;
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    return view.getUint32(0, true) === NANOSECOND_MAGIC && view.getUint32(12, true) === OWN_MARK;
  },
};

const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;
const NANOSECOND_MAGIC = 0xa1b2_3c4d;
/** What libpcap allows at most (MAXIMUM_SNAPLEN). */
const SNAPSHOT_LENGTH = 262_144;
const LINKTYPE_ETHERNET = 1;
/** 'egl' in Reserved2, which readers must ignore: else a capture of ours looks like one of tcpdump. */
const OWN_MARK = 0x006c_6765;

class PcapSink implements FormatSink {
  readonly #writer: ChunkWriter;
  readonly #stamper: Stamper;
  #interfaces = 0;

  constructor(out: ByteSink, metadata: CaptureMetadata) {
    this.#writer = new ChunkWriter(out, () => this.#writeHeader());
    this.#stamper = new Stamper(metadata.epoch ?? DEFAULT_EPOCH);
  }

  get octets(): number {
    return this.#writer.octets;
  }

  addInterface(_info: InterfaceInfo): number {
    return this.#interfaces++;
  }

  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    _direction: Direction | null,
    _comments: readonly string[],
  ): void {
    if (this.#writer.closed) return;
    assert(interfaceId < this.#interfaces, 'an interface is added before its frames');
    const { length } = frame;
    const start = this.#writer.reserve(FRAME_HEADER_BYTES + length);
    const { bytes, view } = this.#writer;
    this.#stamper.set(at);
    view.setUint32(start, this.#stamper.seconds, true);
    view.setUint32(start + 4, this.#stamper.nanos, true);
    view.setUint32(start + 8, length, true);
    view.setUint32(start + 12, length, true);
    frame.copyTo(bytes, view, start + FRAME_HEADER_BYTES);
  }

  flush(_at: Nanos): void {
    this.#writer.flush();
  }

  close(_at: Nanos): void {
    this.#writer.close();
  }

  #writeHeader(): void {
    const start = this.#writer.reserve(FILE_HEADER_BYTES);
    const { view } = this.#writer;
    view.setUint32(start, NANOSECOND_MAGIC, true);
    view.setUint16(start + 4, 2, true);
    view.setUint16(start + 6, 4, true);
    view.setUint32(start + 8, 0, true);
    view.setUint32(start + 12, OWN_MARK, true);
    view.setUint32(start + 16, SNAPSHOT_LENGTH, true);
    view.setUint32(start + 20, LINKTYPE_ETHERNET, true);
  }
}
