import fc from 'fast-check';
import { expect, test } from 'vitest';
import { suggest } from '../../src/base/suggest.ts';

test('a known word is meant by itself, whatever its case', () => {
  const word = fc.stringMatching(/^[a-z]{3,8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), fc.nat(), (known, n) => {
      const wanted = known[n % known.length] ?? '';
      expect(suggest(wanted.toUpperCase(), known)).toBe(wanted);
    }),
  );
});

test('two letters in the wrong order are one slip; what is far from all is nothing', () => {
  expect(suggest('eht0', ['eth0', 'lan0'])).toBe('eth0');
  expect(suggest('WROKER01', ['master01', 'worker01'])).toBe('worker01');
  expect(suggest('zebra', ['worker01'])).toBe(null);
  expect(suggest('', ['a'])).toBe('a');
  expect(suggest('x'.repeat(65), ['x'.repeat(65)])).toBe(null);
});
