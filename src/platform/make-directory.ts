// A directory and those above it, made one by one. `mkdirSync` with `recursive` never returns where a
// directory that exists takes no new ones and says ENOENT, as /proc does (seen with Node.js 20).

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FileOwner, giveDirectoryTo } from './file-owner.ts';

/**
 * Makes what is missing of `path`, each part with `mode`, and gives it to `owner`.
 * @throws the error of mkdir(2), EEXIST for what is no directory
 */
export function makeDirectory(path: string, mode = 0o777, owner: FileOwner | null = null): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent, mode, owner);
  try {
    mkdirSync(path, { mode });
    giveDirectoryTo(path, owner);
  } catch (error) {
    // Another process may have been faster.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
