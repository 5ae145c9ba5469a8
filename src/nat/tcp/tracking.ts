// What conntrack remembers of a TCP connection (struct ip_ct_tcp): the state, the windows of both
// sides, and the last segment. Sequence numbers are signed 32-bit integers, so that they stay small
// integers for V8; they are compared modulo 2^32.

import { SegmentKind, TrackedState } from './states.ts';

/** a comes before b, modulo 2^32. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** a comes after b, modulo 2^32. */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}

/** What one end has sent so far and may send. */
export class TcpSide {
  /** One past the highest sequence number sent. */
  end = 0;
  /** One past the highest it may send: the peer's acknowledgment plus window. */
  maxEnd = 0;
  /** The largest window it offered, scaled; 0: nothing seen of it yet. */
  maxWindow = 0;
  /** The highest acknowledgment it sent; valid only if `acknowledged`. */
  maxAck = 0;
  acknowledged = false;
  scale = 0;
  windowScale = false;
  sackPermitted = false;
  /** It was the first to send a FIN. */
  closedFirst = false;
  /** Picked up in the middle: the scale is unknown, so its numbers are not judged. */
  liberal = false;
  /** It sent something that has not been acknowledged. */
  unacknowledged = false;

  /** Forgets everything but that the connection was picked up. */
  reset(): void {
    this.end = 0;
    this.maxEnd = 0;
    this.maxWindow = 0;
    this.maxAck = 0;
    this.scale = 0;
    this.forgetFlags();
  }

  /** New options are about to be read. */
  forgetFlags(): void {
    this.acknowledged = false;
    this.windowScale = false;
    this.sackPermitted = false;
    this.closedFirst = false;
    this.unacknowledged = false;
  }
}

/** The last segment that was taken note of, be it to count retransmissions or for a later verdict. */
export class LastSegment {
  kind: SegmentKind = SegmentKind.None;
  isReply = false;
  sequence = 0;
  acknowledgment = 0;
  end = 0;
  /** Unscaled. */
  window = 0;
  /** Of a SYN that was ignored: its options, should the SYN turn out to be right. */
  scale = 0;
  windowScale = false;
  sackPermitted = false;
  /** An ACK may be the challenge (RFC 5961) to that SYN, and then acknowledges no FIN. */
  expectChallenge = false;
  simultaneousOpen = false;
}

/** What is known of one TCP connection. */
export class TcpTracking {
  state: TrackedState = TrackedState.None;
  readonly original: TcpSide = new TcpSide();
  readonly reply: TcpSide = new TcpSide();
  readonly last: LastSegment = new LastSegment();
  /** The same pure ACK, over and over. */
  retransmissions = 0;

  side(isReply: boolean): TcpSide {
    return isReply ? this.reply : this.original;
  }
}
