import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PersistentMap } from '../../src/base/persistent-map.ts';

const step = fc.tuple(fc.string({ maxLength: 2 }), fc.option(fc.integer()));

describe('PersistentMap', () => {
  test('holds what a Map holds after the same changes, and older maps stay as they were', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let map = PersistentMap.of<number>();
        const model = new Map<string, number>();
        const older: { readonly map: PersistentMap<number>; readonly model: unknown }[] = [];
        for (const [key, value] of steps) {
          older.push({ map, model: new Map(model) });
          if (value === null) model.delete(key);
          else model.set(key, value);
          map = value === null ? map.without(key) : map.with(key, value);
          expect(map.get(key)).toBe(model.get(key));
        }
        for (const each of [...older, { map, model }]) {
          expect(new Map(each.map.entries())).toEqual(each.model);
          expect(each.map.size).toBe(new Map(each.map.entries()).size);
        }
        expect([...PersistentMap.of(model).values()].sort()).toEqual([...model.values()].sort());
      }),
    );
  });

  test('taking out what is missing changes nothing', () => {
    const map = PersistentMap.of([['a', 1]]);
    expect(map.without('b')).toBe(map);
  });
});
