// Lab time as calendar time: the scheduler's nanoseconds plus the lab's epoch. `Date` is not used, so
// that a log line depends on topology and seed alone. Calendar arithmetic after H. Hinnant,
// "chrono-compatible low-level date algorithms" (days_from_civil, civil_from_days). Always UTC.

import type { Scheduler } from '../sim/scheduler.ts';
import type { Nanos } from '../sim/time.ts';

/** A moment of the proleptic Gregorian calendar, UTC. */
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

const MICROS_PER_DAY = 86_400e6;

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

/** Seconds since 1970 of a timestamp such as '2020-05-09T08:00:00Z' (fractions cut off); null when malformed. */
export function parseTimestamp(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const days = daysFromCivil(year ?? 0, month ?? 0, day ?? 0);
  return days * 86_400 + (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Zero-padded decimal. */
export function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** What `date` would say inside the lab. */
export class WallClock {
  readonly #scheduler: Scheduler;
  readonly #epochMicros: number;

  /** @param epochMicros what lab time zero is, in microseconds since 1970 */
  constructor(scheduler: Scheduler, epochMicros: number) {
    this.#scheduler = scheduler;
    this.#epochMicros = epochMicros;
  }

  /** Microseconds since 1970, now or at a lab time. */
  micros(at: Nanos = this.#scheduler.now): number {
    return this.#epochMicros + Math.floor(at / 1e3);
  }

  /** Whole seconds since 1970, now. */
  seconds(): number {
    return Math.floor(this.micros() / 1e6);
  }

  /** RFC 3339 with whole seconds, as Kubernetes stamps objects: '2020-05-09T08:00:00Z'. */
  timestamp(at?: Nanos): string {
    const t = calendarTime(this.micros(at));
    const date = `${padded(t.year, 4)}-${padded(t.month, 2)}-${padded(t.day, 2)}`;
    return `${date}T${padded(t.hour, 2)}:${padded(t.minute, 2)}:${padded(t.second, 2)}Z`;
  }

  /** RFC 3339 with nanoseconds, as the kubelet stamps log lines: '2020-05-09T08:09:03.956672000Z'. */
  preciseTimestamp(at: Nanos): string {
    const { micros } = calendarTime(this.micros(at));
    return `${this.timestamp(at).slice(0, -1)}.${padded(micros, 6)}${padded(at % 1e3, 3)}Z`;
  }
}
