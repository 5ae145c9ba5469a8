import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../../src/scenario/report.ts';
import { Timeline } from '../../../src/scenario/timeline/timeline.ts';
import type { LabEvent } from '../../../src/sim/event-log.ts';

const NOBODY = { has: (): boolean => false };
const event = (kind: string, fields: LabEvent['fields'] = {}, at = 0): LabEvent => ({
  at,
  source: 'worker01',
  kind,
  fields,
});

test('has the events with something to say, in their order, and tells each at once', () => {
  const told: TimelineEntry[] = [];
  const timeline = new Timeline(NOBODY, (entry) => told.push(entry));
  timeline.observe(event('powered-off', {}, 5));
  timeline.observe(event('plugged-in', {}, 6));
  timeline.observe(event('nobody-knows-this', {}, 7));
  timeline.observe(event('healed', {}, 7));
  expect(timeline.entries).toEqual([
    { at: 5, source: 'worker01', kind: 'powered-off', text: 'power off', fields: {} },
    { at: 7, source: 'worker01', kind: 'healed', text: 'healed', fields: {} },
  ]);
  expect(told).toEqual(timeline.entries);
  expect(timeline.omitted).toBe(0);
});

test('asks what is news when it happens, not when it is over', () => {
  const contested = new Set<string>();
  const timeline = new Timeline(contested, null);
  const added = event('address-added', { address: '10.0.0.9/24', interface: 'eth0' });
  timeline.observe(added);
  contested.add('10.0.0.9');
  timeline.observe(added);
  expect(timeline.entries).toHaveLength(1);
});

test('makes one line of what was said in several', () => {
  const timeline = new Timeline(NOBODY, null);
  timeline.observe(event('oc-failed', { message: 'Error: a is not there\nError: nor is b\n' }));
  timeline.observe(event('oc-command', { command: 'oc patch x -p "{\n  a: 1\r\n}"' }));
  expect(timeline.entries.map(({ text }) => text)).toEqual([
    'Error: a is not there; Error: nor is b',
    'patch x -p "{ a: 1 }"',
  ]);
});

test('ends at a bound, and counts the rest', () => {
  let told = 0;
  const timeline = new Timeline(NOBODY, () => told++);
  const healed = event('healed');
  for (let i = 0; i < 100_003; i++) timeline.observe(healed);
  timeline.observe(event('plugged-in'));
  expect(timeline.entries).toHaveLength(100_000);
  expect([timeline.omitted, told]).toEqual([3, 100_000]);
});
