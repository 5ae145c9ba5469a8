// Octets for a program that reads along: standard output, or a named pipe. Nothing ever waits for the reader:
// what it has not taken stands in a queue whose length the writer looks at (capture/lossy-sink.ts).

import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ByteSink } from '../capture/sink.ts';
import { errnoOf } from './errno.ts';

/** A reader that takes nothing for so long at the end gets no more. */
const GOODBYE_MILLISECONDS = 2000;
/** How often a named pipe is tried until somebody reads it. */
const TRY_MILLISECONDS = 50;
const WRITER = constants.O_WRONLY | constants.O_NONBLOCK;

/** Octets to a reader, in order and without waiting for it. */
export class ReaderSink implements ByteSink {
  readonly #descriptor: number;
  /** Null for a file or a terminal, which takes everything at once. */
  readonly #socket: Socket | null;
  readonly #listeners: (() => void)[] = [];
  #isGone = false;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const stat = fstatSync(descriptor);
    const isPipe = stat.isFIFO() || stat.isSocket();
    this.#socket = isPipe ? new Socket({ fd: descriptor, readable: false, writable: true }) : null;
    this.#socket?.on('error', () => this.#leave());
    this.#socket?.on('close', () => this.#leave());
  }

  /** Standard output of this process, with a descriptor of its own: others do not find it changed. */
  static ofStandardOutput(): ReaderSink {
    try {
      if (fstatSync(1).isFIFO()) return new ReaderSink(openSync('/dev/fd/1', WRITER));
    } catch {
      // Where descriptors cannot be opened again, the one that is there will do.
    }
    return new ReaderSink(1);
  }

  /** Waits until somebody reads a named pipe. @throws Error of the file system */
  static async ofNamedPipe(path: string): Promise<ReaderSink> {
    for (;;) {
      try {
        return new ReaderSink(openSync(path, WRITER));
      } catch (error) {
        if (errnoOf(error) !== 'ENXIO') throw error;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, TRY_MILLISECONDS);
      });
    }
  }

  /** Octets that the reader has not taken yet. */
  get unread(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** Nobody reads any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Called once, when the reader leaves before the end. */
  onGone(listener: () => void): void {
    if (this.#isGone) listener();
    else this.#listeners.push(listener);
  }

  /** Takes a copy of the whole chunk; what nobody reads any more is lost. */
  write(chunk: Uint8Array): void {
    if (this.#isGone) return;
    if (this.#socket !== null) {
      this.#socket.write(Buffer.from(chunk));
      return;
    }
    try {
      for (let at = 0; at < chunk.length; ) {
        at += writeSync(this.#descriptor, chunk, at, chunk.length - at);
      }
    } catch {
      this.#leave();
    }
  }

  /** No more will come; what is in the queue is still handed over. */
  close(): void {
    this.#listeners.length = 0;
    if (this.#socket !== null) this.#socket.end();
    else if (this.#descriptor > 2 && !this.#isGone) closeSync(this.#descriptor);
  }

  /** Resolves when there is room again, or nobody reads any more. */
  async drained(): Promise<void> {
    const socket = this.#socket;
    if (socket === null || this.#isGone || !socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      socket.once('drain', resolve);
      socket.once('close', () => resolve());
    });
  }

  /** After `close`: resolves when the reader has everything, left, or takes nothing any more. */
  async finished(): Promise<void> {
    const socket = this.#socket;
    if (socket === null || this.#isGone) return;
    const timer = setTimeout(() => socket.destroy(), GOODBYE_MILLISECONDS);
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    clearTimeout(timer);
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** Whether a path is a named pipe; false for one that does not exist. */
export function isNamedPipe(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}
