// pcapng, draft-ietf-opsawg-pcapng: one file with many named interfaces, nanosecond stamps,
// directions and comments. Blocks in the order SHB, IDBs, NRB, EPBs, ISBs; little-endian on every
// machine. A frame's block is written straight into the chunk; the rare blocks are in
// pcapng-blocks.ts. Left out: custom blocks, which Wireshark shows as packets, and dropcount: a
// capture misses nothing.
//
//      0        4        8        12        16       20        24       28
//     +--------+--------+---------+---------+--------+---------+--------+------+---------+--------+
//     | 6      | length | interf. |  stamp  |  stamp | captured| length | data | options | length |
//     |        |        |         |  high   |  low   |  length | on wire|      |         |        |
//     +--------+--------+---------+---------+--------+---------+--------+------+---------+--------+

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
import * as blocks from './pcapng-blocks.ts';

/** The capture format for Wireshark and everything else that reads several interfaces. */
export const pcapng: CaptureFormat = {
  name: 'pcapng',
  extensions: ['.pcapng', '.ntar'],
  open: (out, metadata) => new PcapngSink(out, metadata),
  isOwn: (head) => blocks.applicationOf(head)?.startsWith('egresslab ') ?? false,
};

const ENHANCED_PACKET = 6;
const HEADER_BYTES = 28;
const TRAILER_BYTES = 4;
const Option = { End: 0, Comment: 1, Flags: 2, PacketId: 5 } as const;
const OPTION_HEADER_BYTES = 4;
const FLAGS_BYTES = 8;
const PACKET_ID_BYTES = 12;
const END_BYTES = 4;
/** epb_flags, bits 0 and 1. */
const INBOUND = 1;
const OUTBOUND = 2;
const TWO_32 = 0x1_0000_0000;

interface InterfaceState {
  readonly info: InterfaceInfo;
  frames: number;
  /** `frames` as the last statistics block said it; -1 before the first. */
  reported: number;
}

class PcapngSink implements FormatSink {
  readonly #metadata: CaptureMetadata;
  readonly #writer: ChunkWriter;
  readonly #stamper: Stamper;
  readonly #interfaces: InterfaceState[] = [];

  constructor(out: ByteSink, metadata: CaptureMetadata) {
    this.#metadata = metadata;
    this.#writer = new ChunkWriter(out, () => this.#writeHeader());
    this.#stamper = new Stamper(metadata.epoch ?? DEFAULT_EPOCH);
  }

  get octets(): number {
    return this.#writer.octets;
  }

  addInterface(info: InterfaceInfo): number {
    // One that appears during a run, on a node that joins, stands between the frames.
    if (this.#writer.begun) this.#writer.append(blocks.interfaceDescription(info));
    return this.#interfaces.push({ info, frames: 0, reported: -1 }) - 1;
  }

  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    direction: Direction | null,
    comments: readonly string[],
  ): void {
    if (this.#writer.closed) return;
    const state = this.#interfaces[interfaceId];
    assert(state !== undefined, 'an interface is added before its frames');
    state.frames++;
    let optionBytes = PACKET_ID_BYTES + END_BYTES + (direction === null ? 0 : FLAGS_BYTES);
    const texts = comments.length === 0 ? null : comments.map(blocks.encodeText);
    if (texts !== null) for (const text of texts) optionBytes += optionLength(text.length);
    const { length } = frame;
    const total = HEADER_BYTES + padded(length) + optionBytes + TRAILER_BYTES;
    const start = this.#writer.reserve(total);
    const { view } = this.#writer;
    this.#stamper.set(at);
    view.setUint32(start, ENHANCED_PACKET, true);
    view.setUint32(start + 4, total, true);
    view.setUint32(start + 8, interfaceId, true);
    view.setUint32(start + 12, this.#stamper.high, true);
    view.setUint32(start + 16, this.#stamper.low, true);
    view.setUint32(start + 20, length, true);
    view.setUint32(start + 24, length, true);
    let here = this.#copyFrame(frame, start + HEADER_BYTES);
    if (texts !== null) for (const text of texts) here = this.#writeComment(text, here);
    if (direction !== null) {
      view.setUint16(here, Option.Flags, true);
      view.setUint16(here + 2, 4, true);
      view.setUint32(here + 4, direction === 'in' ? INBOUND : OUTBOUND, true);
      here += FLAGS_BYTES;
    }
    view.setUint16(here, Option.PacketId, true);
    view.setUint16(here + 2, 8, true);
    view.setUint32(here + 4, frame.packetId >>> 0, true);
    view.setUint32(here + 8, Math.floor(frame.packetId / TWO_32), true);
    view.setUint32(here + PACKET_ID_BYTES, Option.End, true);
    view.setUint32(here + PACKET_ID_BYTES + END_BYTES, total, true);
  }

  flush(at: Nanos): void {
    if (this.#writer.closed) return;
    this.#writeStatistics(at);
    this.#writer.flush();
  }

  close(at: Nanos): void {
    if (this.#writer.closed) return;
    this.#writeStatistics(at);
    this.#writer.close();
  }

  #writeHeader(): void {
    this.#writer.append(blocks.sectionHeader(this.#metadata));
    for (const { info } of this.#interfaces) {
      this.#writer.append(blocks.interfaceDescription(info));
    }
    const names = this.#metadata.names ?? [];
    if (names.length > 0) this.#writer.append(blocks.nameResolution(names));
  }

  /** One block per interface that has news since its last. */
  #writeStatistics(at: Nanos): void {
    for (const [id, state] of this.#interfaces.entries()) {
      if (state.frames === state.reported) continue;
      state.reported = state.frames;
      this.#writer.append(blocks.interfaceStatistics(id, this.#stamper, at, state.frames));
    }
  }

  #copyFrame(frame: Frame, to: number): number {
    const { bytes, view } = this.#writer;
    const end = to + padded(frame.length);
    // The padding; the data goes over what is too much.
    if (end > to) view.setUint32(end - 4, 0);
    frame.copyTo(bytes, view, to);
    return end;
  }

  #writeComment(text: Uint8Array, at: number): number {
    const { bytes, view } = this.#writer;
    const end = at + optionLength(text.length);
    view.setUint32(end - 4, 0);
    view.setUint16(at, Option.Comment, true);
    view.setUint16(at + 2, text.length, true);
    bytes.set(text, at + OPTION_HEADER_BYTES);
    return end;
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function optionLength(length: number): number {
  return OPTION_HEADER_BYTES + padded(length);
}
