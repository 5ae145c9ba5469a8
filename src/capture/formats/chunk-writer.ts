// Collects blocks into chunks of 64 KiB. A chunk handed on holds whole blocks only, so that whatever
// has reached the sink is readable, also after a crash in the middle of a run. What a file begins with
// is written as late as possible: before the first block, or when an empty file is handed on.

import type { ByteSink } from '../sink.ts';

const CHUNK_BYTES = 64 * 1024;

/** Gathers records into chunks for a byte sink. */
export class ChunkWriter {
  readonly #out: ByteSink;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;
  #handedOn = 0;
  #begun = false;
  #closed = false;
  readonly #writeHeader: () => void;

  /** `writeHeader` writes what the file begins with; it is called once. */
  constructor(out: ByteSink, writeHeader: () => void) {
    this.#out = out;
    this.#writeHeader = writeHeader;
  }

  /** The chunk in the making; valid until the next `reserve`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same octets as `bytes`. */
  get view(): DataView {
    return this.#view;
  }

  /** The header has been written. */
  get begun(): boolean {
    return this.#begun;
  }

  /** All octets so far, those of the chunk in the making included. */
  get octets(): number {
    return this.#handedOn + this.#length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Makes room for one block, which the caller then writes whole, and returns its offset. */
  reserve(length: number): number {
    if (!this.#begun) this.#begin();
    if (this.#length + length > this.#bytes.length) this.#makeRoom(length);
    const at = this.#length;
    this.#length += length;
    return at;
  }

  /** A block that exists already. */
  append(block: Uint8Array): void {
    const at = this.reserve(block.length);
    this.#bytes.set(block, at);
  }

  /** Hands on what there is, the header at least. Does nothing once it is closed. */
  flush(): void {
    if (this.#closed) return;
    if (!this.#begun) this.#begin();
    this.#handOn();
  }

  /** Hands on what there is and closes the sink, even if it refuses. May be called twice. */
  close(): void {
    if (this.#closed) return;
    try {
      this.flush();
    } finally {
      this.#closed = true;
      this.#out.close();
    }
  }

  #begin(): void {
    this.#begun = true;
    this.#writeHeader();
  }

  #handOn(): void {
    if (this.#length === 0) return;
    const length = this.#length;
    this.#length = 0;
    this.#handedOn += length;
    this.#out.write(this.#bytes.subarray(0, length));
  }

  #makeRoom(length: number): void {
    this.#handOn();
    if (length <= this.#bytes.length) return;
    // The first block, or one larger than a chunk: a jumbo frame with long comments.
    this.#bytes = new Uint8Array(Math.max(CHUNK_BYTES, length));
    this.#view = new DataView(this.#bytes.buffer);
  }
}
