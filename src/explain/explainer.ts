// Several captures as one: each file has its listener, frames are merged by time, and the observer sees them once.

import { isReadable } from '../capture/reading/link-type.ts';
import type {
  CapturedInterface,
  CaptureListener,
  FrameRecord,
  Notice,
} from '../capture/reading/record.ts';
import type { Nanos } from '../sim/time.ts';
import { converted, type FileClock } from './clock.ts';
import { findingsOf } from './findings.ts';
import type { ExplainedFile, Explanation } from './model.ts';
import { Observer } from './observer.ts';
import { FrameOrder } from './order.ts';

const NOTICE_LIMIT = 100;
const NAME_LIMIT = 10_000;

/** One file among those that are explained together. */
export class ExplainedCapture implements CaptureListener {
  readonly path: string;
  readonly order: FrameOrder = new FrameOrder();
  readonly interfaces: CapturedInterface[] = [];
  readonly notices: Notice[] = [];
  frames = 0;
  /** Frames of link types that are not read. */
  skipped = 0;
  ended = false;
  /** How its clock goes against that of the first file; null when it is taken as it is. */
  clock: FileClock | null = null;
  /** Its first interface, over all files. */
  readonly #explainer: Explainer;

  constructor(path: string, explainer: Explainer) {
    this.path = path;
    this.#explainer = explainer;
  }

  frame(record: FrameRecord): void {
    this.frames++;
    if (this.#explainer.taps(record, this)) return;
    if (!isReadable(record.linkType)) {
      this.skipped++;
      return;
    }
    const at = this.#explainer.timeOf(record.seconds, record.nanos);
    this.order.add(record, this.clock === null ? at : converted(at, this.clock));
  }

  interface(info: CapturedInterface): void {
    this.interfaces.push(info);
  }

  name(address: string, name: string): void {
    if (this.#explainer.names.size < NAME_LIMIT) this.#explainer.names.set(address, name);
  }

  notice(notice: Notice): void {
    if (this.notices.length < NOTICE_LIMIT) this.notices.push(notice);
  }
}

/** Gets each frame instead of the observer, with its number and its time in the clock of the first file. */
export type FrameTap = (
  record: FrameRecord,
  file: ExplainedCapture,
  number: number,
  at: Nanos,
) => void;

/** Looks at frames in the order of time. */
export interface OrderedFrames {
  frame(record: FrameRecord, at: Nanos, number: number, point: number): void;
}

/** Explains captures: add files, feed their listeners, drain, and conclude. */
export class Explainer {
  readonly names: Map<string, string> = new Map();
  /** What is known beforehand to be out of sight, one sentence each. */
  readonly unseen: string[] = [];
  readonly #files: ExplainedCapture[] = [];
  readonly #observer = new Observer();
  readonly #since: ((first: number) => number) | null;
  readonly #tap: FrameTap | null;
  readonly #instead: OrderedFrames | null;
  /** Of several files, the numbers that frames have in the merged capture. */
  #merged = 0;
  #earliest = Number.NEGATIVE_INFINITY;
  #start = Number.NaN;

  /** `instead` gets the frames that the observer would get. Frames before `since`, in seconds since 1970, which may depend on those of the first, are left out. */
  constructor(
    since: ((first: number) => number) | null = null,
    tap: FrameTap | null = null,
    instead: OrderedFrames | null = null,
  ) {
    this.#instead = instead;
    this.#since = since;
    this.#tap = tap;
  }

  /** Adds a file; what a reader tells goes to it. */
  add(path: string): ExplainedCapture {
    const file = new ExplainedCapture(path, this);
    this.#files.push(file);
    return file;
  }

  /** Hands the frame of an only file to the tap, in the order of the file; false where there is none. */
  taps(record: FrameRecord, file: ExplainedCapture): boolean {
    if (this.#tap === null || this.#files.length > 1) return false;
    this.#tap(record, file, record.number, this.timeOf(record.seconds, record.nanos));
    return true;
  }

  /** The second that times count from: the first that is asked about. */
  baseOf(seconds: number): number {
    this.timeOf(seconds, 0);
    return this.#start;
  }

  /** Nanoseconds since the second of the first frame. */
  timeOf(seconds: number, nanos: number): Nanos {
    if (Number.isNaN(this.#start)) {
      this.#start = seconds;
      if (this.#since !== null) this.#earliest = this.#since(seconds);
    }
    return (seconds - this.#start) * 1e9 + nanos;
  }

  /** Looks at all frames that are there, although older ones may still come: nothing comes for now. */
  flush(): void {
    const ended = this.#files.map((file) => file.ended);
    for (const file of this.#files) file.ended = true;
    this.drain();
    for (const [index, file] of this.#files.entries()) file.ended = ended[index] ?? false;
  }

  /** Frames that were looked at. */
  get frames(): number {
    return this.#observer.frames;
  }

  /** Looks at all frames that are in order; the file that more has to be read of, or null at the end. */
  drain(): ExplainedCapture | null {
    for (;;) {
      let first: ExplainedCapture | null = null;
      let time = Number.POSITIVE_INFINITY;
      for (const file of this.#files) {
        const frame = file.order.peek(file.ended);
        if (frame === null) {
          if (!file.ended) return file;
        } else if (frame.at < time) {
          first = file;
          time = frame.at;
        }
      }
      if (first === null) return null;
      const { order } = first;
      const frame = order.peek(first.ended);
      order.take();
      if (frame === null) continue;
      const { at, record } = frame;
      const number = this.#files.length === 1 ? record.number : ++this.#merged;
      if (this.#tap !== null) {
        this.#tap(record, first, number, at);
        continue;
      }
      if (record.seconds < this.#earliest) continue;
      const point = this.#files.indexOf(first) * 65_536 + record.interface;
      if (this.#instead !== null) this.#instead.frame(record, at, number, point);
      else this.#observer.frame(record, at, number, point);
    }
  }

  /** What is to be said. */
  conclude(): Explanation {
    const findings = findingsOf(this.#observer);
    return {
      start: Number.isNaN(this.#start) ? 0 : this.#start,
      files: this.#files.map(fileRow),
      names: Object.fromEntries(this.names),
      ...findings,
      unseen: [...findings.unseen, ...this.unseen],
    };
  }
}

function fileRow({
  clock,
  frames,
  interfaces,
  notices,
  order,
  path,
}: ExplainedCapture): ExplainedFile {
  const late: ExplainedFile['notices'] =
    order.late === 0
      ? []
      : [{ code: 'late', text: `${order.late} frames are more than a second late`, frame: 0 }];
  return {
    path,
    frames,
    clock,
    interfaces: interfaces.map(({ dropped, linkType, name }) => ({ name, linkType, dropped })),
    notices: [...notices, ...late],
  };
}
