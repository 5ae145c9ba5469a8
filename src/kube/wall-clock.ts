// Lab time as calendar time: the scheduler's nanoseconds plus the lab's epoch, in the forms in which
// Kubernetes writes it. Always UTC.

import { calendarTime, daysSince1970, padded, SECONDS_PER_DAY } from '../base/calendar.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { Nanos } from '../sim/time.ts';

/** Seconds since 1970 of a timestamp such as '2020-05-09T08:00:00Z' (fractions cut off); null when malformed. */
export function parseTimestamp(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const days = daysSince1970(year ?? 0, month ?? 0, day ?? 0);
  return days * SECONDS_PER_DAY + (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
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
