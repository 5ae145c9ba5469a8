// Attaches one sink to the ports of a lab, and to its drops. The sink gets the time at which a frame was seen,
// whence it came and why: a frame's note becomes a comment. Nothing is attached to other ports, and
// after `dispose` nothing is attached at all.

import { formatPlace } from '../link/drop-place.ts';
import type { Drops } from '../link/drops.ts';
import type { Direction, Port } from '../link/port.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { Frame } from '../wire/frame.ts';
import { observeDrops, observePort } from './observation.ts';
import { DROPS_SELECTOR } from './port-selector.ts';
import type { CaptureSink } from './sink.ts';

/** A port to look at, with what only the lab knows about it. */
export interface CapturedPort {
  readonly port: Port;
  readonly description?: string;
  readonly bitsPerSecond?: number | null;
}

/** What is captured, and where to. */
export interface CaptureOptions {
  readonly scheduler: Scheduler;
  /** From now on the capture's own: `dispose` closes it. */
  readonly sink: CaptureSink;
  /** Interfaces get their numbers in this order. */
  readonly ports: readonly CapturedPort[];
  /** Devices whose drops appear on a last, pseudo interface named 'drops'. */
  readonly drops?: readonly Drops[];
}

/** What marks our comments: `frame.comment contains "egresslab"`. */
const COMMENT_PREFIX = 'egresslab: ';

const NO_COMMENTS: readonly string[] = [];

/** Looks from its construction on, until disposed of. */
export class Capture implements Disposable {
  /** Interface names in the order of their numbers. */
  readonly interfaceNames: readonly string[];
  readonly #scheduler: Scheduler;
  readonly #sink: CaptureSink;
  readonly #detach: (() => void)[] = [];
  #frames = 0;
  #framelessDrops = 0;

  constructor(options: CaptureOptions) {
    const { scheduler, sink, ports, drops = [] } = options;
    this.#scheduler = scheduler;
    this.#sink = sink;
    const names: string[] = [];
    for (const { port, description = '', bitsPerSecond = null } of ports) {
      const id = sink.addInterface({ name: port.name, description, bitsPerSecond });
      names.push(port.name);
      const observer = (_port: Port, frame: Frame, direction: Direction): void =>
        this.#record(id, frame, direction);
      this.#detach.push(observePort(port, observer));
    }
    if (drops.length > 0) {
      names.push(DROPS_SELECTOR);
      this.#observeDrops(drops);
    }
    this.interfaceNames = names;
  }

  /** Frames given to the sink so far, dropped ones included. */
  get frames(): number {
    return this.#frames;
  }

  /** Drops that were not shown because the packet had not become a frame yet. */
  get framelessDrops(): number {
    return this.#framelessDrops;
  }

  /** Hands on what was seen so far: it will be readable whatever happens later. */
  flush(): void {
    this.#sink.flush(this.#scheduler.now);
  }

  /** Detaches from everything and closes the sink. May be called twice. */
  dispose(): void {
    for (const detach of this.#detach) detach();
    this.#detach.length = 0;
    this.#sink.close(this.#scheduler.now);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #observeDrops(drops: readonly Drops[]): void {
    const description = 'frames that went no further; the comment says why';
    const id = this.#sink.addInterface({ name: DROPS_SELECTOR, description, bitsPerSecond: null });
    for (const each of drops) {
      const detach = observeDrops(each, (device, where, frame, reason) => {
        if (frame === null) {
          this.#framelessDrops++;
          return;
        }
        const why = `dropped: ${reason} at ${placeOf(device, formatPlace(where))}`;
        this.#frames++;
        const comments = frame.note === null ? [why] : [why, COMMENT_PREFIX + frame.note.text];
        this.#sink.frame(id, this.#scheduler.now, frame, null, comments);
      });
      this.#detach.push(detach);
    }
  }

  #record(id: number, frame: Frame, direction: Direction): void {
    const { note } = frame;
    const comments = note === null ? NO_COMMENTS : [COMMENT_PREFIX + note.text];
    this.#frames++;
    this.#sink.frame(id, this.#scheduler.now, frame, direction, comments);
  }
}

/** 'worker02/forward'; a port's or cable's name says its device already. */
function placeOf(device: string, where: string): string {
  return where.includes('/') ? where : `${device}/${where}`;
}
