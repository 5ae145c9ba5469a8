// A ByteSink in memory: what would have been a file.

import type { ByteSink } from './sink.ts';

/** A capture file in memory. */
export class MemoryByteSink implements ByteSink {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  #closed = false;

  /** As they were handed over. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  /** Octets so far. */
  get length(): number {
    return this.#length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk.slice());
    this.#length += chunk.length;
  }

  close(): void {
    this.#closed = true;
  }

  /** Everything in one piece. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
