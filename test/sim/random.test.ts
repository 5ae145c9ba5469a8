import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/sim/random.ts';

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

describe('Random', () => {
  test('the same seed gives the same stream, for ever', () => {
    expect(draws(new Random(1), 4)).toEqual(draws(new Random(1), 4));
    expect(draws(new Random(1), 4)).toMatchInlineSnapshot(`
      [
        2420951833,
        2513034076,
        3847892949,
        4064752930,
      ]
    `);
  });

  test('a fork depends on seed and name, not on what was drawn before', () => {
    const root = new Random(7);
    const early = draws(root.fork('link'), 3);
    root.uint32();
    expect(draws(root.fork('link'), 3)).toEqual(early);
    expect(draws(root.fork('other'), 3)).not.toEqual(early);
  });

  test('integers stay within their bounds, both included', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: -50, max: 50 }),
        fc.nat(20),
        (seed, low, span) => {
          const random = new Random(seed);
          for (let i = 0; i < 50; i++) {
            const value = random.integer(low, low + span);
            expect(value).toBeGreaterThanOrEqual(low);
            expect(value).toBeLessThanOrEqual(low + span);
          }
        },
      ),
    );
  });

  test('a shuffle keeps every element', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat()), (seed, list) => {
        const shuffled = new Random(seed).shuffle(list);
        expect([...shuffled].sort()).toEqual([...list].sort());
      }),
    );
  });

  test('unit draws are roughly uniform', () => {
    const random = new Random(42);
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const bucket = Math.floor(random.unit() * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
