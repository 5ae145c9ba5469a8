// The octets of a capture file, unpacked: chunk by chunk, so that a file may be larger than memory. gzip by Node; zstd by
// fzstd, because the oldest Node that egresslab runs on has none. A cut archive gives what could be unpacked.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { EgressLabError } from '../base/errors.ts';
import { guessOf, HEAD_LENGTH, kindOf, readerFor } from '../capture/reading/capture-reader.ts';
import type { CaptureListener, RecordReader } from '../capture/reading/record.ts';
import { errnoOf, explainErrno } from './errno.ts';

const CHUNK = 1 << 20;

const STANDARD_INPUT = '-';
/** How often a growing file is looked at. */
const FOLLOW_PERIOD_MS = 200;

/** Whether reading ends at the end of a file that may grow. */
export type IsStopped = () => boolean;

/** A capture that is read piece by piece. */
export interface CaptureSource {
  /** As the user gave it. */
  readonly path: string;
  /** Reads on; false at the end. What was read goes to the listener. @throws EgressLabError as openCapture */
  next(): Promise<boolean>;
  close(): void;
}

/**
 * Opens a capture; `-` is standard input. With `isStopped`, reading waits at the end of a file for more until it says so,
 * and a piece may be empty. What is not a capture is found when its head is read.
 * @throws EgressLabError EGL_FILE_NOT_FOUND, EGL_FILE_IS_DIRECTORY, EGL_FILE_UNREADABLE, EGL_CAPTURE_FORMAT
 */
export function openCapture(
  path: string,
  workingDirectory: string,
  listener: CaptureListener,
  isStopped: IsStopped | null = null,
): CaptureSource {
  const input = path === STANDARD_INPUT ? null : openFile(path, workingDirectory);
  const raw = input === null ? standardInput() : chunksOf(path, input, listener, isStopped);
  const chunks = unpacked(raw, listener);
  let reader: RecordReader | null = null;
  let head: Uint8Array = new Uint8Array(0);
  return {
    path,
    async next() {
      const { done, value } = await chunks.next();
      if (done === true) {
        if (reader === null) reader = begin(path, head, listener);
        reader.end();
        return false;
      }
      if (reader === null) {
        head = head.length === 0 ? value : Buffer.concat([head, value]);
        if (head.length < HEAD_LENGTH) return true;
        reader = begin(path, head, listener);
      } else {
        reader.push(value);
      }
      return !reader.failed;
    },
    close() {
      if (input !== null) closeSync(input);
    },
  };
}

function begin(path: string, head: Uint8Array, listener: CaptureListener): RecordReader {
  const reader = readerFor(head, listener);
  if (reader === null) {
    const guess = guessOf(head);
    throw new EgressLabError('EGL_CAPTURE_FORMAT', `${path} is no capture (pcap or pcapng)`, {
      hint:
        guess === null ? 'Record one with `tcpdump -w FILE` or Wireshark.' : `I see that ${guess}.`,
    });
  }
  reader.push(head);
  return reader;
}

function openFile(path: string, workingDirectory: string): number {
  const file = resolve(workingDirectory, path);
  try {
    const descriptor = openSync(file, 'r');
    if (!fstatSync(descriptor).isDirectory()) return descriptor;
    closeSync(descriptor);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') {
      throw new EgressLabError('EGL_FILE_NOT_FOUND', `there is no file ${path}`, {
        hint: 'Check the path.',
        cause,
      });
    }
    throw unreadable(path, cause);
  }
  throw new EgressLabError('EGL_FILE_IS_DIRECTORY', `${path} is a directory`, {
    hint: 'Name the capture files in it.',
  });
}

function unreadable(path: string, cause: unknown): EgressLabError {
  return new EgressLabError('EGL_FILE_UNREADABLE', `cannot read ${path}: ${explainErrno(cause)}`, {
    hint: 'Check the path and its permissions.',
    cause,
  });
}

async function* standardInput(): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of process.stdin) yield new Uint8Array(chunk);
}

async function* chunksOf(
  path: string,
  descriptor: number,
  listener: CaptureListener,
  isStopped: IsStopped | null,
): AsyncGenerator<Uint8Array, void> {
  let position = 0;
  for (;;) {
    const buffer = new Uint8Array(CHUNK);
    let count = 0;
    try {
      count = readSync(descriptor, buffer, 0, CHUNK, null);
    } catch (cause) {
      throw unreadable(path, cause);
    }
    position += count;
    if (count > 0) {
      yield count === CHUNK ? buffer : buffer.subarray(0, count);
      continue;
    }
    const { size } = fstatSync(descriptor);
    if (fstatSync(descriptor).isFile() && size < position) {
      const text = `the file has shrunk to ${size} octets while it was read`;
      listener.notice({ code: 'shrank', text, frame: 0 });
      return;
    }
    if (isStopped === null || isStopped()) return;
    await setTimeout(FOLLOW_PERIOD_MS);
    // Others may have grown.
    yield buffer.subarray(0, 0);
  }
}

async function* unpacked(
  raw: AsyncGenerator<Uint8Array, void>,
  listener: CaptureListener,
): AsyncGenerator<Uint8Array, void> {
  const first = await raw.next();
  if (first.done === true) return;
  const all = prefixed(first.value, raw);
  const kind = kindOf(first.value);
  if (kind !== 'gzip' && kind !== 'zstd') {
    yield* all;
    return;
  }
  const cut = (why: string): void => {
    const text = `the compressed data is cut short or damaged (${why}); what came before is read`;
    listener.notice({ code: 'compressed', text, frame: 0 });
  };
  yield* kind === 'gzip' ? through(zlib.createGunzip(), all, cut) : zstd(all, cut);
}

async function* prefixed(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

async function* through(
  transform: Transform,
  chunks: AsyncGenerator<Uint8Array, void>,
  cut: (why: string) => void,
): AsyncGenerator<Uint8Array, void> {
  const stream = Readable.from(chunks).pipe(transform);
  try {
    for await (const chunk of stream) yield new Uint8Array(chunk);
  } catch (error) {
    cut(error instanceof Error ? error.message : 'unknown');
  }
}

async function* zstd(
  chunks: AsyncGenerator<Uint8Array, void>,
  cut: (why: string) => void,
): AsyncGenerator<Uint8Array, void> {
  let ready: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => {
    ready.push(chunk.slice());
  });
  try {
    for await (const chunk of chunks) {
      decompress.push(chunk);
      yield* ready;
      ready = [];
    }
    decompress.push(new Uint8Array(0), true);
    yield* ready;
  } catch (error) {
    yield* ready;
    cut(error instanceof Error ? error.message : 'unknown');
  }
}
