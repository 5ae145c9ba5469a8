// Explains capture files in a test, as the command does.

import { join } from 'node:path';
import { Explainer } from '../../src/explain/explainer.ts';
import type { Explanation } from '../../src/explain/model.ts';
import { explainCaptures } from '../../src/platform/explain-captures.ts';

/** Where the captures of the real kernel are. */
export const FOLDER: string = join(import.meta.dirname, '../fixtures/captures');

/** What the captures say together. */
export async function explainFiles(...names: readonly string[]): Promise<Explanation> {
  const explainer = new Explainer();
  await explainCaptures(names, explainer, { workingDirectory: FOLDER });
  return explainer.conclude();
}
