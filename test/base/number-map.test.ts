// The map of addresses against JavaScript's own Map.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberMap } from '../../src/base/number-map.ts';

/** Few keys, so that they meet again; among them those whose lower 32 bits are the same. */
const key = fc.constantFrom(0, 1, 2, 0xc0a8_3201, 0xffff_ffff, 0x1_0000_0001, 0x0200_c0a8_3201);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: fc.oneof(key, fc.maxSafeNat()) }) },
  { weight: 3, arbitrary: fc.record({ delete: key }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
);

test('it holds what a Map holds, in the same order', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const map = new NumberMap<number>();
      const model = new Map<number, number>();
      for (const [index, what] of actions.entries()) {
        if ('set' in what) {
          map.set(what.set, index);
          model.set(what.set, index);
        } else if ('delete' in what) {
          expect(map.delete(what.delete)).toBe(model.delete(what.delete));
        } else {
          map.clear();
          model.clear();
        }
        expect(map.size).toBe(model.size);
      }
      expect([...map.entries()]).toEqual([...model]);
      for (const [known, value] of model) expect(map.get(known)).toBe(value);
    }),
  );
});

test('an entry may be deleted while all are visited', () => {
  const map = new NumberMap<string>();
  for (let i = 0; i < 100; i++) map.set(i, `${i}`);
  for (const [number] of map.entries()) if (number % 3 > 0) map.delete(number);
  expect([...map.entries()].map(([number]) => number)).toEqual(
    Array.from({ length: 34 }, (_, index) => 3 * index),
  );
});
