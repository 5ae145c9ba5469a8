// How a lab waits for frames: on a clock and a poller of the test's own, so that nothing is timed.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { InterruptModeration } from '../../src/platform/interrupt-moderation.ts';
import type { Poller } from '../../src/platform/linux/poller.ts';
import { micros, millis, type Nanos, NEVER, seconds } from '../../src/sim/time.ts';

const clock = vi.hoisted(() => ({ now: 0 }));

vi.mock('../../src/platform/realtime-driver.ts', () => ({ monotonicClock: () => clock.now }));

/** Writes down how it is asked to wait. `arrivals`: what is ready after each pause. */
class FakePoller {
  readonly calls: string[] = [];
  arrivals = 0;
  wait(atMost: Nanos): Promise<void> {
    this.calls.push(`wait ${atMost}`);
    return Promise.resolve();
  }
  waitHere(atMost: Nanos): boolean {
    this.calls.push(`here ${atMost}`);
    return this.arrivals > 0;
  }
  pause(nanos: Nanos): void {
    this.calls.push(`pause ${nanos}`);
  }
}

let poller = new FakePoller();
let moderation = new InterruptModeration(poller as unknown as Poller);

beforeEach(() => {
  clock.now = seconds(100);
  poller = new FakePoller();
  // Only what is asked of it counts; a Poller proper opens descriptors.
  moderation = new InterruptModeration(poller as unknown as Poller);
});

/** `frames` have come since the last wait, and `passed` of time: how is the next frame awaited? */
async function waits(
  frames: number,
  passed: Nanos,
  atMost: Nanos = NEVER,
  size = 66,
): Promise<string[]> {
  moderation.count(frames, frames * size);
  clock.now += passed;
  poller.calls.length = 0;
  await moderation.wait(atMost);
  return [...poller.calls];
}

const HERE = [`here ${millis(1)}`];
const AWAY = [`wait ${NEVER}`];

describe('a silent lab', () => {
  test('waits in another thread, as long as it may', async () => {
    expect(await waits(0, 0)).toEqual(AWAY);
    expect(await waits(0, seconds(5))).toEqual(AWAY);
    expect(await waits(0, 0, millis(3))).toEqual([`wait ${millis(3)}`]);
  });
});

describe('after a frame', () => {
  test('the next is awaited here for 20 ms, a millisecond at a time', async () => {
    expect(await waits(1, millis(2))).toEqual(HERE);
    expect(await waits(0, millis(10))).toEqual(HERE);
    expect(await waits(0, millis(10) - 1)).toEqual(HERE);
    expect(await waits(0, 1)).toEqual(AWAY);
  });

  test('no deadline is missed by it', async () => {
    expect(await waits(1, millis(2), micros(30))).toEqual([`here ${micros(30)}`]);
  });

  test('that comes within the window before it is measured counts as well', async () => {
    await waits(0, millis(5));
    expect(await waits(1, micros(10))).toEqual(HERE);
  });
});

describe('a stream', () => {
  const GATHERED = [`pause ${micros(60)}`, 'here 0'];

  test('of 16 frames in a millisecond is let gather', async () => {
    poller.arrivals = 1;
    await waits(0, millis(1));
    expect(await waits(15, millis(1))).toEqual(HERE);
    expect(await waits(16, millis(1))).toEqual(GATHERED);
  });

  test('is one by its rate, however long since it was measured', async () => {
    poller.arrivals = 1;
    await waits(0, millis(1));
    expect(await waits(16, millis(2))).toEqual(HERE);
    expect(await waits(32, millis(2))).toEqual(GATHERED);
  });

  test('that has nothing to gather is awaited as any frame is', async () => {
    poller.arrivals = 0;
    await waits(0, millis(1));
    expect(await waits(20, millis(1))).toEqual([...GATHERED, ...HERE]);
  });

  test('no deadline is missed while it gathers', async () => {
    poller.arrivals = 1;
    await waits(0, millis(1));
    expect(await waits(20, millis(1), micros(5))).toEqual([`pause ${micros(5)}`, 'here 0']);
  });

  test('stays one until a millisecond has shown that it is none', async () => {
    poller.arrivals = 1;
    await waits(0, millis(1));
    await waits(20, millis(1));
    expect(await waits(0, micros(900))).toEqual(GATHERED);
    expect(await waits(0, micros(100))).toEqual(HERE);
  });

  test('of large frames is not held up', async () => {
    poller.arrivals = 1;
    await waits(0, millis(1));
    expect(await waits(20, millis(1), NEVER, 1514)).toEqual(GATHERED);
    expect(await waits(20, millis(1), NEVER, 2048)).toEqual(HERE);
  });

  test('frames count together over several waits', async () => {
    poller.arrivals = 1;
    await waits(0, millis(1));
    for (let i = 0; i < 9; i++) expect(await waits(2, micros(100))).toEqual(HERE);
    expect(await waits(2, micros(100))).toEqual(GATHERED);
  });
});
