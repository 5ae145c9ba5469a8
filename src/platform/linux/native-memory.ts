// Memory that system calls read and write: structures of a few octets, laid out by hand in the
// machine's own byte order.

import { endianness } from 'node:os';
import { libc } from './libc.ts';

/** The byte order of this machine's structures, for DataView. */
export const LITTLE_ENDIAN: boolean = endianness() === 'LE';

/** A block of zeroed memory with an address. */
export class NativeMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly address: number;

  constructor(length: number) {
    // Small typed arrays may be moved by the garbage collector; larger ones live outside its heap.
    const buffer = new ArrayBuffer(Math.max(length, 128));
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.address = libc().addressOf(this.bytes);
  }

  /** An unsigned 64-bit number or pointer, exact up to 2^53. */
  setLong(at: number, value: number): void {
    const low = value % 2 ** 32;
    const high = Math.floor(value / 2 ** 32);
    this.view.setUint32(at, LITTLE_ENDIAN ? low : high, LITTLE_ENDIAN);
    this.view.setUint32(at + 4, LITTLE_ENDIAN ? high : low, LITTLE_ENDIAN);
  }

  /** Latin text and a final zero. */
  setText(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[at + i] = text.charCodeAt(i);
    this.bytes[at + text.length] = 0;
  }

  /** Up to the first zero, at most `limit` octets. */
  text(at: number, limit: number): string {
    const end = this.bytes.subarray(at, at + limit).indexOf(0);
    return Buffer.from(this.bytes.subarray(at, at + (end < 0 ? limit : end))).toString('utf8');
  }
}
