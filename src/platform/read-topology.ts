// A topology file's text. Reads at most the size limit, whatever stat says, so that a pipe or a
// device cannot fill memory, and insists on UTF-8: a wrong encoding would move every column.

import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { SOURCE_LIMIT_BYTES } from '../schema/source.ts';
import type { IncludeReader } from '../topology/reuse/include.ts';
import { errnoOf, explainErrno } from './errno.ts';

/** A report of 100,000 lines of timeline fits. */
const REPORT_LIMIT_BYTES = 64 * SOURCE_LIMIT_BYTES;

/** @throws EgressLabError with a code that begins EGL_FILE_, or EGL_USAGE for '' */
export function readTopology(path: string, workingDirectory: string): string {
  return readText(path, workingDirectory, SOURCE_LIMIT_BYTES);
}

/** The text of a run report. @throws EgressLabError as readTopology does */
export function readReportText(path: string, workingDirectory: string): string {
  return readText(path, workingDirectory, REPORT_LIMIT_BYTES);
}

function readText(path: string, workingDirectory: string, limit: number): string {
  if (path === '') throw namesNoFile();
  const file = resolve(workingDirectory, path);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw cannotRead(path, file, cause);
  }
  try {
    return decode(path, readBounded(path, file, descriptor, limit));
  } catch (cause) {
    throw cause instanceof EgressLabError ? cause : cannotRead(path, file, cause);
  } finally {
    closeSync(descriptor);
  }
}

/** The text on standard input. @throws EgressLabError with a code that begins EGL_FILE_ */
export function readStandardInput(): string {
  const name = 'standard input';
  try {
    return decode(name, readBounded(name, name, 0));
  } catch (cause) {
    throw cause instanceof EgressLabError ? cause : cannotRead(name, name, cause);
  }
}

/** Reads files of one directory, and follows no links: what a topology includes stands beside it. */
export function includeReader(directory: string): IncludeReader {
  return (name) => {
    const file = join(directory, name);
    let descriptor: number;
    try {
      descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (cause) {
      const code = errnoOf(cause);
      if (code === 'ELOOP') {
        const remedy = 'include the file itself: links are not followed';
        return { problem: `${name} is a symbolic link`, remedy };
      }
      const near = code === 'ENOENT' ? suggest(name, yamlFilesIn(directory)) : null;
      const problem =
        code === 'ENOENT'
          ? `there is no file ${name} beside this one`
          : `cannot read ${name}: ${explainErrno(cause)}`;
      return { problem, remedy: near === null ? null : `did you mean ${near}?` };
    }
    try {
      return { text: decode(name, readBounded(name, file, descriptor)) };
    } catch (cause) {
      if (cause instanceof EgressLabError) return { problem: cause.message, remedy: cause.hint };
      return { problem: `cannot read ${name}: ${explainErrno(cause)}`, remedy: null };
    } finally {
      closeSync(descriptor);
    }
  };
}

function readBounded(
  path: string,
  file: string,
  descriptor: number,
  limit: number = SOURCE_LIMIT_BYTES,
): Uint8Array {
  const status = fstatSync(descriptor);
  if (status.isDirectory()) throw isDirectory(path, file);
  if (status.size > limit) throw tooLarge(path, status.size, limit);
  const buffer = new Uint8Array(limit + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > limit) throw tooLarge(path, null, limit);
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const utf16 =
      (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new EgressLabError('EGL_FILE_NOT_UTF8', `${path} is not UTF-8 text`, {
      hint: utf16
        ? 'It begins like UTF-16: save it as UTF-8.'
        : 'Is it a topology (YAML), and not a capture or an archive? Save it as UTF-8.',
      cause,
    });
  }
}

function tooLarge(path: string, size: number | null, limit: number): EgressLabError {
  const most = `${limit / SOURCE_LIMIT_BYTES} MiB`;
  const found =
    size === null ? `more than ${most}` : `${(size / SOURCE_LIMIT_BYTES).toFixed(1)} MiB`;
  return new EgressLabError('EGL_FILE_TOO_LARGE', `${path} holds ${found}`, {
    hint:
      limit === SOURCE_LIMIT_BYTES
        ? 'A topology has at most 1 MiB. Build larger labs in code (docs/tutorials/library.md).'
        : `At most ${most} of a report are read.`,
  });
}

function isDirectory(path: string, file: string): EgressLabError {
  const inside = yamlFilesIn(file);
  return new EgressLabError('EGL_FILE_IS_DIRECTORY', `${path} is a directory`, {
    hint:
      inside.length === 0
        ? 'Give a topology file.'
        : `Give a file in it: ${inside.slice(0, 6).join(', ')}${inside.length > 6 ? ', ...' : ''}`,
  });
}

function cannotRead(path: string, file: string, cause: unknown): EgressLabError {
  const code = errnoOf(cause);
  if (code === 'EISDIR') return isDirectory(path, file);
  if (code !== 'ENOENT') {
    return new EgressLabError(
      'EGL_FILE_UNREADABLE',
      `cannot read ${path}: ${explainErrno(cause)}`,
      {
        hint: 'Check the path and its permissions.',
        cause,
      },
    );
  }
  const near = suggest(basename(path), yamlFilesIn(dirname(file)));
  return new EgressLabError('EGL_FILE_NOT_FOUND', `there is no file ${path}`, {
    hint:
      near === null
        ? 'Check the path; `egresslab list` names the included labs, which need no path.'
        : `Did you mean ${join(dirname(path), near)}?`,
    cause,
  });
}

function yamlFilesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

function namesNoFile(): EgressLabError {
  return new EgressLabError('EGL_USAGE', 'the name of the topology is empty', {
    hint: 'Name a file, or a lab from `egresslab list`.',
  });
}
