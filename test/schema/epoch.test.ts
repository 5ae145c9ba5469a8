import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEpoch } from '../../src/schema/epoch.ts';

describe('the epoch of a lab', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0, 0],
    ['2020-05-09T08:00:00Z', 1_589_011_200, 0],
    ['2020-05-09T08:00:00.5Z', 1_589_011_200, 500_000_000],
    ['2020-05-09T08:00:00.123456789z', 1_589_011_200, 123_456_789],
    ['2020-05-09t10:00:00+02:00', 1_589_011_200, 0],
    ['2020-05-09T03:30:00-04:30', 1_589_011_200, 0],
    ['2000-02-29T00:00:00Z', 951_782_400, 0],
    ['9999-12-31T23:59:59Z', 253_402_300_799, 0],
  ])('%s is read', (text, seconds, nanos) => {
    expect(parseEpoch(text)).toEqual({ seconds, nanos });
  });

  test.each([
    '2020-05-09',
    '2020-05-09T08:00:00',
    '2020-05-09 08:00:00Z',
    '2020-13-01T00:00:00Z',
    '2020-00-01T00:00:00Z',
    '2020-04-31T00:00:00Z',
    '2019-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2020-05-09T24:00:00Z',
    '2020-05-09T08:60:00Z',
    '2020-05-09T08:00:60Z',
    '2020-05-09T08:00:00+24:00',
    '2020-05-09T08:00:00.1234567890Z',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+00:01',
    'now',
    '',
  ])('"%s" is refused', (text) => {
    expect(parseEpoch(text)).toBeNull();
  });

  test('agrees with the calendar of JavaScript for every second of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        const text = new Date(seconds * 1000).toISOString();
        expect(parseEpoch(text)).toEqual({ seconds, nanos: 0 });
      }),
    );
  });
});
