// Classic pcap and its variants, draft-ietf-opsawg-pcap. A file that ends inside a record gives what is whole; a second
// file header where a record should begin is the next file of a `cat`.

import { ByteQueue } from './byte-queue.ts';
import { isReadable, nameOfLinkType } from './link-type.ts';
import {
  FRAME_LIMIT,
  isPcapMagic,
  LONGEST_HEADER,
  type PcapVariant,
  variantAt,
} from './pcap-variant.ts';
import { type CaptureListener, FrameRecord, type NoticeCode, type RecordReader } from './record.ts';

/** To look at the first records before one is handed on, if the file has them. */
const LOOKAHEAD = 65_536;

/** In 2049: tcpdump's magics of either byte order are later when they are read as a time. */
const LATEST = 0x9500_0000;

/** Reads one file, or several behind one another. */
export class PcapReader implements RecordReader {
  failed = false;
  readonly #listener: CaptureListener;
  readonly #frame = new FrameRecord();
  readonly #queue = new ByteQueue();
  #variant: PcapVariant | null = null;
  #interface = -1;
  #ended = false;
  #toldFraction = false;
  #toldLengths = false;

  constructor(listener: CaptureListener) {
    this.#listener = listener;
  }

  get pending(): number {
    return this.#queue.length;
  }

  push(chunk: Uint8Array): void {
    if (this.failed) return;
    this.#queue.push(chunk);
    this.#read();
  }

  end(): void {
    this.#ended = true;
    if (this.failed) return;
    this.#read();
    if (this.#queue.length > 0 && !this.failed) {
      const what = this.#variant === null ? 'its header' : `record ${this.#frame.number + 1}`;
      this.#notice(
        'cut-short',
        `the file ends inside ${what}, ${this.#queue.length} octets into it`,
      );
    }
  }

  #read(): void {
    const queue = this.#queue;
    while (!this.failed) {
      if (this.#variant === null && !this.#readHeader()) return;
      const variant = this.#variant;
      if (variant === null) return;
      if (queue.length < variant.recordLength) return;
      if (!this.#readRecord(variant)) return;
    }
  }

  #readHeader(): boolean {
    const queue = this.#queue;
    if (queue.length < LONGEST_HEADER && !this.#ended) return false;
    // Which variant it is shows in the records.
    if (queue.length < LOOKAHEAD && !this.#ended && !isWorthTrying(queue)) return false;
    const variant = variantAt(queue.view, queue.at);
    if (variant === null) return false;
    this.#variant = variant;
    this.#interface++;
    queue.at += variant.headerLength;
    this.#frame.interface = this.#interface;
    this.#frame.linkType = variant.linkType;
    if (variant.name !== 'pcap' && variant.name !== 'nanosecond pcap') {
      this.#notice('variant', `the records are those of ${variant.name}`);
    }
    if (!isReadable(variant.linkType)) {
      this.#notice(
        'unknown-link-type',
        `frames of link type ${nameOfLinkType(variant.linkType)} are not read`,
      );
    }
    const { linkType, snapLength } = variant;
    this.#listener.interface({
      name: null,
      description: null,
      linkType,
      snapLength,
      dropped: null,
    });
    return true;
  }

  /** False when the record is not whole yet. */
  #readRecord(variant: PcapVariant): boolean {
    const queue = this.#queue;
    const { at, view } = queue;
    const { littleEndian, recordLength, resolution } = variant;
    if (view.getUint32(at, littleEndian) > LATEST && isPcapMagic(view, at)) return this.#nextFile();
    let captured = view.getUint32(at + 8, littleEndian);
    let original = view.getUint32(at + 12, littleEndian);
    if (variant.swapped === 'always' || (variant.swapped === 'if-larger' && captured > original)) {
      const kept = captured;
      captured = original;
      original = kept;
    }
    if (captured > FRAME_LIMIT) return this.#damaged(variant, captured);
    if (queue.length < recordLength + captured) return false;
    if (captured > original) {
      if (!this.#toldLengths) {
        this.#notice('lengths', 'records claim more octets captured than were on the wire');
      }
      this.#toldLengths = true;
      original = captured;
    }
    const frame = this.#frame;
    frame.number++;
    frame.seconds = view.getUint32(at, littleEndian);
    let fraction = view.getUint32(at + 4, littleEndian);
    if (fraction >= resolution) {
      if (!this.#toldFraction) {
        this.#notice('fraction', 'fractions of a second reach beyond one; they are carried over');
      }
      this.#toldFraction = true;
      frame.seconds += Math.floor(fraction / resolution);
      fraction %= resolution;
    }
    frame.nanos = resolution === 1e9 ? fraction : fraction * 1000;
    frame.bytes = queue.bytes;
    frame.start = at + recordLength;
    frame.captured = captured;
    frame.original = original;
    queue.at = at + recordLength + captured;
    this.#listener.frame(frame);
    return true;
  }

  /** A header where a record should begin. */
  #nextFile(): boolean {
    const queue = this.#queue;
    if (queue.length < LONGEST_HEADER && !this.#ended) return false;
    this.#notice('concatenated', `another capture file begins at octet ${queue.position}`);
    this.#variant = null;
    return true;
  }

  #damaged(variant: PcapVariant, captured: number): boolean {
    const queue = this.#queue;
    this.failed = true;
    const where = `record ${this.#frame.number + 1}, at octet ${queue.position},`;
    this.#notice(
      'damaged',
      `${where} claims ${captured} octets (a ${variant.name} record has at most ${FRAME_LIMIT}); what follows is not read`,
    );
    return false;
  }

  #notice(code: NoticeCode, text: string): void {
    this.#listener.notice({ code, text, frame: this.#frame.number });
  }
}

/** The magic that has variants needs records to be told apart; a few frames are enough. */
function isWorthTrying(queue: ByteQueue): boolean {
  return queue.length >= 512;
}
