import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventHeap, type HeapEntry } from '../../src/sim/event-heap.ts';

interface Entry extends HeapEntry {
  deadline: number;
  readonly sequence: number;
}

/** The total order, as plainly as it can be said. */
function byOrder(a: Entry, b: Entry): number {
  return a.deadline - b.deadline || a.sequence - b.sequence;
}

// What `value` says depends on the act: a deadline, or which of the entries.
const act = fc.record({
  what: fc.constantFrom('push', 'push', 'push', 'pop', 'remove', 'later'),
  value: fc.nat(60),
});

// Deep enough that what fills a gap may have to rise.
const deadlines = fc.array(fc.nat(60), { minLength: 10, maxLength: 40 });

test('gives what is due first, whatever was added, taken out or put off meanwhile', () => {
  fc.assert(
    fc.property(deadlines, fc.array(act, { maxLength: 120 }), (first, acts) => {
      const heap = new EventHeap<Entry>();
      let sequence = 0;
      let model: Entry[] = first.map((deadline) => ({ deadline, sequence: sequence++, index: -1 }));
      for (const entry of model) heap.push(entry);
      for (const { what, value } of acts) {
        const some = model[value % Math.max(1, model.length)];
        if (what === 'push') {
          const entry = { deadline: value, sequence: sequence++, index: -1 };
          heap.push(entry);
          model.push(entry);
        } else if (what === 'pop') {
          const expected = model.toSorted(byOrder)[0] ?? null;
          expect(heap.pop()).toBe(expected);
          model = model.filter((entry) => entry !== expected);
        } else if (some !== undefined && what === 'remove') {
          heap.remove(some);
          expect(some.index).toBe(-1);
          model = model.filter((entry) => entry !== some);
        } else if (some !== undefined) {
          some.deadline += value;
          heap.sink(some);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.peek()).toBe(model.toSorted(byOrder)[0] ?? null);
        expect(new Set(model.map(({ index }) => index)).size, 'a place for each').toBe(
          model.length,
        );
      }
      const rest = Array.from({ length: model.length }, () => heap.pop());
      expect(rest).toEqual(model.toSorted(byOrder));
      expect(heap.pop()).toBe(null);
    }),
    { numRuns: 300 },
  );
});
