// Counts what passes through to another ByteSink, for the line that says how large a capture is.

import type { ByteSink } from './sink.ts';

/** Passes octets on and counts them. */
export class CountingByteSink implements ByteSink {
  readonly #out: ByteSink;
  #length = 0;

  constructor(out: ByteSink) {
    this.#out = out;
  }

  /** Octets so far. */
  get length(): number {
    return this.#length;
  }

  write(chunk: Uint8Array): void {
    this.#out.write(chunk);
    this.#length += chunk.length;
  }

  close(): void {
    this.#out.close();
  }
}
