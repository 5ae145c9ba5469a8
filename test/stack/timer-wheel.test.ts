import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../src/sim/time.ts';
import { JIFFY, timerExpiry } from '../../src/stack/timer-wheel.ts';

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
