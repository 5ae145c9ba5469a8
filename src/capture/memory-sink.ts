// Frames kept in memory for assertions: `sink.on('db/eth0').filter(…)`. Sealed frames are kept by
// reference, which costs no copy; one that may still change is copied. Bounded, and what goes beyond
// the bound is counted.

import type { Direction } from '../link/port.ts';
import type { Nanos } from '../sim/time.ts';
import { describe } from '../wire/describe.ts';
import type { Frame } from '../wire/frame.ts';
import { keptFrame } from './kept-frame.ts';
import type { CaptureSink, InterfaceInfo } from './sink.ts';

/** One frame as it was seen. */
export interface CapturedFrame {
  readonly interface: string;
  readonly at: Nanos;
  readonly frame: Frame;
  /** Null on 'drops'. */
  readonly direction: Direction | null;
  readonly comments: readonly string[];
}

/** About 1.5 GB of full-sized frames: more than any test wants. */
const DEFAULT_FRAME_LIMIT = 1_000_000;

/** Keeps frames for assertions, with what each port saw and why. */
export class MemorySink implements CaptureSink {
  readonly #interfaces: InterfaceInfo[] = [];
  readonly #frames: CapturedFrame[] = [];
  readonly #limit: number;
  #missed = 0;
  #closed = false;

  /** Keeps the first `limit` frames. */
  constructor(limit: number = DEFAULT_FRAME_LIMIT) {
    this.#limit = limit;
  }

  /** In the order of their numbers. */
  get interfaces(): readonly InterfaceInfo[] {
    return this.#interfaces;
  }

  /** Oldest first. */
  get frames(): readonly CapturedFrame[] {
    return this.#frames;
  }

  /** Frames not kept because the limit was reached. */
  get missed(): number {
    return this.#missed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  addInterface(info: InterfaceInfo): number {
    return this.#interfaces.push(info) - 1;
  }

  frame(
    interfaceId: number,
    at: Nanos,
    frame: Frame,
    direction: Direction | null,
    comments: readonly string[],
  ): void {
    if (this.#closed) return;
    if (this.#frames.length >= this.#limit) {
      this.#missed++;
      return;
    }
    const name = this.#interfaces[interfaceId]?.name ?? `interface ${interfaceId}`;
    const kept = keptFrame(frame);
    this.#frames.push({ interface: name, at, frame: kept, direction, comments });
  }

  flush(_at: Nanos): void {}

  close(_at: Nanos): void {
    this.#closed = true;
  }

  /** Frames seen on one interface, by its name. */
  on(interfaceName: string): readonly CapturedFrame[] {
    return this.#frames.filter((seen) => seen.interface === interfaceName);
  }

  /** Frames seen from `from` on and before `to`. */
  between(from: Nanos, to: Nanos): readonly CapturedFrame[] {
    return this.#frames.filter((seen) => seen.at >= from && seen.at < to);
  }

  /** The way of one packet through the lab, by `Frame.packetId`. */
  path(packetId: number): readonly CapturedFrame[] {
    return this.#frames.filter((seen) => seen.frame.packetId === packetId);
  }

  /** The description of each frame (wire/describe.ts), for snapshots and failure messages. */
  lines(): readonly string[] {
    return this.#frames.map((seen) => describe(seen.frame));
  }

  /** Forgets the frames seen so far, for tests that look at what comes next. */
  clear(): void {
    this.#frames.length = 0;
    this.#missed = 0;
  }
}
