// Explains capture files in a test, as the command does.

import { join } from 'node:path';
import { Explainer } from '../../src/explain/explainer.ts';
import type { Explanation } from '../../src/explain/model.ts';
import { openCapture } from '../../src/platform/capture-file.ts';

/** Where the captures of the real kernel are. */
export const FOLDER: string = join(import.meta.dirname, '../fixtures/captures');

/** What the captures say together. */
export async function explainFiles(...names: readonly string[]): Promise<Explanation> {
  const explainer = new Explainer();
  const sources = new Map(
    names.map((name) => {
      const file = explainer.add(name);
      return [file, openCapture(join(FOLDER, name), '/', file)] as const;
    }),
  );
  for (let file = explainer.drain(); file !== null; file = explainer.drain()) {
    if ((await sources.get(file)?.next()) !== true) file.ended = true;
  }
  for (const source of sources.values()) source.close();
  return explainer.conclude();
}
