import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarTime, daysInMonth, daysSince1970 } from '../../src/base/calendar.ts';

const MILLISECONDS_PER_DAY = 86_400e3;

describe('the calendar agrees with that of the platform', () => {
  test('from a moment to its date', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), fc.nat(999_999), (second, micros) => {
        const t = calendarTime(second * 1e6 + micros);
        const date = new Date(second * 1e3);
        expect([t.year, t.month, t.day, t.hour, t.minute, t.second, t.micros]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
          micros,
        ]);
      }),
    );
  });

  test('from a date to its day, and in how long a month is', () => {
    const date = fc.tuple(fc.integer({ min: 1000, max: 9999 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(date, fc.integer({ min: 1, max: 28 }), ([year, month], day) => {
        expect(daysSince1970(year, month, day) * MILLISECONDS_PER_DAY).toBe(
          Date.UTC(year, month - 1, day),
        );
        expect(daysInMonth(year, month)).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
      }),
    );
  });
});
