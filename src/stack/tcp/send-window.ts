// SND.WND and which segment set it last (SND.WL1, SND.WL2), RFC 9293 3.10.7.4 with Linux's reading of
// "newer" (tcp_may_update_window).

import type { TcpSegment } from './segment.ts';
import { add, after, before } from './sequence.ts';

/** The peer's window, as far as it was told. */
export class SendWindow {
  /** SND.WND in octets. */
  octets = 0;
  /** What the peer's window field is shifted by. */
  shift = 0;
  /** The largest there ever was. */
  largest = 0;
  #sequence = 0;
  #acknowledgment = 0;

  /** From the segment that completed the handshake; the window of a SYN is never scaled. */
  start(segment: TcpSegment, isSyn: boolean): void {
    this.#take(segment, segment.window << (isSyn ? 0 : this.shift));
  }

  /** Takes the segment's window unless a newer segment has set it. */
  update(segment: TcpSegment, una: number): void {
    if (this.isNews(segment, una)) this.#take(segment, segment.window << this.shift);
  }

  /** No newer segment has set the window (tcp_may_update_window). */
  isNews(segment: TcpSegment, una: number): boolean {
    const { sequence, acknowledgment } = segment;
    const octets = segment.window << this.shift;
    return (
      after(acknowledgment, una) ||
      after(sequence, this.#sequence) ||
      (sequence === this.#sequence &&
        !before(acknowledgment, this.#acknowledgment) &&
        (octets > this.octets || octets === 0))
    );
  }

  /** One past what may be sent. */
  edge(una: number): number {
    return add(una, this.octets);
  }

  #take(segment: TcpSegment, octets: number): void {
    this.#sequence = segment.sequence;
    this.#acknowledgment = segment.acknowledgment;
    this.octets = octets;
    if (octets > this.largest) this.largest = octets;
  }
}
