// The files of one capture: one, one that ends when it is large enough, or a ring of which the last ones stay.

import { EgressLabError } from '../base/errors.ts';
import { CountingByteSink } from '../capture/counting-byte-sink.ts';
import { FailSafeSink } from '../capture/fail-safe-sink.ts';
import { LimitedSink } from '../capture/limited-sink.ts';
import type { CaptureFormat, CaptureMetadata, CaptureSink, FormatSink } from '../capture/sink.ts';
import type { Nanos } from '../sim/time.ts';
import type { CaptureReport } from './report.ts';
import type { CaptureDestination, CaptureSize } from './run-options.ts';

/** Is told what happens to the files. */
export interface CaptureFilesWatcher {
  now(): Nanos;
  /** Called at most once: nothing more is written. */
  onFailure(path: string, error: EgressLabError): void;
  /** Called at most once: the file at this path is full, or has to make room. */
  onLimit(path: string, size: CaptureSize): void;
}

/** What a file is written with. */
export interface CaptureWriting {
  readonly format: CaptureFormat;
  readonly metadata: CaptureMetadata;
  /** Null: a file may be as large as it gets. */
  readonly size: CaptureSize | null;
}

interface CaptureFile {
  readonly path: string;
  readonly bytes: CountingByteSink;
  /** Once it is closed. */
  frames: number;
}

/** Opens the files, and says in the end what they hold. */
export class CaptureFiles {
  /** Where the frames go. */
  readonly sink: CaptureSink;
  readonly #writing: CaptureWriting;
  readonly #destination: CaptureDestination;
  readonly #watcher: CaptureFilesWatcher;
  readonly #limited: LimitedSink | null = null;
  #files: CaptureFile[] = [];
  #removed = 0;
  #failed = false;
  #fullAt: Nanos | null = null;

  constructor(
    destination: CaptureDestination,
    writing: CaptureWriting,
    watcher: CaptureFilesWatcher,
  ) {
    this.#destination = destination;
    this.#writing = writing;
    this.#watcher = watcher;
    const first = this.#open(destination);
    const { size } = writing;
    if (size !== null) {
      const next = (frames: number): FormatSink | null => this.#next(size, frames);
      this.#limited = new LimitedSink(first, {
        octets: size.octets,
        next: size.files === null ? null : next,
        onFull: () => this.#full(size),
      });
    }
    this.sink = this.#limited ?? first;
  }

  /** After the capture took so many frames and was closed. */
  report(
    frames: number,
  ): Pick<CaptureReport, 'path' | 'frames' | 'bytes'> & Partial<CaptureReport> {
    const limited = this.#limited;
    const last = this.#files.at(-1);
    const path = last?.path ?? this.#destination.path;
    const bytes = this.#files.reduce((sum, file) => sum + file.bytes.length, 0);
    if (limited === null || last === undefined) return { path, frames, bytes };
    last.frames = limited.frames;
    const kept = this.#files.reduce((sum, file) => sum + file.frames, 0);
    const at = this.#fullAt;
    const files = this.#files.map((file) => file.path);
    const isRing = this.#writing.size?.files !== null;
    return {
      path,
      frames: kept,
      bytes,
      ...(at === null ? {} : { full: { at, missed: limited.missed } }),
      ...(isRing ? { ring: { files, removed: this.#removed } } : {}),
    };
  }

  #open({ path, sink }: Pick<CaptureDestination, 'path' | 'sink'>): FormatSink {
    const { format, metadata } = this.#writing;
    const safe = new FailSafeSink(sink, (error) => this.#fail(path, error));
    const bytes = new CountingByteSink(safe);
    this.#files.push({ path, bytes, frames: 0 });
    return format.open(bytes, metadata);
  }

  #next(size: CaptureSize, frames: number): FormatSink | null {
    const last = this.#files.at(-1);
    if (last !== undefined) last.frames = frames;
    const { next } = this.#destination;
    if (this.#failed || next === undefined) return null;
    try {
      const sink = this.#open(next());
      if (size.files === null || this.#files.length <= size.files) return sink;
      const [oldest] = this.#files;
      if (this.#removed === 0 && oldest !== undefined) this.#watcher.onLimit(oldest.path, size);
      this.#removed++;
      this.#files = this.#files.slice(1);
      return sink;
    } catch (error) {
      if (!(error instanceof EgressLabError)) throw error;
      this.#fail(this.#destination.path, error);
      return null;
    }
  }

  #full(size: CaptureSize): void {
    if (this.#failed) return;
    this.#fullAt = this.#watcher.now();
    this.#watcher.onLimit(this.#files.at(-1)?.path ?? this.#destination.path, size);
  }

  #fail(path: string, error: EgressLabError): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#watcher.onFailure(path, error);
  }
}
