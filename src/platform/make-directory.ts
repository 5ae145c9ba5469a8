// A directory and those above it, made one by one. `mkdirSync` with `recursive` never returns where a
// directory that exists takes no new ones and says ENOENT, as /proc does (seen with Node.js 20).

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes what is missing of `path`, each part with `mode`. @throws the error of mkdir(2), EEXIST for what is no directory. */
export function makeDirectory(path: string, mode = 0o777): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
