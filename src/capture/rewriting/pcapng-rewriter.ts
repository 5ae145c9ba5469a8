// Writes frames that were read from a capture into a new pcapng file, octet by octet and with their times, with comments
// of ours beside those that they had. Interfaces are described when they come up.

import { VERSION } from '../../base/version.ts';
import { ChunkWriter } from '../formats/chunk-writer.ts';
import * as blocks from '../formats/pcapng-blocks.ts';
import type { CapturedInterface, FrameRecord } from '../reading/record.ts';
import type { ByteSink } from '../sink.ts';

const ENHANCED_PACKET = 6;
const HEADER_BYTES = 28;
const TRAILER_BYTES = 4;
const OPTION_HEADER_BYTES = 4;
const Option = { End: 0, Comment: 1, Flags: 2 } as const;
const FLAGS_BYTES = 8;
const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;

/** A capture in the making. */
export class PcapngRewriter {
  readonly #writer: ChunkWriter;
  #interfaces = 0;

  /** `comment` says what the file is. */
  constructor(out: ByteSink, comment: string) {
    this.#writer = new ChunkWriter(out, () => {
      this.#writer.append(blocks.plainSection(`egresslab ${VERSION}`, comment));
    });
  }

  /** Returns the number by which frames name the interface. */
  interface({ description, linkType, name, snapLength }: CapturedInterface): number {
    this.#writer.append(blocks.plainInterface(linkType, snapLength, name, description));
    return this.#interfaces++;
  }

  /** One frame; `seconds` and `nanos` since 1970. */
  frame(
    { bytes, captured, comments, direction, original, start }: FrameRecord,
    interfaceId: number,
    seconds: number,
    nanos: number,
    more: readonly string[],
  ): void {
    const texts = [...(comments ?? []), ...more].map(blocks.encodeText);
    let options = direction === 0 ? 0 : FLAGS_BYTES;
    for (const text of texts) options += OPTION_HEADER_BYTES + padded(text.length);
    if (options > 0) options += OPTION_HEADER_BYTES;
    const total = HEADER_BYTES + padded(captured) + options + TRAILER_BYTES;
    const at = this.#writer.reserve(total);
    const { bytes: into, view } = this.#writer;
    into.fill(0, at, at + total);
    // 64 bits of nanoseconds exceed what a double holds: two halves.
    const upper = Math.floor(seconds / TWO_16) * 1e9;
    const lower = (upper % TWO_16) * TWO_16 + (seconds % TWO_16) * 1e9 + nanos;
    view.setUint32(at, ENHANCED_PACKET, true);
    view.setUint32(at + 4, total, true);
    view.setUint32(at + 8, interfaceId, true);
    view.setUint32(at + 12, Math.floor(upper / TWO_16) + Math.floor(lower / TWO_32), true);
    view.setUint32(at + 16, lower % TWO_32, true);
    view.setUint32(at + 20, captured, true);
    view.setUint32(at + 24, original, true);
    into.set(bytes.subarray(start, start + captured), at + HEADER_BYTES);
    let here = at + HEADER_BYTES + padded(captured);
    for (const text of texts) {
      view.setUint16(here, Option.Comment, true);
      view.setUint16(here + 2, text.length, true);
      into.set(text, here + OPTION_HEADER_BYTES);
      here += OPTION_HEADER_BYTES + padded(text.length);
    }
    if (direction !== 0) {
      view.setUint16(here, Option.Flags, true);
      view.setUint16(here + 2, 4, true);
      view.setUint32(here + 4, direction, true);
    }
    view.setUint32(at + total - TRAILER_BYTES, total, true);
  }

  /** Ends the file. */
  close(): void {
    this.#writer.close();
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
