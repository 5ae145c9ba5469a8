// Protection against wrapped sequence numbers (RFC 7323 5) as Linux 6.18 has it: acknowledgments of long
// ago are common and get no answer, and one that only came late is taken (tcp_disordered_ack_check).

import { millis } from '../../sim/time.ts';
import { Flag } from '../../wire/tcp.ts';
import type { TcpConnection } from './connection.ts';
import type { TcpSegment } from './segment.ts';
import { before, distance } from './sequence.ts';

/** TCP_PAWS_WINDOW: clocks may step back by so much. */
const TOLERANCE = 1;
/** tcp_tsval_replay: an acknowledgment may be late by so many retransmission timeouts. */
const REPLAY_TIMEOUTS = 1.2;

/** What becomes of a segment: go on with it, drop it in silence, or answer it. */
export const Age = { Current: 0, Stale: 1, Old: 2 } as const;
export type Age = (typeof Age)[keyof typeof Age];

/** Judges a segment by its timestamp; a RST is never too old. */
export function judgeAge(connection: TcpConnection, segment: TcpSegment): Age {
  const { timestamps, receiver, sender } = connection;
  if (!timestamps.isOld(segment, TOLERANCE) || segment.has(Flag.Rst)) return Age.Current;
  const isBare = segment.has(Flag.Ack) && segment.sequence === segment.endSequence;
  if (!isBare) return Age.Old;
  if (before(segment.sequence, receiver.next)) return Age.Stale;
  if (segment.sequence !== receiver.next || segment.acknowledgment !== sender.una) return Age.Old;
  if (sender.window.isNews(segment, sender.una)) return Age.Old;
  const late = millis(distance(segment.timestamp, timestamps.recent));
  return late <= REPLAY_TIMEOUTS * sender.rtt.rto ? Age.Current : Age.Old;
}
