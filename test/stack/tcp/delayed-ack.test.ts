import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../../src/sim/scheduler.ts';
import { millis, seconds } from '../../../src/sim/time.ts';
import { DelayedAck } from '../../../src/stack/tcp/delayed-ack.ts';
import { RttEstimator } from '../../../src/stack/tcp/rto.ts';

/** Milliseconds at which the timer has acknowledged. */
function fixture(): {
  scheduler: Scheduler;
  rtt: RttEstimator;
  delayed: DelayedAck;
  times: number[];
} {
  const scheduler = new Scheduler();
  const rtt = new RttEstimator();
  const times: number[] = [];
  const delayed = new DelayedAck(scheduler, rtt, () => {
    times.push(scheduler.now / millis(1));
    delayed.sent(false);
  });
  return { scheduler, rtt, delayed, times };
}

describe('quick acknowledgments', () => {
  test('the first data grants at most 16 of them', () => {
    const { delayed } = fixture();
    for (let i = 0; i < 16; i++) {
      delayed.heard(59);
      expect(delayed.isQuick).toBe(true);
      delayed.sent(false);
    }
    delayed.heard(59);
    expect(delayed.isQuick).toBe(false);
  });

  test('so does data after a pause longer than the retransmission timeout', () => {
    const { scheduler, delayed } = fixture();
    delayed.heard(2);
    delayed.sent(false);
    delayed.heard(2);
    delayed.sent(false);
    expect(delayed.isQuick).toBe(false);
    scheduler.advanceTo(seconds(2));
    delayed.heard(2);
    expect(delayed.isQuick).toBe(true);
  });

  test('an application that answers at once ends them, an error brings them back', () => {
    const { delayed } = fixture();
    delayed.heard(16);
    delayed.sent(true);
    delayed.heard(16);
    expect(delayed.isQuick).toBe(false);
    delayed.hasten(16);
    expect(delayed.isQuick).toBe(true);
  });
});

describe('the delay', () => {
  test('before any data it is the next tick', () => {
    const { scheduler, delayed, times } = fixture();
    scheduler.advanceTo(millis(5));
    delayed.due = true;
    expect(delayed.wait()).toBe(false);
    scheduler.advanceTo(seconds(1));
    expect(times).toEqual([8]);
  });

  test('with data it is 40 ms and what is left of the tick', () => {
    const { scheduler, delayed, times } = fixture();
    delayed.heard(0);
    scheduler.advanceTo(millis(5));
    delayed.heard(0);
    delayed.wait();
    scheduler.advanceTo(seconds(1));
    expect(times).toEqual([48]);
  });

  test('what comes in the last two ticks of it is acknowledged at once', () => {
    const { scheduler, delayed } = fixture();
    delayed.heard(0);
    delayed.wait();
    scheduler.advanceTo(millis(31));
    expect(delayed.wait()).toBe(false);
    scheduler.advanceTo(millis(32));
    expect(delayed.wait()).toBe(true);
  });

  test('it grows where nobody answers in time, up to the round trip', () => {
    const { scheduler, rtt, delayed, times } = fixture();
    rtt.sample(millis(100), 0, 1);
    for (let i = 0; i < 4; i++) {
      delayed.heard(0);
      delayed.wait();
      scheduler.advanceTo(scheduler.now + millis(200));
    }
    expect(times).toEqual([44, 284, 504, 704]);
  });

  test('a connection that stops leaves no timer behind', () => {
    const { scheduler, delayed, times } = fixture();
    delayed.heard(0);
    delayed.wait();
    delayed.stop();
    scheduler.advanceTo(seconds(1));
    expect(times).toEqual([]);
  });
});
