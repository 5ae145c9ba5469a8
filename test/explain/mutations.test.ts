// A short campaign; `npm run fuzz:captures -- 1000000` is a long one.

import { expect, test } from 'vitest';
import { explainBytes, mutated } from './mutations.ts';

test('damaged captures are explained to their end, whatever they say', () => {
  const failed: string[] = [];
  for (let seed = 1; seed <= 400; seed++) {
    try {
      explainBytes(mutated(seed));
    } catch (error) {
      failed.push(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  expect(failed.slice(0, 3)).toEqual([]);
});
