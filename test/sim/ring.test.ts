import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TaskRing } from '../../src/sim/ring.ts';

test('runs what was added in the order of adding, however it grows and wraps', () => {
  const capacities = fc.constantFrom(1, 2, 16);
  fc.assert(
    fc.property(capacities, fc.array(fc.boolean(), { maxLength: 200 }), (capacity, acts) => {
      const ring = new TaskRing(capacity);
      const done: unknown[] = [];
      const waiting: number[] = [];
      let next = 0;
      for (const adds of acts) {
        if (adds || waiting.length === 0) {
          ring.pushAt(next * 10, next, (a, b) => done.push([a, b]), next, -next);
          waiting.push(next++);
        } else {
          const first = waiting.shift() ?? 0;
          expect([ring.headDeadline, ring.headSequence]).toEqual([first * 10, first]);
          ring.runHead();
          expect(done.at(-1)).toEqual([first, -first]);
        }
        expect(ring.size).toBe(waiting.length);
      }
      while (ring.size > 0) ring.runHead();
      expect(done).toHaveLength(next);
    }),
    { numRuns: 200 },
  );
});

test('a task may add tasks, also when that makes the ring grow', () => {
  const ring = new TaskRing(1);
  const done: unknown[] = [];
  const spawn = (depth: unknown): void => {
    done.push(depth);
    if (typeof depth !== 'number' || depth === 0) return;
    ring.push(spawn, depth - 1, null);
    ring.push(spawn, depth - 1, null);
  };
  ring.push(spawn, 4, null);
  while (ring.size > 0) ring.runHead();
  expect(done).toEqual([4, 3, 3, ...Array(4).fill(2), ...Array(8).fill(1), ...Array(16).fill(0)]);
});

test('keeps nothing alive that has run', () => {
  const ring = new TaskRing(1);
  const slot = ring.push(() => {}, { large: true }, 'b');
  ring.runHead();
  expect([slot.a, slot.b]).toEqual([null, null]);
});
