// The segments in flight, oldest first (Linux's rtx queue). A retransmission repeats a segment as it
// was, unless the path MTU has shrunk below it: then it is split.

import type { Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import { Flag } from '../../wire/tcp.ts';
import { add, after, distance } from './sequence.ts';

/** One segment that was sent and not acknowledged. */
export class SentSegment {
  sequence: number;
  /** Octets of data. */
  length: number;
  /** PSH and FIN, as they were sent. */
  flags: number;
  sentAt: Nanos;
  transmissions = 1;
  /** As it was sent last; null if it could not be. */
  frame: Frame | null = null;
  /** Believed lost and not sent again yet. */
  lost = false;

  constructor(sequence: number, length: number, flags: number, sentAt: Nanos) {
    this.sequence = sequence;
    this.length = length;
    this.flags = flags;
    this.sentAt = sentAt;
  }

  /** One past what the segment occupies; FIN counts. */
  get end(): number {
    return add(this.sequence, this.length + ((this.flags & Flag.Fin) !== 0 ? 1 : 0));
  }
}

/** What an acknowledgment took away. */
export interface Acknowledged {
  /** When the oldest of the acknowledged segments was sent, or -1 if one of them was sent twice (Karn). */
  firstSentAt: Nanos;
}

/** What one connection has in flight. */
export class SentQueue {
  #segments: (SentSegment | null)[] = [];
  #head = 0;
  /** Octets that are marked lost: they are not in the network. */
  lostOctets = 0;
  lostSegments = 0;
  readonly #acknowledged: Acknowledged = { firstSentAt: -1 };

  get size(): number {
    return this.#segments.length - this.#head;
  }

  /** The oldest segment, or null. */
  get first(): SentSegment | null {
    return this.at(0);
  }

  /** The youngest segment, or null. */
  get last(): SentSegment | null {
    return this.at(this.size - 1);
  }

  /** The segment with this index counted from the oldest, or null. */
  at(index: number): SentSegment | null {
    return index < 0 ? null : (this.#segments[this.#head + index] ?? null);
  }

  push(segment: SentSegment): void {
    this.#segments.push(segment);
  }

  /** Takes away what lies before `sequence`. The result is a scratch object. */
  acknowledge(sequence: number): Acknowledged {
    const result = this.#acknowledged;
    result.firstSentAt = -1;
    let repeated = false;
    for (;;) {
      const segment = this.first;
      if (segment === null || !after(sequence, segment.sequence)) break;
      if (segment.transmissions > 1) repeated = true;
      else if (result.firstSentAt < 0) result.firstSentAt = segment.sentAt;
      if (after(segment.end, sequence)) {
        const octets = distance(segment.sequence, sequence);
        if (segment.lost) this.lostOctets -= octets;
        segment.sequence = sequence;
        segment.length -= octets;
        break;
      }
      this.#unmark(segment);
      this.#shift();
    }
    if (repeated) result.firstSentAt = -1;
    return result;
  }

  markLost(segment: SentSegment): void {
    if (segment.lost) return;
    segment.lost = true;
    this.lostSegments++;
    this.lostOctets += segment.length;
  }

  /** All segments longer than `length` are believed lost; 0 means all. */
  markLongerLost(length: number): void {
    for (let i = 0; i < this.size; i++) {
      const segment = this.at(i);
      if (segment !== null && (length === 0 || segment.length > length)) this.markLost(segment);
    }
  }

  /** It is sent again now. */
  resent(segment: SentSegment, now: Nanos): void {
    this.#unmark(segment);
    segment.transmissions++;
    segment.sentAt = now;
  }

  /**
   * Cuts a segment so that its first part has `length` octets; the rest stands behind it, joined with
   * what follows if that is lost as well (tcp_retrans_try_collapse).
   */
  split(index: number, length: number): void {
    const segment = this.at(index);
    if (segment === null || segment.length <= length) return;
    const next = this.at(index + 1);
    if (segment.lost && next?.lost && segment.flags === 0) {
      const octets = segment.length - length;
      segment.length = length;
      next.sequence = add(next.sequence, -octets);
      next.length += octets;
      next.transmissions = Math.max(next.transmissions, segment.transmissions);
      return;
    }
    const rest = new SentSegment(
      add(segment.sequence, length),
      segment.length - length,
      segment.flags,
      segment.sentAt,
    );
    rest.transmissions = segment.transmissions;
    rest.lost = segment.lost;
    if (rest.lost) this.lostSegments++;
    segment.length = length;
    segment.flags = 0;
    this.#segments.splice(this.#head + index + 1, 0, rest);
  }

  /**
   * Joins a segment with those behind it that are lost as well, as long as they fit into `length` octets
   * together and end before `edge` (tcp_retrans_try_collapse): small writes are repeated as one. What the
   * peer may hold is left alone, as between namespaces, where its queue shares the memory (skb_cloned).
   */
  collapse(index: number, length: number, edge: number): void {
    const segment = this.at(index);
    if (segment === null) return;
    for (;;) {
      const next = this.at(index + 1);
      if (next === null || !next.lost || segment.length + next.length > length) return;
      if (after(next.end, edge)) return;
      this.#unmark(next);
      if (segment.lost) this.lostOctets += next.length;
      segment.length += next.length;
      segment.flags |= next.flags;
      segment.transmissions = Math.max(segment.transmissions, next.transmissions);
      this.#segments.splice(this.#head + index + 1, 1);
    }
  }

  clear(): void {
    this.#segments = [];
    this.#head = 0;
    this.lostOctets = 0;
    this.lostSegments = 0;
  }

  #unmark(segment: SentSegment): void {
    if (!segment.lost) return;
    segment.lost = false;
    this.lostSegments--;
    this.lostOctets -= segment.length;
  }

  #shift(): void {
    this.#segments[this.#head] = null;
    this.#head++;
    if (this.#head === this.#segments.length) {
      this.#segments.length = 0;
      this.#head = 0;
    } else if (this.#head > 64 && this.#head * 2 > this.#segments.length) {
      this.#segments.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
