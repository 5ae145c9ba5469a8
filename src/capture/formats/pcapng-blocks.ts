// The pcapng blocks that stand once or a few times in a file: section header, interface
// description, name resolution, interface statistics. Built as arrays of octets; speed is no matter.
//
//   block:   | type | total length | body, padded to 32 bits | total length |
//   option:  | code (16 bits) | length (16 bits) | value, padded to 32 bits |

import type { Nanos } from '../../sim/time.ts';
import type { AddressName, CaptureMetadata, InterfaceInfo } from '../sink.ts';
import type { Stamper } from '../stamper.ts';

const Type = {
  InterfaceDescription: 1,
  NameResolution: 4,
  InterfaceStatistics: 5,
  SectionHeader: 0x0a0d_0d0a,
} as const;

const COMMENT = 1;
const SectionOption = { Hardware: 2, OperatingSystem: 3, Application: 4 } as const;
const InterfaceOption = { Name: 2, Description: 3, Speed: 8, TimestampResolution: 9 } as const;
const StatisticsOption = { StartTime: 2, EndTime: 3, Received: 4, Dropped: 5 } as const;
const IPV4_RECORD = 1;

const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
const LINKTYPE_ETHERNET = 1;
/** 10^-9 */
const NANOSECONDS = 9;
/** Each frame is captured whole. */
const NO_LIMIT = 0;
/** The length of an option is 16 bits. */
const TEXT_LIMIT_BYTES = 0xfff0;
const BLOCK_OVERHEAD_BYTES = 12;
/** What stands before the options of a Section Header Block. */
const SECTION_HEADER_BYTES = 24;
const TWO_32 = 0x1_0000_0000;

const encoder = new TextEncoder();

/** UTF-8, cut at a character when it is too long for an option. */
export function encodeText(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= TEXT_LIMIT_BYTES) return bytes;
  const cut = new Uint8Array(TEXT_LIMIT_BYTES);
  return cut.subarray(0, encoder.encodeInto(text, cut).written);
}

/** What the file is and how to get it again. */
export function sectionHeader(metadata: CaptureMetadata): Uint8Array {
  const { application, lab, digest, seed, command } = metadata;
  const body = new Body();
  body.uint32(BYTE_ORDER_MAGIC);
  body.uint16(1);
  body.uint16(0);
  // The section's length is not known beforehand.
  body.uint32(0xffff_ffff);
  body.uint32(0xffff_ffff);
  body.textOption(COMMENT, `topology ${lab}, digest ${digest}, seed ${seed}`);
  body.textOption(COMMENT, `reproduce with: ${command}`);
  body.textOption(SectionOption.Hardware, `virtual lab ${lab}`);
  body.textOption(SectionOption.OperatingSystem, 'virtual time; hosts behave like Linux');
  body.textOption(SectionOption.Application, application);
  body.endOfOptions();
  return body.block(Type.SectionHeader);
}

/** A section of frames that come from elsewhere. */
export function plainSection(application: string, comment: string): Uint8Array {
  const body = new Body();
  body.uint32(BYTE_ORDER_MAGIC);
  body.uint16(1);
  body.uint16(0);
  body.uint32(0xffff_ffff);
  body.uint32(0xffff_ffff);
  body.textOption(COMMENT, comment);
  body.textOption(SectionOption.Application, application);
  body.endOfOptions();
  return body.block(Type.SectionHeader);
}

/** An interface of whichever link type, with stamps in nanoseconds. */
export function plainInterface(
  linkType: number,
  snapLength: number,
  name: string | null,
  description: string | null,
): Uint8Array {
  const body = new Body();
  body.uint16(linkType);
  body.uint16(0);
  body.uint32(snapLength);
  if (name !== null) body.textOption(InterfaceOption.Name, name);
  if (description !== null) body.textOption(InterfaceOption.Description, description);
  body.option(InterfaceOption.TimestampResolution, [NANOSECONDS]);
  body.endOfOptions();
  return body.block(Type.InterfaceDescription);
}

/** Which program wrote the section that a file begins with, if it is little-endian as ours are; else null. */
export function applicationOf(head: Uint8Array): string | null {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (head.length < SECTION_HEADER_BYTES) return null;
  if (view.getUint32(0, true) !== Type.SectionHeader) return null;
  if (view.getUint32(8, true) !== BYTE_ORDER_MAGIC) return null;
  const end = Math.min(view.getUint32(4, true), head.length) - 4;
  for (let at = SECTION_HEADER_BYTES; at + 4 <= end; ) {
    const code = view.getUint16(at, true);
    const value = at + 4;
    const length = view.getUint16(at + 2, true);
    if (code === SectionOption.Application) {
      return new TextDecoder().decode(head.subarray(value, Math.min(value + length, end)));
    }
    at = value + ((length + 3) & ~3);
  }
  return null;
}

/** An Interface Description Block, section 4.2 of the draft. */
export function interfaceDescription(info: InterfaceInfo): Uint8Array {
  const body = new Body();
  body.uint16(LINKTYPE_ETHERNET);
  body.uint16(0);
  body.uint32(NO_LIMIT);
  body.textOption(InterfaceOption.Name, info.name);
  if (info.description !== '') body.textOption(InterfaceOption.Description, info.description);
  if (info.bitsPerSecond !== null) body.uint64Option(InterfaceOption.Speed, info.bitsPerSecond);
  body.option(InterfaceOption.TimestampResolution, [NANOSECONDS]);
  body.endOfOptions();
  return body.block(Type.InterfaceDescription);
}

/** Names for addresses, in the order given. */
export function nameResolution(names: readonly AddressName[]): Uint8Array {
  const body = new Body();
  for (const { address, names: texts } of names) {
    const octets = [
      address >>> 24,
      (address >>> 16) & 0xff,
      (address >>> 8) & 0xff,
      address & 0xff,
    ];
    for (const text of texts) octets.push(...encoder.encode(text.replaceAll('\0', '')), 0);
    body.option(IPV4_RECORD, octets);
  }
  body.endOfOptions();
  return body.block(Type.NameResolution);
}

/** `frames` were seen from the start of the lab until `at`. */
export function interfaceStatistics(
  interfaceId: number,
  stamper: Stamper,
  at: Nanos,
  frames: number,
): Uint8Array {
  const body = new Body();
  body.uint32(interfaceId);
  stamper.set(at);
  const { high, low } = stamper;
  body.uint32(high);
  body.uint32(low);
  stamper.set(0);
  body.stampOption(StatisticsOption.StartTime, stamper.high, stamper.low);
  body.stampOption(StatisticsOption.EndTime, high, low);
  body.uint64Option(StatisticsOption.Received, frames);
  body.uint64Option(StatisticsOption.Dropped, 0);
  body.endOfOptions();
  return body.block(Type.InterfaceStatistics);
}

/** The inside of a block, little-endian. */
class Body {
  readonly #octets: number[] = [];

  uint16(value: number): void {
    this.#octets.push(value & 0xff, (value >>> 8) & 0xff);
  }

  uint32(value: number): void {
    this.uint16(value & 0xffff);
    this.uint16(value >>> 16);
  }

  option(code: number, value: ArrayLike<number>): void {
    this.uint16(code);
    this.uint16(value.length);
    for (let i = 0; i < value.length; i++) this.#octets.push(value[i] ?? 0);
    while (this.#octets.length % 4 !== 0) this.#octets.push(0);
  }

  textOption(code: number, text: string): void {
    this.option(code, encodeText(text));
  }

  uint64Option(code: number, value: number): void {
    this.uint16(code);
    this.uint16(8);
    this.uint32(value % TWO_32);
    this.uint32(Math.floor(value / TWO_32));
  }

  /** Stamps are two 32-bit numbers, the upper one first whatever the byte order. */
  stampOption(code: number, high: number, low: number): void {
    this.uint16(code);
    this.uint16(8);
    this.uint32(high);
    this.uint32(low);
  }

  endOfOptions(): void {
    this.uint32(0);
  }

  block(type: number): Uint8Array {
    const total = this.#octets.length + BLOCK_OVERHEAD_BYTES;
    const bytes = new Uint8Array(total);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, total, true);
    bytes.set(this.#octets, 8);
    view.setUint32(total - 4, total, true);
    return bytes;
  }
}
