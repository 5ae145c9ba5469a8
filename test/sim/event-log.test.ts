import { expect, test } from 'vitest';
import { EventLog } from '../../src/sim/event-log.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';

test('an event carries the lab time and who said it', () => {
  const scheduler = new Scheduler();
  const log = new EventLog(scheduler);
  scheduler.after(7, () => log.emit('db', 'powered-off', { by: 'test' }), null, null);
  scheduler.advanceTo(10);
  expect(log.events).toEqual([
    { at: 7, source: 'db', kind: 'powered-off', fields: { by: 'test' } },
  ]);
});

test('a listener hears of what comes after it began, until it stops', () => {
  const log = new EventLog(new Scheduler());
  const heard: string[] = [];
  log.emit('a', 'before', {});
  const stop = log.subscribe(({ kind }) => heard.push(kind));
  log.emit('a', 'during', {});
  stop();
  log.emit('a', 'after', {});
  expect(heard).toEqual(['during']);
});

test('the log is bounded, and says how much it has forgotten', () => {
  const log = new EventLog(new Scheduler(), 10);
  for (let i = 0; i < 105; i++) log.emit('a', `event-${i}`, {});
  expect(log.events.length).toBeLessThan(20);
  expect(log.events.length + log.forgotten).toBe(105);
  expect(log.events.at(-1)?.kind).toBe('event-104');
});
