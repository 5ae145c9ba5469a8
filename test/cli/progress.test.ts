import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';
import { fakeIo } from './fake-io.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a long run shows how far it has come, after two seconds and on a terminal only', () => {
  const [terminal, file] = [fakeIo({ isTerminal: true }), fakeIo()];
  const [onTerminal, inFile] = [
    new Progress(terminal.stderr, 60e9),
    new Progress(file.stderr, 60e9),
  ];
  vi.advanceTimersByTime(1900);
  onTerminal.update(10e9);
  expect(terminal.err()).toBe('');

  vi.advanceTimersByTime(200);
  for (const progress of [onTerminal, inFile]) progress.update(15e9);
  expect(terminal.err()).toBe('\r\x1b[2K15 s of 60 s of lab time, 25 %, 2 s');
  expect(file.err()).toBe('');

  vi.advanceTimersByTime(100);
  onTerminal.update(16e9);
  expect(terminal.err(), 'it is not redrawn at each breath').not.toContain('16 s');

  onTerminal.clear();
  onTerminal.clear();
  expect(terminal.err().endsWith(', 2 s\r\x1b[2K')).toBe(true);
  expect(onTerminal.wallSeconds).toBeCloseTo(2.2);
});
