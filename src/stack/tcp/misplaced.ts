// The answer to a segment that is out of place: where we stand (tcp_send_dupack, tcp_oow_rate_limited).

import type { DropReason } from '../../link/drop-reason.ts';
import { Flag } from '../../wire/tcp.ts';
import type { TcpConnection } from './connection.ts';
import type { TcpSegment } from './segment.ts';
import { before } from './sequence.ts';

/** Acknowledges once more, always what occupies sequence numbers, else and for a SYN not too often. */
export function answerMisplaced(
  connection: TcpConnection,
  segment: TcpSegment,
  reason: DropReason,
): void {
  connection.drop(reason, segment.frame);
  const isEmpty = segment.sequence === segment.endSequence;
  const { receiver, isRequest } = connection;
  if (!isEmpty && before(segment.sequence, receiver.next) && !isRequest) receiver.hasten();
  if (segment.has(Flag.Syn) || isEmpty) connection.transmitter.challenge();
  else connection.transmitter.ack();
}
