import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoanMemory } from '../../src/wire/loan-memory.ts';

/** What a device does: room for the largest, then as much as came. */
function lend(memory: LoanMemory, room: number, length: number): [Uint8Array, number] {
  memory.reserve(room);
  return [memory.bytes, memory.take(length)];
}

describe('memory on loan', () => {
  test('never lends the same octet twice within an instant', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 120 });
    fc.assert(
      fc.property(lengths, (given) => {
        const memory = new LoanMemory();
        const taken = new Map<Uint8Array, number>();
        for (const length of given) {
          const [bytes, start] = lend(memory, 70_000, length);
          expect(start).toBeGreaterThanOrEqual(taken.get(bytes) ?? 0);
          expect(start % 8).toBe(0);
          expect(start + length).toBeLessThanOrEqual(bytes.length);
          taken.set(bytes, start + length);
        }
      }),
    );
  });

  test('is used again when the instant is over', () => {
    const memory = new LoanMemory();
    const [first, start] = lend(memory, 1000, 1000);
    for (let i = 0; i < 2000; i++) lend(memory, 1000, 1000);
    expect(memory.bytes === first).toBe(false);
    memory.reclaim();
    const [again, at] = lend(memory, 1000, 1000);
    expect(again === first).toBe(true);
    expect(at).toBe(start);
  });

  test('grows for a busy instant and gives most of it back', () => {
    const memory = new LoanMemory();
    const seen = new Set<Uint8Array>();
    const fill = (): void => {
      for (let i = 0; i < 40; i++) seen.add(lend(memory, 1024 * 1024, 1024 * 1024)[0]);
    };
    fill();
    expect(seen.size).toBe(40);
    memory.reclaim();
    fill();
    expect(seen.size).toBe(40 + 24);
  });

  test('asks for less than a slab', () => {
    expect(() => new LoanMemory().reserve(1024 * 1024 + 1)).toThrow('fits into a slab');
  });
});
