import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBreather } from '../../src/cli/breather.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a run breathes every 20 ms of real time, and costs nothing in between', async () => {
  const seen: number[] = [];
  const breathe = createBreather((now) => seen.push(now));
  expect(breathe(1)).toBeNull();
  vi.advanceTimersByTime(19);
  expect(breathe(2)).toBeNull();
  vi.advanceTimersByTime(1);
  const breath = breathe(3);
  expect(breath).toBeInstanceOf(Promise);
  expect(seen).toEqual([3]);
  vi.runAllTimers();
  await breath;
  expect(breathe(4)).toBeNull();
});
