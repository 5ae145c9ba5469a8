// Lab time that follows a clock: tasks keep their own deadlines, lag follows its policy, and what is
// done from outside happens in the lab's order. The clock is the test's.

import { describe, expect, test } from 'vitest';
import type { DriverEvents } from '../../src/lab/events.ts';
import {
  type Doorbell,
  RealtimeDriver,
  TimerDoorbell,
} from '../../src/platform/realtime-driver.ts';
import { EventLog } from '../../src/sim/event-log.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { millis, type Nanos, NEVER, seconds } from '../../src/sim/time.ts';

/** A clock that goes on only while somebody waits, by exactly as much as asked for and `late`. */
class World implements Doorbell {
  now: Nanos = 0;
  late: Nanos = 0;
  readonly scheduler = new Scheduler();
  readonly events = new EventLog<DriverEvents>(this.scheduler);
  readonly abort = new AbortController();
  readonly waits: Nanos[] = [];
  serving: () => boolean = () => false;
  rung = 0;

  driver(lagPolicy: 'best-effort' | 'strict' = 'best-effort'): RealtimeDriver {
    const { scheduler, events } = this;
    const clock = (): Nanos => this.now;
    return new RealtimeDriver({ scheduler, events, doorbell: this, lagPolicy, clock, origin: 0 });
  }

  async wait(atMost: Nanos): Promise<void> {
    this.waits.push(atMost);
    if (atMost === NEVER) this.abort.abort();
    else this.now += atMost + this.late;
  }

  serve(): boolean {
    return this.serving();
  }

  ring(): void {
    this.rung++;
  }

  /** Notes when a task ran, in lab time. */
  at(deadline: Nanos, into: Nanos[]): void {
    this.scheduler.at(deadline, () => into.push(this.scheduler.now), null, null);
  }
}

describe('the real-time driver', () => {
  test('sleeps exactly until something is due, and for ever when nothing is', async () => {
    const world = new World();
    const ran: Nanos[] = [];
    world.at(millis(5), ran);
    world.at(millis(7), ran);
    await world.driver().run(world.abort.signal);
    expect(ran).toEqual([millis(5), millis(7)]);
    expect(world.waits).toEqual([millis(5), millis(2), NEVER]);
  });

  test('runs a task at its own deadline, however late', async () => {
    const world = new World();
    world.late = millis(3);
    const ran: Nanos[] = [];
    world.at(millis(5), ran);
    world.at(millis(6), ran);
    const driver = world.driver();
    await driver.run(world.abort.signal);
    expect(ran).toEqual([millis(5), millis(6)]);
    expect(driver.worstLag).toBe(millis(3));
    expect(world.events.events).toEqual([]);
  });

  test('tells a lag beyond the limit, once in ten seconds, and catches up', async () => {
    const world = new World();
    world.late = millis(500);
    const ran: Nanos[] = [];
    for (let i = 1; i <= 20; i++) world.at(seconds(i), ran);
    await world.driver().run(world.abort.signal);
    expect(ran).toHaveLength(20);
    expect(world.events.events.map(({ kind }) => kind)).toEqual(['realtime-lag', 'realtime-lag']);
    expect(world.events.events[0]?.fields).toEqual({ lag: millis(500) });
  });

  test('stops at such a lag under the strict policy', async () => {
    const world = new World();
    world.late = millis(101);
    world.at(seconds(1), []);
    await expect(world.driver('strict').run(world.abort.signal)).rejects.toMatchObject({
      code: 'EGL_REALTIME_LAG',
      fault: 'environment',
    });
  });

  test('does not hold the time that building the lab took against it', async () => {
    const world = new World();
    world.now = seconds(3);
    const ran: Nanos[] = [];
    world.at(seconds(1), ran);
    await world.driver('strict').run(world.abort.signal);
    expect(ran).toEqual([seconds(1)]);
  });

  test('takes in what arrives at the present time of the lab', async () => {
    const world = new World();
    const seen: Nanos[] = [];
    let bursts = 3;
    world.at(millis(4), []);
    world.serving = () => {
      if (world.now < millis(4) || bursts === 0) return false;
      world.scheduler.post(() => seen.push(world.scheduler.now), null, null);
      return --bursts > 0;
    };
    await world.driver().run(world.abort.signal);
    expect(seen).toEqual([millis(4), millis(4), millis(4)]);
  });

  test('does what it is told from outside in the present instant, with all that follows at once', () => {
    const world = new World();
    const driver = world.driver();
    world.now = millis(12);
    const order: string[] = [];
    const result = driver.perform(() => {
      order.push(`acts at ${world.scheduler.now}`);
      world.scheduler.post(() => order.push('follows'), null, null);
      return 'done';
    });
    expect(result).toBe('done');
    expect(order).toEqual([`acts at ${millis(12)}`, 'follows']);
    expect(world.rung).toBe(1);
  });

  test('hands on what stops a lab', async () => {
    const world = new World();
    world.scheduler.at(
      1,
      () => {
        throw new Error('stop');
      },
      null,
      null,
    );
    await expect(world.driver().run(world.abort.signal)).rejects.toThrow('stop');
  });
});

describe('a doorbell without kernel devices', () => {
  test('ends its wait when it is rung, before or meanwhile', async () => {
    const bell = new TimerDoorbell();
    bell.ring();
    await bell.wait(NEVER);
    const waiting = bell.wait(NEVER);
    bell.ring();
    await waiting;
    expect(bell.serve()).toBe(false);
  });
});
