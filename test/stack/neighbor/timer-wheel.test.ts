import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../../src/sim/scheduler.ts';
import { millis, seconds } from '../../../src/sim/time.ts';
import { JIFFY, TimerWheel, timerExpiry } from '../../../src/stack/neighbor/timer-wheel.ts';

describe('a kernel timer', () => {
  it('never fires early, and at most an eighth and two ticks late', () => {
    fc.assert(
      fc.property(fc.nat(seconds(3600)), fc.nat(seconds(600)), (now, delay) => {
        const late = timerExpiry(now, delay) - now - delay;
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(delay / 7 + 2 * JIFFY);
      }),
    );
  });

  it.each([
    ['ping -i 0.1', 0.1, 0.104, 0.108],
    ['retrans_time', 1, 1, 1.036],
    ['delay_first_probe_time', 5, 5, 5.26],
    ['the shortest reachable_time', 15, 15, 15.26],
    ['the longest reachable_time', 45, 45, 47.1],
  ])('of %s is as late as measured', (_name, delay, earliest, latest) => {
    for (let now = 0; now < seconds(5); now += millis(7)) {
      const elapsed = (timerExpiry(now, seconds(delay)) - now) / 1e9;
      expect(elapsed).toBeGreaterThanOrEqual(earliest - 0.004);
      expect(elapsed).toBeLessThanOrEqual(latest);
    }
  });
});

describe('the wheel', () => {
  /** Names in the order in which their timers have fired. */
  function fixture(): {
    scheduler: Scheduler;
    wheel: TimerWheel;
    fired: string[];
    named: (name: string) => { expire(): void };
  } {
    const scheduler = new Scheduler();
    const fired: string[] = [];
    const named = (name: string): { expire(): void } => ({ expire: () => fired.push(name) });
    return { scheduler, wheel: new TimerWheel(scheduler), fired, named };
  }

  it('wakes those of one bucket in the reverse of the order of arming', () => {
    const { scheduler, wheel, fired, named } = fixture();
    wheel.arm(seconds(1), named('first'), false);
    scheduler.advanceTo(millis(5));
    wheel.arm(seconds(1), named('second'), true);
    wheel.arm(seconds(1), named('third'), false);
    scheduler.advanceTo(seconds(2));
    expect(fired).toEqual(['third', 'second', 'first']);
  });

  it('wakes the long ones first', () => {
    const { scheduler, wheel, fired, named } = fixture();
    const end = timerExpiry(0, seconds(5));
    wheel.arm(seconds(5), named('long'), false);
    scheduler.advanceTo(end - millis(44));
    wheel.arm(millis(40), named('short'), false);
    scheduler.advanceTo(end - 1);
    expect(fired).toEqual([]);
    scheduler.advanceTo(end);
    expect(fired).toEqual(['long', 'short']);
  });

  it('does not wake who was disarmed, not even by one of the same bucket', () => {
    const { scheduler, wheel, fired, named } = fixture();
    const early = wheel.arm(seconds(1), named('early'), false);
    const late = wheel.arm(seconds(1), named('late'), false);
    wheel.arm(seconds(1), { expire: () => wheel.disarm(early) }, false);
    wheel.disarm(late);
    scheduler.advanceTo(seconds(2));
    expect(fired).toEqual([]);
  });

  it('keeps a lab busy only as long as one of the timers is not in the background', () => {
    const { scheduler, wheel, named } = fixture();
    wheel.arm(seconds(1), named('background'), true);
    expect(scheduler.idle).toBe(true);
    const timer = wheel.arm(seconds(1), named('foreground'), false);
    expect(scheduler.idle).toBe(false);
    wheel.disarm(timer);
    expect(scheduler.idle).toBe(true);
  });
});
