// An answer that goes on: a watch, a followed log, a command under way. Bounded in number and in what
// a reader that does not read may leave lying about.

import type { ServerResponse } from 'node:http';

/** More than this unread, and the reader is dropped; it can list and watch anew. */
const BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024;

/** Counts open streams, and ends them all. */
export class StreamRegistry {
  readonly #limit: number;
  readonly #open = new Set<ReplyStream>();
  #entered = 0;
  /** Readers that were dropped because they did not read. */
  dropped = 0;
  /** Streams that found no room. */
  refused = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Whether there is room for one more; a stream is to be made if so. */
  enter(): boolean {
    if (this.#entered < this.#limit) {
      this.#entered++;
      return true;
    }
    this.refused++;
    return false;
  }

  add(stream: ReplyStream): void {
    this.#open.add(stream);
  }

  leave(stream: ReplyStream): void {
    if (this.#open.delete(stream)) this.#entered--;
  }

  /** The lab ends, and so do all replies about it. */
  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }
}

/** One answer that goes on. */
export class ReplyStream {
  readonly #response: ServerResponse;
  readonly #registry: StreamRegistry;
  readonly #listeners: (() => void)[] = [];
  #open = true;

  constructor(response: ServerResponse, registry: StreamRegistry) {
    this.#response = response;
    this.#registry = registry;
    registry.add(this);
    // Not the request's 'close': that comes as soon as a GET has been read.
    response.on('close', () => this.#closed());
  }

  get open(): boolean {
    return this.#open;
  }

  write(text: string): void {
    if (!this.#open) return;
    this.#response.write(text);
    if (this.#response.writableLength <= BACKLOG_LIMIT_BYTES) return;
    this.#registry.dropped++;
    this.#closed();
    this.#response.destroy();
  }

  /** No more will come. */
  end(): void {
    if (!this.#open) return;
    this.#closed();
    this.#response.end();
  }

  /** Called once, no matter which side ended it; immediately if it has ended already. */
  onClose(listener: () => void): void {
    if (this.#open) this.#listeners.push(listener);
    else listener();
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#registry.leave(this);
    for (const listener of this.#listeners) listener();
  }
}
