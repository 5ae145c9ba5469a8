import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  parseBitRate,
  parseByteSize,
  parseDuration,
} from '../../src/base/quantity.ts';

describe('quantities', () => {
  test.each([
    ['50us', 50_000],
    ['50 µs', 50_000],
    ['1.5s', 1_500_000_000],
    ['2m', 120_000_000_000],
    ['1h', 3_600_000_000_000],
    ['0s', 0],
    ['5', null],
    ['s', null],
    ['-1s', null],
    ['1e3s', null],
    ['1.s', null],
    ['9999999999h', null],
    ['1S', null],
    ['5 constructor', null],
    ['5 toString', null],
  ])('%j is %j nanoseconds', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });

  test('what is printed is read as the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(1, 1e3, 1e6, 1e9),
        (n, unit) => {
          expect(parseDuration(formatDuration(n * unit))).toBe(n * unit);
        },
      ),
    );
    expect([parseBitRate('10Mbit'), parseBitRate('1.5Gbit'), parseBitRate('10Mb')]).toEqual([
      1e7,
      1.5e9,
      null,
    ]);
    expect([parseByteSize('64KiB'), parseByteSize('1MB')]).toEqual([65_536, 1_000_000]);
  });
});
