import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HookPoint, HookPriority, Hooks } from '../../src/stack/hooks.ts';
import { Packet, Verdict } from '../../src/stack/packet.ts';

describe('hooks', () => {
  test('run by priority, equals in the order of registration, removed ones not at all', () => {
    const entry = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const hooks = new Hooks();
        const ran: number[] = [];
        const remove = entries.map(([priority], index) =>
          hooks.register(HookPoint.Forward, priority, () => {
            ran.push(index);
            return Verdict.Accept;
          }),
        );
        entries.forEach(([, removed], index) => {
          if (removed) remove[index]?.();
          // Twice is once.
          if (removed) remove[index]?.();
        });
        expect(hooks.run(HookPoint.Forward, new Packet())).toBe(Verdict.Accept);
        const wanted = entries
          .map(([priority, removed], index) => ({ priority, removed, index }))
          .filter(({ removed }) => !removed)
          .sort((a, b) => a.priority - b.priority || a.index - b.index);
        expect(ran).toEqual(wanted.map(({ index }) => index));
      }),
    );
  });

  test.each([Verdict.Drop, Verdict.Stolen])(
    'end with the first verdict that is not Accept: %i',
    (verdict) => {
      const hooks = new Hooks();
      const ran: string[] = [];
      hooks.register(HookPoint.Input, HookPriority.Filter, () => {
        ran.push('filter');
        return verdict;
      });
      hooks.register(HookPoint.Input, HookPriority.ConntrackConfirm, () => {
        ran.push('confirm');
        return Verdict.Accept;
      });
      expect(hooks.run(HookPoint.Input, new Packet())).toBe(verdict);
      expect(ran).toEqual(['filter']);
      expect(hooks.run(HookPoint.Output, new Packet())).toBe(Verdict.Accept);
    },
  );
});
