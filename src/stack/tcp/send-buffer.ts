// What the application has written and the peer has not acknowledged: a ring of octets addressed by
// sequence number. It grows as needed up to a limit (Linux's tcp_wmem, without its tuning).

import { assert } from '../../base/assert.ts';
import type { Frame } from '../../wire/frame.ts';
import { add, distance } from './sequence.ts';

/** Octets one connection may hold back. */
export const SEND_BUFFER_LIMIT: number = 256 * 1024;
const FIRST_CAPACITY = 512;
/** Shared: most connections of a lab send little or nothing. */
const EMPTY = new Uint8Array(0);
/** Rings of the first capacity that nobody uses: an array costs a connection as much as a segment does. */
const SPARE: Uint8Array[] = [];
const SPARE_LIMIT = 64;

/** A ring of octets that grows up to its limit. */
export class SendBuffer {
  readonly #limit: number;
  #ring: Uint8Array = EMPTY;
  #head = 0;
  #length = 0;
  #start = 0;

  constructor(limit: number = SEND_BUFFER_LIMIT) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  get room(): number {
    return this.#limit - this.#length;
  }

  /** Sequence number one past the last octet. */
  get end(): number {
    return add(this.#start, this.#length);
  }

  /** The sequence number of the first octet that will be acknowledged; before anything is. */
  startAt(sequence: number): void {
    this.#start = sequence;
  }

  /** Copies as much as there is room for; returns how many octets that was. */
  write(octets: Uint8Array): number {
    const taken = Math.min(octets.length, this.room);
    if (taken === 0) return 0;
    this.#reserve(this.#length + taken);
    const capacity = this.#ring.length;
    const at = (this.#head + this.#length) % capacity;
    const first = Math.min(taken, capacity - at);
    this.#ring.set(octets.subarray(0, first), at);
    if (first < taken) this.#ring.set(octets.subarray(first, taken), 0);
    this.#length += taken;
    return taken;
  }

  /** Copies `length` octets from `sequence` on into the frame at the absolute offset `at`. */
  copyTo(frame: Frame, at: number, sequence: number, length: number): void {
    if (length === 0) return;
    const skip = distance(this.#start, sequence);
    assert(skip >= 0 && skip + length <= this.#length, 'what is sent is still in the send buffer');
    const capacity = this.#ring.length;
    const from = (this.#head + skip) % capacity;
    const first = Math.min(length, capacity - from);
    frame.bytes.set(this.#ring.subarray(from, from + first), at);
    if (first < length) frame.bytes.set(this.#ring.subarray(0, length - first), at + first);
  }

  /** Forgets the octets before `sequence`. */
  releaseTo(sequence: number): void {
    const octets = Math.min(distance(this.#start, sequence), this.#length);
    if (octets <= 0) return;
    this.#start = add(this.#start, octets);
    this.#length -= octets;
    this.#head = this.#length === 0 ? 0 : (this.#head + octets) % this.#ring.length;
  }

  /** Gives the memory back. */
  clear(): void {
    if (this.#ring.length === FIRST_CAPACITY && SPARE.length < SPARE_LIMIT) SPARE.push(this.#ring);
    this.#ring = EMPTY;
    this.#head = 0;
    this.#length = 0;
  }

  #reserve(needed: number): void {
    const capacity = this.#ring.length;
    if (needed <= capacity) return;
    let larger = Math.max(capacity, FIRST_CAPACITY);
    while (larger < needed) larger *= 2;
    const ring =
      larger === FIRST_CAPACITY ? firstRing() : new Uint8Array(Math.min(larger, this.#limit));
    const first = Math.min(this.#length, capacity - this.#head);
    ring.set(this.#ring.subarray(this.#head, this.#head + first), 0);
    if (first < this.#length) ring.set(this.#ring.subarray(0, this.#length - first), first);
    this.#ring = ring;
    this.#head = 0;
  }
}

/** Octets of others may stand in it; they are overwritten before they are read. */
function firstRing(): Uint8Array {
  return SPARE.pop() ?? new Uint8Array(FIRST_CAPACITY);
}
