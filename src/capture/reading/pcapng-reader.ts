// pcapng, draft-ietf-opsawg-pcapng: sections in either byte order, interfaces with clocks of their own, names, comments
// and statistics. Blocks that are not known are skipped by their length; interfaces are counted over all sections.

import { ByteQueue } from './byte-queue.ts';
import { isReadable, nameOfLinkType } from './link-type.ts';
import { FRAME_LIMIT } from './pcap-variant.ts';
import { readNames } from './pcapng-names.ts';
import { COMMENT_OPTION, optionsIn, textOf, uint64At } from './pcapng-options.ts';
import { StampReader } from './pcapng-time.ts';
import { type CaptureListener, FrameRecord, type NoticeCode, type RecordReader } from './record.ts';

const Block = {
  Section: 0x0a0d_0d0a,
  Interface: 1,
  Packet: 2,
  SimplePacket: 3,
  Names: 4,
  Statistics: 5,
  EnhancedPacket: 6,
} as const;

const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
const SMALLEST_BLOCK = 12;
/** What a block may have besides a frame: options. */
const BLOCK_LIMIT = FRAME_LIMIT + 16 * 1024 * 1024;
const InterfaceOption = { Name: 2, Description: 3, Resolution: 9, Offset: 14 } as const;
const FrameOption = { Flags: 2, Dropped: 4 } as const;
const StatisticsOption = { DroppedByInterface: 5, DroppedBySystem: 7 } as const;
const MICROSECONDS = 6;
/** Notices of one kind beyond these are left out. */
const NOTICE_LIMIT = 16;

interface Described {
  readonly index: number;
  readonly linkType: number;
  readonly snapLength: number;
  readonly stamps: StampReader;
  readonly info: { dropped: number | null };
}

/** Reads one file of one or more sections. */
export class PcapngReader implements RecordReader {
  failed = false;
  readonly #listener: CaptureListener;
  readonly #frame = new FrameRecord();
  readonly #queue = new ByteQueue();
  #littleEndian = true;
  /** Of the section. */
  #interfaces: Described[] = [];
  #described = 0;
  readonly #notices = new Map<NoticeCode, number>();

  constructor(listener: CaptureListener) {
    this.#listener = listener;
  }

  get pending(): number {
    return this.#queue.length;
  }

  push(chunk: Uint8Array): void {
    if (this.failed) return;
    this.#queue.push(chunk);
    while (this.#queue.length >= SMALLEST_BLOCK && !this.failed && this.#readBlock()) {}
  }

  end(): void {
    if (this.failed || this.#queue.length === 0) return;
    this.#notice('cut-short', `the file ends inside a block, ${this.#queue.length} octets into it`);
  }

  /** False when the block is not whole yet. */
  #readBlock(): boolean {
    const queue = this.#queue;
    const { at, view } = queue;
    const type = view.getUint32(at, this.#littleEndian);
    if (type === Block.Section) {
      const isLittle = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
      if (!isLittle && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC) {
        return this.#damaged('a section header has no byte order mark');
      }
      this.#littleEndian = isLittle;
    }
    const said = view.getUint32(at + 4, this.#littleEndian);
    const total = (said + 3) & ~3;
    if (said < SMALLEST_BLOCK || said > BLOCK_LIMIT) {
      return this.#damaged(`a block claims ${said} octets`);
    }
    if (queue.length < total) return false;
    this.#block(type, at + 8, at + total - 4);
    queue.at = at + total;
    return true;
  }

  #block(type: number, at: number, end: number): void {
    switch (type) {
      case Block.Section:
        this.#interfaces = [];
        return;
      case Block.Interface:
        this.#interface(at, end);
        return;
      case Block.EnhancedPacket:
        if (end - at >= 20) this.#packet(at, end, this.#uint32(at));
        return;
      case Block.Packet:
        if (end - at >= 20)
          this.#packet(at, end, this.#queue.view.getUint16(at, this.#littleEndian));
        return;
      case Block.SimplePacket:
        if (end - at >= 4) this.#simple(at, end);
        return;
      case Block.Names:
        readNames(this.#queue.bytes, this.#queue.view, at, end, this.#littleEndian, (a, n) =>
          this.#listener.name(a, n),
        );
        return;
      case Block.Statistics:
        if (end - at >= 12) this.#statistics(at, end);
        return;
      default:
    }
  }

  #interface(at: number, end: number): void {
    if (end - at < 8) {
      this.#notice('option', 'an interface description is too short');
      return;
    }
    const { bytes, view } = this.#queue;
    const little = this.#littleEndian;
    const linkType = view.getUint16(at, little);
    const snapLength = this.#uint32(at + 4);
    let name: string | null = null;
    let description: string | null = null;
    let resolution = MICROSECONDS;
    let offset = 0;
    for (const option of optionsIn(view, at + 8, end, little)) {
      const { code, length } = option;
      if (code === InterfaceOption.Name) name = textOf(bytes, option.at, length);
      else if (code === InterfaceOption.Description) description = textOf(bytes, option.at, length);
      else if (code === InterfaceOption.Resolution && length > 0)
        resolution = bytes[option.at] ?? 6;
      else if (code === InterfaceOption.Offset && length === 8) {
        offset = Number(view.getBigInt64(option.at, little));
      }
    }
    if (!isReadable(linkType)) {
      this.#notice(
        'unknown-link-type',
        `frames of interface ${name ?? this.#described} are not read: link type ${nameOfLinkType(linkType)}`,
      );
    }
    const info = { name, description, linkType, snapLength, dropped: null };
    const stamps = new StampReader(resolution, offset);
    this.#interfaces.push({ index: this.#described++, linkType, snapLength, stamps, info });
    this.#listener.interface(info);
  }

  #packet(at: number, end: number, id: number): void {
    const described = this.#interfaces[id];
    if (described === undefined) {
      this.#unknownInterface(id);
      return;
    }
    const captured = this.#uint32(at + 12);
    const data = at + 20;
    if (captured > end - data) {
      this.#notice('lengths', 'a frame is longer than its block');
      return;
    }
    const frame = this.#frame;
    frame.number++;
    described.stamps.read(this.#uint32(at + 4), this.#uint32(at + 8));
    frame.seconds = described.stamps.seconds;
    frame.nanos = described.stamps.nanos;
    frame.timed = true;
    frame.direction = 0;
    frame.comments = null;
    const options = data + ((captured + 3) & ~3);
    if (options + 4 <= end) this.#frameOptions(frame, options, end);
    this.#hand(described, data, captured, this.#uint32(at + 16));
  }

  #frameOptions(frame: FrameRecord, at: number, end: number): void {
    const { bytes, view } = this.#queue;
    for (const option of optionsIn(view, at, end, this.#littleEndian)) {
      if (option.code === COMMENT_OPTION) {
        frame.comments = [...(frame.comments ?? []), textOf(bytes, option.at, option.length)];
      } else if (option.code === FrameOption.Flags && option.length === 4) {
        frame.direction = this.#uint32(option.at) & 3;
      } else if (option.code === FrameOption.Dropped && option.length === 8) {
        const lost = uint64At(view, option.at, this.#littleEndian);
        if (lost > 0) this.#notice('dropped', `${lost} frames were lost before this one`);
      }
    }
  }

  /** No time and no interface number: those of the frame before, and the first interface. */
  #simple(at: number, end: number): void {
    const [described] = this.#interfaces;
    if (described === undefined) {
      this.#unknownInterface(0);
      return;
    }
    const original = this.#uint32(at);
    const room = end - at - 4;
    const limit = described.snapLength === 0 ? room : Math.min(room, described.snapLength);
    const frame = this.#frame;
    frame.number++;
    if (frame.timed) this.#notice('no-time', 'frames without a time follow; they keep their order');
    frame.timed = false;
    frame.direction = 0;
    frame.comments = null;
    this.#hand(described, at + 4, Math.min(original, limit), original);
  }

  #hand({ index, linkType }: Described, start: number, captured: number, original: number): void {
    const frame = this.#frame;
    frame.interface = index;
    frame.linkType = linkType;
    frame.bytes = this.#queue.bytes;
    frame.start = start;
    frame.captured = captured;
    frame.original = Math.max(captured, original);
    this.#listener.frame(frame);
  }

  #statistics(at: number, end: number): void {
    const described = this.#interfaces[this.#uint32(at)];
    if (described === undefined) return;
    const { view } = this.#queue;
    let dropped = 0;
    for (const option of optionsIn(view, at + 12, end, this.#littleEndian)) {
      const isDropped =
        option.code === StatisticsOption.DroppedByInterface ||
        option.code === StatisticsOption.DroppedBySystem;
      if (isDropped && option.length === 8)
        dropped += uint64At(view, option.at, this.#littleEndian);
    }
    described.info.dropped = dropped;
  }

  #unknownInterface(id: number): void {
    // It is a packet all the same, and keeps its number.
    this.#frame.number++;
    this.#notice('damaged', `a frame names interface ${id}, which no block describes`);
  }

  #damaged(what: string): boolean {
    this.failed = true;
    this.#notice('damaged', `${what} at octet ${this.#queue.position}; what follows is not read`);
    return false;
  }

  #notice(code: NoticeCode, text: string): void {
    const told = this.#notices.get(code) ?? 0;
    this.#notices.set(code, told + 1);
    if (told < NOTICE_LIMIT) this.#listener.notice({ code, text, frame: this.#frame.number });
  }

  #uint32(at: number): number {
    return this.#queue.view.getUint32(at, this.#littleEndian);
  }
}
