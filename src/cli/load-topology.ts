// From what a user typed to a topology: a path, or the name of a lab that comes with egresslab.

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EgressLabError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { includeReader, readStandardInput, readTopology } from '../platform/read-topology.ts';
import { shippedTopologies } from '../platform/shipped-topologies.ts';
import { type ParseResult, parseTopology } from '../topology/parse.ts';
import { STANDARD_INPUT } from './standard-input.ts';

/** What came of a file, and its text. */
export interface LoadedTopology extends ParseResult {
  readonly text: string;
}

/**
 * `set`: what `${NAME}` in it stands for.
 * @throws EgressLabError when the file cannot be read; what is wrong in it is in the result.
 */
export function loadTopology(
  typed: string,
  workingDirectory: string,
  set: Readonly<Record<string, string>> = {},
): LoadedTopology {
  if (typed === STANDARD_INPUT) {
    const include = includeReader(workingDirectory);
    const text = readStandardInput();
    return { ...parseTopology(text, { file: typed, include, set }), text };
  }
  const file = existsSync(resolve(workingDirectory, typed)) ? typed : fileOfName(typed);
  const include = includeReader(dirname(resolve(workingDirectory, file)));
  const text = readTopology(file, workingDirectory);
  return { ...parseTopology(text, { file: typed, include, set }), text };
}

/** A lab that comes along by its name, else the path that was typed. @throws EgressLabError */
function fileOfName(typed: string): string {
  const shipped = shippedTopologies();
  const named = shipped.find(({ name }) => name === typed);
  if (named !== undefined) return named.file;
  const near = /[/.]/.test(typed)
    ? null
    : suggest(
        typed,
        shipped.map(({ name }) => name),
      );
  if (near === null) return typed;
  throw new EgressLabError('EGL_FILE_NOT_FOUND', `there is no file or lab ${typed}`, {
    hint: `Did you mean ${near}?`,
  });
}
