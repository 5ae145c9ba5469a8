// Where the project is: this code runs from test/ under vitest and compiled from out/ by itself.

import { existsSync } from 'node:fs';

function findRoot(): URL {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('../', folder);
    if (parent.href === folder.href) throw new Error('there is no package.json above this file');
    folder = parent;
  }
  return folder;
}

export const PROJECT: URL = findRoot();
/** The measured fixtures, and the scripts that made them. */
export const FIXTURES: URL = new URL('test/fixtures/groundtruth/', PROJECT);
/** What differences leave behind. */
export const OUTPUT: URL = new URL('out/kernel-truth/', PROJECT);
