// A segment for a request: a half-open connection that only its listener knows of. In the order
// of tcp_check_req, with RST as Linux 6.18 takes it: judged by its place alone (RFC 5961 3.2), before
// its acknowledgment is looked at.

import { Flag } from '../../wire/tcp.ts';
import { StackDrop } from '../drop-reason.ts';
import type { TcpConnection } from './connection.ts';
import { answerMisplaced } from './misplaced.ts';
import { Outcome } from './outcome.ts';
import type { TcpSegment } from './segment.ts';
import { add, after, before } from './sequence.ts';

/** Null: go on with the segment, it is the acknowledgment that was waited for. */
export function meetsRequest(connection: TcpConnection, segment: TcpSegment): Outcome | null {
  const { receiver, sender, timestamps, transmitter } = connection;
  transmitter.typeOfService = segment.typeOfService;
  const kind = segment.flags & (Flag.Rst | Flag.Syn | Flag.Ack);
  const repeatsSyn = add(segment.sequence, 1) === receiver.next;
  const isOld = timestamps.isOld(segment);
  if (repeatsSyn && kind === Flag.Syn && !isOld) {
    if (transmitter.mayChallenge()) connection.handshake.repeat();
    connection.drop(StackDrop.TcpInvalidSyn, segment.frame);
    return Outcome.Done;
  }
  if (segment.has(Flag.Rst)) {
    meetsReset(connection, segment);
    return Outcome.Done;
  }
  if (segment.has(Flag.Ack) && segment.acknowledgment !== sender.next) {
    connection.drop(StackDrop.TcpInvalidAck, segment.frame);
    return Outcome.Reset;
  }
  const isStrange = isOld || timestamps.isForged(segment);
  if (isStrange || !isInWindow(connection, segment)) {
    const reason = isStrange ? StackDrop.TcpOldTimestamp : StackDrop.TcpInvalidSequence;
    answerMisplaced(connection, segment, reason);
    return Outcome.Done;
  }
  if (segment.has(Flag.Syn) && !repeatsSyn) {
    connection.drop(StackDrop.TcpInvalidSyn, segment.frame);
    connection.destroy();
    return Outcome.Reset;
  }
  timestamps.update(segment, receiver.window.acknowledged);
  if (segment.has(Flag.Ack)) return null;
  connection.drop(StackDrop.TcpFlags, segment.frame);
  return Outcome.Done;
}

/** A RST in the window is challenged, unless it is exactly in place. */
function meetsReset(connection: TcpConnection, segment: TcpSegment): void {
  const { timestamps } = connection;
  if (timestamps.isOld(segment) || timestamps.isForged(segment)) {
    connection.drop(StackDrop.TcpOldTimestamp, segment.frame);
  } else if (!isInWindow(connection, segment)) {
    connection.drop(StackDrop.TcpInvalidSequence, segment.frame);
  } else if (segment.sequence === connection.receiver.next) {
    connection.destroy();
  } else {
    connection.drop(StackDrop.TcpInvalidSequence, segment.frame);
    connection.transmitter.challenge();
  }
}

/** tcp_in_window: a segment that ends where the window begins is none of it, unlike in tcp_sequence. */
function isInWindow({ receiver }: TcpConnection, { sequence, endSequence }: TcpSegment): boolean {
  const { next } = receiver;
  const { edge } = receiver.window;
  if (sequence === next) return true;
  if (after(endSequence, next) && before(sequence, edge)) return true;
  return sequence === edge && sequence === endSequence;
}
