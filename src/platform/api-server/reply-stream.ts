// An answer that goes on: a watch, a followed log, a command under way. Bounded in number and in what
// a reader that does not read may leave lying about.

import type { ServerResponse } from 'node:http';
import type { Backlog } from './backlog.ts';

/** More than this unread, and the reader is dropped; it can list and watch anew. */
const BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024;
/** One client alone cannot take all streams. */
const SHARE_OF_ONE = 0.75;

/** An answer that goes on, as the registry holds it. */
export interface OpenStream {
  /** Whose it is. */
  readonly client: string;
  /** No more will come. */
  end(): void;
}

/** Counts open streams, and ends them all. */
export class StreamRegistry {
  readonly #limit: number;
  readonly #limitOfOne: number;
  readonly #backlog: Backlog;
  readonly #open = new Set<OpenStream>();
  readonly #entered = new Map<string, number>();
  /** Readers that were dropped because they did not read. */
  dropped = 0;
  /** Streams that found no room. */
  refused = 0;

  constructor(limit: number, backlog: Backlog) {
    this.#limit = limit;
    this.#limitOfOne = Math.ceil(limit * SHARE_OF_ONE);
    this.#backlog = backlog;
  }

  get open(): number {
    return this.#open.size;
  }

  /** What is written and unread, all streams together. */
  get backlog(): Backlog {
    return this.#backlog;
  }

  /** Whether there is room for one more of this client; it is counted as refused if not. */
  hasRoom(client: string): boolean {
    const own = this.#entered.get(client) ?? 0;
    if (this.#open.size < this.#limit && own < this.#limitOfOne) return true;
    this.refused++;
    return false;
  }

  add(stream: OpenStream): void {
    this.#open.add(stream);
    this.#entered.set(stream.client, (this.#entered.get(stream.client) ?? 0) + 1);
  }

  leave(stream: OpenStream): void {
    if (!this.#open.delete(stream)) return;
    const left = (this.#entered.get(stream.client) ?? 1) - 1;
    if (left === 0) this.#entered.delete(stream.client);
    else this.#entered.set(stream.client, left);
  }

  /** The lab ends, and so do all replies about it. */
  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }
}

/** One answer that goes on. */
export class ReplyStream implements OpenStream {
  readonly client: string;
  readonly #response: ServerResponse;
  readonly #registry: StreamRegistry;
  readonly #listeners: (() => void)[] = [];
  #open = true;

  constructor(response: ServerResponse, registry: StreamRegistry, client: string) {
    this.client = client;
    this.#response = response;
    this.#registry = registry;
    registry.add(this);
    // Not the request's 'close': that comes as soon as a GET has been read.
    response.on('close', () => this.#closed());
  }

  get open(): boolean {
    return this.#open;
  }

  /** Octets that the reader has not taken yet. */
  get unread(): number {
    return this.#response.writableLength;
  }

  write(text: string): void {
    if (!this.#open) return;
    this.#response.write(text);
    this.#registry.backlog.wrote(this.#response, text.length);
    if (this.#response.writableLength <= BACKLOG_LIMIT_BYTES) return;
    this.#registry.dropped++;
    this.#closed();
    this.#response.destroy();
  }

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
