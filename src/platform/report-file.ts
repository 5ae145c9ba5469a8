// The file of a report: written whole or not at all, and never over a file that is no report of ours.

import { readFileSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { errnoOf, explainErrno } from './errno.ts';

/** What the head of every report has, whichever version wrote it. */
const MARK = '<meta name="generator" content="egresslab">';
const MARK_WITHIN = 2_000;

/** A place for a report. */
export class ReportFile {
  readonly #path: string;
  readonly #file: string;

  /**
   * `path` as the user gave it, relative to `workingDirectory`. Nothing is written yet.
   * @throws EgressLabError EGL_FILE_EXISTS, EGL_FILE_IS_DIRECTORY, EGL_FILE_UNWRITABLE
   */
  constructor(path: string, workingDirectory: string) {
    this.#path = path;
    this.#file = resolve(workingDirectory, path);
    this.#look();
  }

  /** Writes it whole, in place of an older report. @throws EgressLabError as the constructor */
  write(page: string): void {
    // Somebody may have put a file there meanwhile.
    this.#look();
    const draft = join(dirname(this.#file), `.${basename(this.#file)}.${process.pid}`);
    try {
      writeFileSync(draft, page, { flag: 'wx' });
      renameSync(draft, this.#file);
    } catch (cause) {
      rmSync(draft, { force: true });
      throw this.#unwritable(cause);
    }
  }

  #look(): void {
    const directory = statOf(dirname(this.#file));
    if (directory?.isDirectory() !== true) throw this.#unwritable({ code: 'ENOENT' });
    const found = statOf(this.#file);
    if (found === null) return;
    if (found.isDirectory()) {
      throw new EgressLabError('EGL_FILE_IS_DIRECTORY', `${this.#path} is a directory`, {
        hint: `Name a file in it, such as --html ${join(this.#path, 'report.html')}.`,
      });
    }
    if (found.isFile() && readFileSync(this.#file, 'utf8').slice(0, MARK_WITHIN).includes(MARK)) {
      return;
    }
    throw new EgressLabError('EGL_FILE_EXISTS', `${this.#path} exists and is no egresslab report`, {
      hint: 'Name another file, or remove this one.',
    });
  }

  #unwritable(cause: unknown): EgressLabError {
    return new EgressLabError(
      'EGL_FILE_UNWRITABLE',
      `cannot write ${this.#path}: ${explainErrno(cause)}`,
      { hint: 'Check the path and its permissions.', cause },
    );
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}
