// One capture to one place that the user named: a file, a named pipe, or standard output. Who reads a pipe
// reads along, and costs the lab no time.

import { resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { captureFormatOfFile } from '../capture/formats/index.ts';
import { explainErrno } from '../platform/errno.ts';
import { sudoCaller } from '../platform/file-owner.ts';
import { FileSink } from '../platform/file-sink.ts';
import { isNamedPipe, ReaderSink } from '../platform/reader-sink.ts';
import type { CaptureDestination } from '../scenario/run-options.ts';
import type { CaptureFormatName } from '../topology/model.ts';
import type { Io, OctetOutput } from './io.ts';
import { plural } from './render/text.ts';

/** Octets that a reader may leave unread before frames are left out. */
const QUEUE_OCTETS = 8 * 1024 * 1024;

/** What is meant by standard output. */
export const STANDARD_OUTPUT = '-';

/** Where one capture goes. */
export class CaptureTarget {
  readonly path: string;
  readonly format: CaptureFormatName;
  readonly #io: Io;
  readonly #reader: OctetOutput | null;

  private constructor(path: string, io: Io, reader: OctetOutput | null) {
    this.path = path;
    this.format = formatOfFile(path);
    this.#io = io;
    this.#reader = reader;
  }

  /**
   * Waits until somebody reads a named pipe; a file is touched by `destination` only.
   * @throws EgressLabError EGL_CAPTURE_UNWRITABLE for a pipe that cannot be opened, EGL_USAGE for octets on a terminal
   */
  static async open(path: string, io: Io): Promise<CaptureTarget> {
    if (path === STANDARD_OUTPUT) {
      if (io.stdout.isTerminal) throw onTerminal();
      return new CaptureTarget(path, io, io.openOctets());
    }
    const file = resolve(io.workingDirectory, path);
    if (!isNamedPipe(file)) return new CaptureTarget(path, io, null);
    try {
      return new CaptureTarget(path, io, await ReaderSink.ofNamedPipe(file));
    } catch (cause) {
      throw new EgressLabError(
        'EGL_CAPTURE_UNWRITABLE',
        `cannot write the capture ${path}: ${explainErrno(cause)}`,
        { hint: 'Make the pipe with mkfifo, and let your user write to it.', cause },
      );
    }
  }

  /**
   * For a run, which either goes on beside a slow reader, with frames left out, or waits for it (`drained`).
   * @throws EgressLabError EGL_CAPTURE_UNWRITABLE, EGL_CAPTURE_FOREIGN, EGL_CAPTURE_BUSY
   */
  destination(lab: 'goes-on' | 'waits'): CaptureDestination {
    const { path } = this;
    const reader = this.#reader;
    if (reader === null) {
      const { environment, workingDirectory } = this.#io;
      const file = resolve(workingDirectory, path);
      return { path, sink: FileSink.openOnly(file, path, sudoCaller(environment)) };
    }
    if (lab === 'waits') return { path, sink: reader };
    return {
      path,
      sink: reader,
      reader: {
        isFull: () => reader.unread > QUEUE_OCTETS,
        onMissed: (frames) => {
          if (frames > 0) this.#io.stderr.write(missedNote(frames));
        },
      },
    };
  }

  /** Called when a reader leaves before the end. */
  onGone(listener: () => void): void {
    this.#reader?.onGone(listener);
  }

  /** Null when there is room for more, else resolves when there is, or when the signal is aborted. */
  drained(signal: AbortSignal | null = null): Promise<void> | null {
    const reader = this.#reader;
    if (reader === null || reader.unread <= QUEUE_OCTETS || signal?.aborted === true) return null;
    if (signal === null) return reader.drained();
    const { promise, resolve } = withResolvers();
    signal.addEventListener('abort', resolve);
    return Promise.race([reader.drained(), promise]).finally(() =>
      signal.removeEventListener('abort', resolve),
    );
  }

  /** After the run: until the reader has what it is still to get. */
  async finished(): Promise<void> {
    await this.#reader?.finished();
  }
}

/** By the extension of a file, pcapng for everything else. */
export function formatOfFile(path: string): CaptureFormatName {
  return formatNames.find((name) => name === captureFormatOfFile(path)?.name) ?? 'pcapng';
}

const formatNames: readonly CaptureFormatName[] = ['pcapng', 'pcap', 'text'];

/** Promise.withResolvers, which Node.js 20 does not have. */
function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** What a reader that was too slow costs. */
function missedNote(frames: number): string {
  return `note: ${plural(frames, 'frame')} not in the capture: the reader was too slow\n`;
}

/** Octets would only spoil a terminal. */
function onTerminal(): EgressLabError {
  return new EgressLabError('EGL_USAGE', 'a capture is not for a terminal', {
    hint: 'Pipe it (`| wireshark -k -i -`), or name a file.',
  });
}
