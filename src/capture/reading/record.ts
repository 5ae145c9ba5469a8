// What a reader of captures hands on: one frame after the other in one object that is used again, interfaces when they
// are described, and what it noticed about the file.

/** One frame, valid during the call that hands it over; `bytes` stay as they are. */
export class FrameRecord {
  /** From 1, as Wireshark counts packets; blocks that are no packets are not counted. */
  number = 0;
  /** Index into the interfaces of the file, over all sections. */
  interface = 0;
  linkType = 0;
  /** Whole seconds since 1970, and the nanoseconds that belong to them. */
  seconds = 0;
  nanos = 0;
  /** False in a simple packet block; the time is that of the frame before. */
  timed = true;
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the frame begins in `bytes`. */
  start = 0;
  /** Octets in the file, and octets that were on the wire. */
  captured = 0;
  original = 0;
  /** The file says which way it went: 1 in, 2 out, 0 not said. */
  direction = 0;
  /** Null for most frames. */
  comments: readonly string[] | null = null;

  /** Takes over what another one says. */
  copy(other: FrameRecord): void {
    this.number = other.number;
    this.interface = other.interface;
    this.linkType = other.linkType;
    this.seconds = other.seconds;
    this.nanos = other.nanos;
    this.timed = other.timed;
    this.bytes = other.bytes;
    this.start = other.start;
    this.captured = other.captured;
    this.original = other.original;
    this.direction = other.direction;
    this.comments = other.comments;
  }
}

/** One interface of a capture file. */
export interface CapturedInterface {
  /** As the file names it; null where it does not. */
  readonly name: string | null;
  readonly description: string | null;
  readonly linkType: number;
  /** Octets that are kept of each frame; 0 without a limit. */
  readonly snapLength: number;
  /** As its statistics say; null where there are none. */
  dropped: number | null;
}

/** What is worth knowing about a file; `code` is for programs. */
export interface Notice {
  readonly code: NoticeCode;
  /** One sentence without a period. */
  readonly text: string;
  /** The frame after which it was met; 0 before the first. */
  readonly frame: number;
}

/** What can be noticed. */
export type NoticeCode =
  | 'cut-short'
  | 'damaged'
  | 'concatenated'
  | 'fraction'
  | 'lengths'
  | 'variant'
  | 'unknown-link-type'
  | 'no-time'
  | 'dropped'
  | 'late'
  | 'option'
  | 'shrank'
  | 'compressed';

/** Receives what a capture holds, in the order of the file. */
export interface CaptureListener {
  frame(frame: FrameRecord): void;
  interface(info: CapturedInterface): void;
  /** A name that the file gives to an address in its text form. */
  name(address: string, name: string): void;
  notice(notice: Notice): void;
}

/** Reads octets as they come. Never throws for what they say. */
export interface RecordReader {
  /** `chunk` belongs to the reader from now on. */
  push(chunk: Uint8Array): void;
  /** Nothing follows. */
  end(): void;
  /** Octets that wait for the rest of their record. */
  readonly pending: number;
  /** Nothing more can be read: the file is damaged. */
  readonly failed: boolean;
}
