// Reads capture files into an explainer: first a part of each of several, to see how their clocks differ, then all of
// them to their ends, merged by time.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { type ClockEstimate, estimateClock, type FileClock, FrameKeys } from '../explain/clock.ts';
import type { ExplainedCapture, Explainer } from '../explain/explainer.ts';
import { type CaptureSource, openCapture } from './capture-file.ts';

/** Of each file, for its clock. */
const CHUNK_LIMIT = 64;
const STANDARD_INPUT = '-';

/** What the user says of a file's clock, by its path: nanoseconds that it is ahead. */
export type ToldOffsets = ReadonlyMap<string, number>;

/** How to read. */
export interface ReadingOptions {
  readonly workingDirectory: string;
  readonly offsets?: ToldOffsets;
  /** As known from reading them before, by their order. */
  readonly clocks?: readonly (FileClock | null)[];
  /** Reading goes on as files grow, until it is stopped. */
  readonly follow?: boolean;
  /** Asked before each piece. */
  readonly isStopped?: () => boolean;
  /** After each piece. */
  readonly onPiece?: () => void;
}

/**
 * Explains the files together; returns them in their order.
 * @throws EgressLabError as `openCapture`, EGL_USAGE for standard input twice
 */
export async function explainCaptures(
  paths: readonly string[],
  explainer: Explainer,
  options: ReadingOptions,
): Promise<ExplainedCapture[]> {
  const { clocks, follow = false, offsets = new Map(), onPiece, workingDirectory } = options;
  const isStopped = options.isStopped ?? ((): boolean => false);
  const growing = follow ? isStopped : null;
  if (paths.filter((path) => path === STANDARD_INPUT).length > 1) {
    throw new EgressLabError('EGL_USAGE', 'standard input can be read once', {
      hint: 'Give `-` once.',
    });
  }
  const sources = new Map<ExplainedCapture, CaptureSource>();
  try {
    for (const path of paths) {
      const file = explainer.add(path);
      sources.set(file, openCapture(path, workingDirectory, file, growing));
    }
    const files = [...sources.keys()];
    if (clocks === undefined) await alignClocks(files, explainer, workingDirectory, offsets);
    else for (const [index, file] of files.entries()) file.clock = clocks[index] ?? null;
    if (follow) await readAlong(sources, explainer, isStopped, onPiece);
    for (let file = explainer.drain(); file !== null; file = explainer.drain()) {
      const more = !isStopped() && (await sources.get(file)?.next()) === true;
      if (!more) file.ended = true;
      onPiece?.();
    }
  } finally {
    for (const source of sources.values()) source.close();
  }
  return [...sources.keys()];
}

/** All files by turns, whichever grows. */
async function readAlong(
  sources: ReadonlyMap<ExplainedCapture, CaptureSource>,
  explainer: Explainer,
  isStopped: () => boolean,
  onPiece: (() => void) | undefined,
): Promise<void> {
  while (!isStopped() && [...sources.keys()].some(({ ended }) => !ended)) {
    for (const [file, source] of sources) {
      if (!file.ended && !(await source.next())) file.ended = true;
    }
    explainer.flush();
    onPiece?.();
  }
}

async function alignClocks(
  files: readonly ExplainedCapture[],
  explainer: Explainer,
  workingDirectory: string,
  offsets: ToldOffsets,
): Promise<void> {
  const [reference, ...others] = files;
  if (reference === undefined || others.length === 0) return;
  const known = new Map<ExplainedCapture, FrameKeys>();
  for (const file of files) {
    if (!canBeReadTwice(file.path, workingDirectory)) continue;
    known.set(file, await keysOf(file.path, workingDirectory, explainer));
  }
  for (const file of others) {
    const told = offsets.get(file.path);
    if (told !== undefined) {
      file.clock = { ...exactly(told), told: true };
      continue;
    }
    const [own, first] = [known.get(file), known.get(reference)];
    const clock = own === undefined || first === undefined ? null : estimateClock(first, own);
    if (clock !== null) file.clock = { ...clock, told: false };
    else if (own === undefined || first === undefined || overlap(first, own)) {
      const text = `${reference.path} and ${file.path} have no frame in common: whether their clocks agree (--offset tells)`;
      explainer.unseen.push(text);
    }
  }
}

function canBeReadTwice(path: string, workingDirectory: string): boolean {
  return path !== STANDARD_INPUT && statSync(resolve(workingDirectory, path)).isFile();
}

function exactly(offset: number): ClockEstimate {
  const nothing = { shared: 0, spread: 0, translated: false, oneWay: false, step: null };
  return { offset, at: 0, drift: 0, ...nothing };
}

function overlap(a: FrameKeys, b: FrameKeys): boolean {
  return a.first <= b.last && b.first <= a.last;
}

async function keysOf(
  path: string,
  workingDirectory: string,
  explainer: Explainer,
): Promise<FrameKeys> {
  const keys = new FrameKeys((seconds) => explainer.baseOf(seconds));
  const source = openCapture(path, workingDirectory, keys);
  try {
    for (let chunk = 0; chunk < CHUNK_LIMIT && !keys.isFull; chunk++) {
      if (!(await source.next())) break;
    }
  } finally {
    source.close();
  }
  return keys;
}
