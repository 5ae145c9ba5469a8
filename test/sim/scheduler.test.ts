import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { micros, NEVER, seconds } from '../../src/sim/time.ts';

function recorder(): { seen: string[]; note: (name: string, scheduler: Scheduler) => void } {
  const seen: string[] = [];
  return { seen, note: (name, scheduler) => seen.push(`${name}@${scheduler.now}`) };
}

describe('Scheduler', () => {
  test('runs tasks in the order of deadline, then of asking', () => {
    const scheduler = new Scheduler();
    const { seen, note } = recorder();
    scheduler.after(20, note, 'late', scheduler);
    scheduler.after(10, note, 'first', scheduler);
    scheduler.after(10, note, 'second', scheduler);
    scheduler.advanceTo(15);
    expect(seen).toEqual(['first@10', 'second@10']);
    expect(scheduler.now).toBe(15);
    expect(scheduler.nextDeadline()).toBe(20);
  });

  test('a posted task runs in the same instant, after what is already due', () => {
    const scheduler = new Scheduler();
    const { seen, note } = recorder();
    scheduler.after(10, () => scheduler.post(note, 'posted', scheduler), null, null);
    scheduler.after(10, note, 'due', scheduler);
    scheduler.advanceTo(10);
    expect(seen).toEqual(['due@10', 'posted@10']);
  });

  test('a cancelled timer does not run, and cancelling twice is harmless', () => {
    const scheduler = new Scheduler();
    const { seen, note } = recorder();
    const timer = scheduler.after(10, note, 'never', scheduler);
    scheduler.cancel(timer);
    scheduler.cancel(timer);
    scheduler.advanceTo(seconds(1));
    expect(seen).toEqual([]);
    expect(timer.pending).toBe(false);
    expect(scheduler.nextDeadline()).toBe(NEVER);
  });

  test('a timer may cancel another that is due in the same instant', () => {
    const scheduler = new Scheduler();
    const { seen, note } = recorder();
    scheduler.after(10, () => scheduler.cancel(victim), null, null);
    const victim = scheduler.after(10, note, 'victim', scheduler);
    scheduler.advanceTo(10);
    expect(seen).toEqual([]);
  });

  test('background timers do not keep the lab busy', () => {
    const scheduler = new Scheduler();
    scheduler.after(10, () => {}, null, null, { background: true });
    expect(scheduler.idle).toBe(true);
    scheduler.after(5, () => {}, null, null);
    expect(scheduler.idle).toBe(false);
    scheduler.advanceTo(5);
    expect(scheduler.idle).toBe(true);
  });

  test('tasks of lanes and timers share one total order', () => {
    const scheduler = new Scheduler();
    const { seen, note } = recorder();
    const lane = scheduler.lane();
    lane.push(10, note, 'lane-1', scheduler);
    scheduler.after(10, note, 'timer', scheduler);
    lane.push(10, note, 'lane-2', scheduler);
    lane.push(12, note, 'lane-3', scheduler);
    scheduler.advanceTo(20);
    expect(seen).toEqual(['lane-1@10', 'timer@10', 'lane-2@10', 'lane-3@12']);
  });

  test('a lane refuses deadlines that fall', () => {
    const lane = new Scheduler().lane();
    lane.push(10, () => {}, null, null);
    expect(() => lane.push(9, () => {}, null, null)).toThrow('never fall');
  });

  test('a lab that feeds itself within one instant is stopped by name', () => {
    const scheduler = new Scheduler({ tasksPerInstant: 1000 });
    const again = (): void => scheduler.post(again, null, null);
    scheduler.after(micros(3), again, null, null);
    expect(() => scheduler.advanceTo(seconds(1))).toThrow(
      expect.objectContaining({ code: 'EGL_EVENT_STORM' }),
    );
  });

  test('whatever is scheduled and cancelled, the rest runs in (deadline, sequence) order', () => {
    const operation = fc.record({
      delay: fc.integer({ min: 1, max: 20 }),
      kind: fc.constantFrom('timer', 'lane', 'cancel'),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const scheduler = new Scheduler();
        const ran: [number, number][] = [];
        const expected: [number, number][] = [];
        const run = (deadline: number, id: number): void => {
          expect(scheduler.now).toBe(deadline);
          ran.push([deadline, id]);
        };
        const timers: { timer: ReturnType<Scheduler['after']>; id: number }[] = [];
        const cancelled = new Set<number>();
        const lane = scheduler.lane();
        let last = 0;
        operations.forEach(({ delay, kind }, id) => {
          if (kind === 'timer') {
            timers.push({ timer: scheduler.after(delay, run, delay, id), id });
            expected.push([delay, id]);
          } else if (kind === 'lane') {
            last += delay;
            lane.push(last, run, last, id);
            expected.push([last, id]);
          } else {
            const victim = timers[delay];
            if (victim === undefined) return;
            scheduler.cancel(victim.timer);
            cancelled.add(victim.id);
          }
        });
        scheduler.advanceTo(1e6);
        const wanted = expected
          .filter(([, id]) => !cancelled.has(id))
          .sort(([a, i], [b, j]) => a - b || i - j);
        expect(ran).toEqual(wanted);
      }),
    );
  });
});
