// The proleptic Gregorian calendar in numbers: lab time must not touch `Date`, so that what is logged
// depends on topology and seed alone. After H. Hinnant, "chrono-compatible low-level date algorithms"
// (days_from_civil, civil_from_days). Always UTC; leap seconds do not exist, as in POSIX.

/** A moment, UTC. */
export interface CalendarTime {
  readonly year: number;
  /** 1..12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

/** Without leap seconds, as POSIX counts. */
export const SECONDS_PER_DAY = 86_400;

const MICROS_PER_DAY = SECONDS_PER_DAY * 1e6;

/** Microseconds since 1970 as calendar fields. */
export function calendarTime(epochMicros: number): CalendarTime {
  const days = Math.floor(epochMicros / MICROS_PER_DAY);
  const ofDay = epochMicros - days * MICROS_PER_DAY;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(ofDay / 3_600e6),
    minute: Math.floor(ofDay / 60e6) % 60,
    second: Math.floor(ofDay / 1e6) % 60,
    micros: ofDay % 1e6,
  };
}

/** Days from 1970-01-01 to a date; `month` is 1..12. */
export function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** How many days a month has; `month` is 1..12. */
export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? daysSince1970(year + 1, 1, 1) : daysSince1970(year, month + 1, 1);
  return next - daysSince1970(year, month, 1);
}

/** Zero-padded decimal, as dates and times are written. */
export function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
