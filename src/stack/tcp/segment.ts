// A received segment as numbers. There is one per host, refilled for each: never keep it. The frame
// it points into is sealed and may be kept.

import { Frame } from '../../wire/frame.ts';
import * as tcp from '../../wire/tcp.ts';
import * as options from '../../wire/tcp-options.ts';
import type { Packet } from '../packet.ts';
import { add } from './sequence.ts';

/** The four octets before the values of a timestamps option as Linux lays it out: no-op, no-op, kind 8, length 10. */
const ALIGNED_TIMESTAMPS = 0x0101_080a;

const NO_FRAME = new Frame(new Uint8Array(0), new DataView(new ArrayBuffer(0)), 0, 0, 0);

/** The numbers of one received segment. Reused: never keep it. */
export class TcpSegment {
  frame: Frame = NO_FRAME;
  sequence = 0;
  /** One past what the segment occupies; SYN and FIN count. */
  endSequence = 0;
  acknowledgment = 0;
  flags = 0;
  /** As it stands in the header, unscaled. */
  window = 0;
  /** Of the packet it came in. */
  typeOfService = 0;
  /** Of TCP, options included. */
  headerLength = 0;
  /** Absolute offset of the data in the frame. */
  data = 0;
  dataLength = 0;
  hasTimestamps = false;
  timestamp = 0;
  timestampEcho = 0;
  /** Of a SYN; 0 if it says none. */
  mss = 0;
  /** Of a SYN; -1 if it says none. */
  windowScale = -1;

  /** Fills in the numbers of a segment that passed `tcp.check`. */
  read(packet: Packet): void {
    const { frame, l4, end } = packet;
    const { view } = frame;
    const header = tcp.dataOffset(frame, l4);
    this.frame = frame;
    this.typeOfService = packet.typeOfService;
    this.sequence = tcp.sequenceNumber(frame, l4);
    this.acknowledgment = tcp.acknowledgmentNumber(frame, l4);
    this.flags = tcp.flags(frame, l4);
    this.window = tcp.window(frame, l4);
    this.headerLength = header;
    this.data = l4 + header;
    this.dataLength = end - this.data;
    const controls =
      ((this.flags & tcp.Flag.Syn) !== 0 ? 1 : 0) + ((this.flags & tcp.Flag.Fin) !== 0 ? 1 : 0);
    this.endSequence = add(this.sequence, this.dataLength + controls);
    this.hasTimestamps = false;
    this.mss = 0;
    this.windowScale = -1;
    if (header === tcp.HEADER_LENGTH) return;
    const first = l4 + tcp.HEADER_LENGTH;
    if (
      header === tcp.HEADER_LENGTH + options.TIMESTAMPS_LENGTH &&
      view.getUint32(first) === ALIGNED_TIMESTAMPS
    ) {
      this.hasTimestamps = true;
      this.timestamp = view.getUint32(first + 4);
      this.timestampEcho = view.getUint32(first + 8);
      return;
    }
    this.#readOptions(options.parse(frame, l4));
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  #readOptions(said: options.TcpOptions): void {
    this.mss = said.mss ?? 0;
    this.windowScale = said.windowScale ?? -1;
    if (said.timestamps === null) return;
    this.hasTimestamps = true;
    this.timestamp = said.timestamps.value;
    this.timestampEcho = said.timestamps.echo;
  }
}
