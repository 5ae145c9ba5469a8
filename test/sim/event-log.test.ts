// The log of what happened, and that the compiler knows every kind and field of it.

import { describe, expect, test } from 'vitest';
import { type Emitter, EventLog, type NoFields } from '../../src/sim/event-log.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';

interface Doors {
  readonly opened: { readonly by: string };
  readonly closed: NoFields;
}

interface Lamps {
  readonly lit: { readonly watts: number; readonly color: string | null };
}

type House = Doors & Lamps;

test('an event carries the lab time and who said it', () => {
  const scheduler = new Scheduler();
  const log = new EventLog<Doors>(scheduler);
  scheduler.after(7, () => log.emit('db', 'opened', { by: 'test' }), null, null);
  scheduler.advanceTo(10);
  expect(log.events).toEqual([{ at: 7, source: 'db', kind: 'opened', fields: { by: 'test' } }]);
});

test('a listener hears of what comes after it began, until it stops', () => {
  const log = new EventLog<House>(new Scheduler());
  const heard: string[] = [];
  log.emit('a', 'closed', {});
  const stop = log.subscribe(({ kind }) => heard.push(kind));
  log.emit('a', 'opened', { by: 'b' });
  stop();
  log.emit('a', 'closed', {});
  expect(heard).toEqual(['opened']);
});

test('the log is bounded, and says how much it has forgotten', () => {
  const log = new EventLog<Doors>(new Scheduler(), 10);
  for (let i = 0; i < 105; i++) log.emit('a', 'opened', { by: String(i) });
  expect(log.events.length).toBeLessThan(20);
  expect(log.events.length + log.forgotten).toBe(105);
  expect(log.events.at(-1)?.fields).toEqual({ by: '104' });
});

// `tsc` fails on an expected error that does not come.
describe('what does not compile', () => {
  const log = new EventLog<House>(new Scheduler());

  test('an unknown kind', () => {
    // @ts-expect-error: nobody knows 'broken'
    log.emit('a', 'broken', {});
    // @ts-expect-error: nor can it be asked for
    expect(log.events.some(({ kind }) => kind === 'shut')).toBe(false);
  });

  test('a field that is missing, of another type, or one too many', () => {
    // @ts-expect-error: by is missing
    log.emit('a', 'opened', {});
    // @ts-expect-error: watts is a number
    log.emit('a', 'lit', { watts: '60', color: null });
    // @ts-expect-error: closed has no fields
    log.emit('a', 'closed', { by: 'b' });
    // @ts-expect-error: opened has no color
    log.emit('a', 'opened', { by: 'b', color: 'red' });
    expect(log.events).not.toHaveLength(0);
  });

  test('to read a field of another kind, or before the kind is known', () => {
    const log = new EventLog<House>(new Scheduler());
    const read: unknown[] = [];
    log.subscribe((event) => {
      // @ts-expect-error: only opened has it
      read.push(event.fields.by);
      if (event.kind === 'opened') {
        read.push(event.fields.by);
        // @ts-expect-error: only lit has it
        read.push(event.fields.watts);
      }
      // @ts-expect-error: closed has none
      if (event.kind === 'closed') read.push(event.fields.by);
    });
    log.emit('a', 'opened', { by: 'b' });
    expect(read).toEqual(['b', 'b', undefined]);
  });

  test('to write with a narrow emitter what only the log knows, or to give a narrow log for a wide one', () => {
    const doors: Emitter<Doors> = log;
    doors.emit('a', 'closed', {});
    // @ts-expect-error: an emitter of doors knows no lamps
    doors.emit('a', 'lit', { watts: 60, color: null });
    // @ts-expect-error: who wants lamps is not served by a log of doors
    const lamps: Emitter<Lamps> = new EventLog<Doors>(new Scheduler());
    // @ts-expect-error: nor is who wants both
    const house: Emitter<House> = doors;
    expect([lamps, house]).toHaveLength(2);
  });

  test('an event map whose fields JSON would not keep', () => {
    // @ts-expect-error: a Map is no value of a field
    const maps = new EventLog<{ readonly kept: { readonly all: Map<string, string> } }>(
      new Scheduler(),
    );
    expect(maps.events).toEqual([]);
  });
});
