import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../../src/scenario/report.ts';
import { Timeline } from '../../../src/scenario/timeline/timeline.ts';
import { event } from '../../support/events.ts';

const NOBODY = { isNews: (): boolean => false, ownersOf: (): string[] => [] };

test('has the events with something to say, in their order, and tells each at once', () => {
  const told: TimelineEntry[] = [];
  const timeline = new Timeline(NOBODY, (entry) => told.push(entry));
  timeline.observe(event(5, 'worker01', 'powered-off', {}));
  timeline.observe(event(6, 'worker01', 'plugged-in', {}));
  timeline.observe(event(7, 'worker01', 'healed', {}));
  expect(timeline.entries).toEqual([
    { at: 5, source: 'worker01', kind: 'powered-off', text: 'power off', fields: {} },
    { at: 7, source: 'worker01', kind: 'healed', text: 'healed', fields: {} },
  ]);
  expect(told).toEqual(timeline.entries);
  expect(timeline.omitted).toBe(0);
});

test('asks what is news when it happens, not when it is over', () => {
  const contested = new Set<string>();
  const timeline = new Timeline({ ...NOBODY, isNews: (address) => contested.has(address) }, null);
  const added = event(0, 'worker01', 'address-added', {
    address: '10.0.0.9/24',
    interface: 'eth0',
  });
  timeline.observe(added);
  contested.add('10.0.0.9');
  timeline.observe(added);
  expect(timeline.entries).toHaveLength(1);
});

test('makes one line of what was said in several', () => {
  const timeline = new Timeline(NOBODY, null);
  timeline.observe(
    event(0, 'oc', 'oc-failed', {
      message: 'Error: a is not there\nError: nor is b\n',
      exitCode: 1,
    }),
  );
  const command = 'oc patch x -p "{\n  a: 1\r\n}"';
  timeline.observe(event(0, 'oc', 'oc-command', { command, stdout: '', stderr: '', exitCode: 0 }));
  expect(timeline.entries.map(({ text }) => text)).toEqual([
    'Error: a is not there; Error: nor is b',
    'patch x -p "{ a: 1 }"',
  ]);
});

test('ends at a bound, and counts the rest', () => {
  let told = 0;
  const timeline = new Timeline(NOBODY, () => told++);
  const healed = event(0, 'worker01', 'healed', {});
  for (let i = 0; i < 100_003; i++) timeline.observe(healed);
  timeline.observe(event(0, 'worker01', 'plugged-in', {}));
  expect(timeline.entries).toHaveLength(100_000);
  expect([timeline.omitted, told]).toEqual([3, 100_000]);
});
