// The timestamps option, RFC 7323: measures round trips even of what was sent twice, and tells a
// segment of long ago from one of now (PAWS). As in Linux, the clock counts milliseconds from an
// offset of the connection's own, and both sides must have offered it in their SYN.

import { millis, type Nanos } from '../../sim/time.ts';
import type { TcpSegment } from './segment.ts';
import { add, after, before } from './sequence.ts';

/** The timestamps of one connection. */
export class Timestamps {
  /** Both sides have offered the option. */
  enabled = false;
  /** TS.Recent: what is echoed. */
  recent = 0;
  readonly #offset: number;
  /** The values of the first and of the last SYN-ACK (snt_tsval_first, snt_tsval_last); null before. */
  #firstOffered: number | null = null;
  #lastOffered = 0;

  constructor(offset: number) {
    this.#offset = offset;
  }

  /** TSval at a time. */
  valueAt(now: Nanos): number {
    return add(Math.floor(now / millis(1)), this.#offset);
  }

  /** The peer's SYN or SYN-ACK. */
  start(segment: TcpSegment): void {
    this.enabled = segment.hasTimestamps;
    this.recent = segment.timestamp;
  }

  /** A SYN-ACK leaves with this value. */
  offered(value: number): void {
    this.#firstOffered ??= value;
    this.#lastOffered = value;
  }

  /** It echoes what no SYN-ACK has said; an echo of 0 says nothing. */
  isForged({ hasTimestamps, timestampEcho: echo }: TcpSegment): boolean {
    if (!this.enabled || !hasTimestamps || echo === 0 || this.#firstOffered === null) return false;
    return before(echo, this.#firstOffered) || after(echo, this.#lastOffered);
  }

  /** PAWS: the segment was sent before one that has been seen, by more than `tolerance`. */
  isOld(segment: TcpSegment, tolerance = 0): boolean {
    if (!this.enabled || !segment.hasTimestamps || this.recent === 0) return false;
    return before(add(segment.timestamp, tolerance), this.recent);
  }

  /** RFC 7323 4.3: remembers the value of the segment that holds the octet last acknowledged. */
  update(segment: TcpSegment, lastAcknowledged: number): void {
    if (!this.enabled || !segment.hasTimestamps) return;
    if (after(segment.sequence, lastAcknowledged)) return;
    if (!this.isOld(segment)) this.recent = segment.timestamp;
  }

  /** The round trip that an echo tells, at least 1 ms; -1 if it tells none. */
  roundTrip(segment: TcpSegment, now: Nanos): Nanos {
    if (!this.enabled || !segment.hasTimestamps || segment.timestampEcho === 0) return -1;
    const elapsed = (this.valueAt(now) - segment.timestampEcho) | 0;
    return elapsed < 0 ? -1 : millis(Math.max(elapsed, 1));
  }
}
