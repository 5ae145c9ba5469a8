// What an arriving segment does to a connection: RFC 9293 3.10.7 in the order in which Linux does it
// (tcp_rcv_state_process, tcp_validate_incoming, tcp_timewait_state_process), with the challenge ACKs
// of RFC 5961.

import { Flag } from '../../wire/tcp.ts';
import { StackDrop } from '../drop-reason.ts';
import type { TcpConnection } from './connection.ts';
import { isPredicted } from './header-prediction.ts';
import { answerMisplaced } from './misplaced.ts';
import { Outcome } from './outcome.ts';
import { Age, judgeAge } from './paws.ts';
import { meetsRequest } from './request-arrival.ts';
import type { TcpSegment } from './segment.ts';
import { AckVerdict } from './sender.ts';
import { add, after, before } from './sequence.ts';
import { TcpState } from './state.ts';
import { takeSyn, takeSynAcknowledgment } from './synchronization.ts';

/** Processes one segment in any state but CLOSED and LISTEN. */
export function segmentArrives(connection: TcpConnection, segment: TcpSegment): Outcome {
  if (connection.state === TcpState.SynSent) return inSynSent(connection, segment);
  if (connection.state === TcpState.TimeWait) return inTimeWait(connection, segment);
  if (connection.isRequest) {
    const outcome = meetsRequest(connection, segment);
    if (outcome !== null) return outcome;
    connection.adopt();
  }
  if (!isValid(connection, segment)) return Outcome.Done;
  if (connection.state === TcpState.SynReceived) {
    const outcome = inSynReceived(connection, segment);
    if (outcome !== null) return outcome;
  } else if (!acknowledge(connection, segment)) {
    return Outcome.Done;
  }
  return process(connection, segment);
}

/** A SYN for a connection in TIME-WAIT that may begin its next incarnation (RFC 6191, RFC 1122 4.2.2.13). */
export function reopens(connection: TcpConnection, segment: TcpSegment): boolean {
  if (connection.state !== TcpState.TimeWait) return false;
  const { receiver, timestamps } = connection;
  const isSyn = (segment.flags & (Flag.Syn | Flag.Ack | Flag.Rst)) === Flag.Syn;
  if (!isSyn || timestamps.isOld(segment)) return false;
  const later =
    timestamps.enabled && segment.hasTimestamps && before(timestamps.recent, segment.timestamp);
  return later || after(segment.sequence, receiver.next);
}

function inSynSent(connection: TcpConnection, segment: TcpSegment): Outcome {
  const { sender, receiver, handshake } = connection;
  const isAck = segment.has(Flag.Ack);
  const isReset = segment.has(Flag.Rst);
  if (isAck && segment.acknowledgment !== sender.next) {
    // Something stale answers: reset it, and repeat the SYN without waiting a second.
    connection.drop(StackDrop.TcpInvalidAck, segment.frame);
    handshake.hurry();
    return Outcome.Reset;
  }
  if (isReset) {
    if (isAck) connection.finish('ECONNREFUSED');
    return Outcome.Done;
  }
  if (!segment.has(Flag.Syn)) {
    connection.drop(StackDrop.TcpFlags, segment.frame);
    return Outcome.Done;
  }
  takeSyn(connection, segment);
  if (!isAck) {
    // Simultaneous open, RFC 9293 3.5 figure 7.
    connection.enter(TcpState.SynReceived);
    handshake.start(Flag.Syn | Flag.Ack);
    return Outcome.Done;
  }
  takeSynAcknowledgment(connection, segment);
  receiver.scheduleAck();
  receiver.acknowledge();
  connection.output();
  if (connection.isOpen) connection.handlers.onConnected?.(connection);
  return Outcome.Done;
}

/** tcp_validate_incoming: flags, PAWS, sequence number, RST, SYN. False: the segment is dealt with. */
function isValid(connection: TcpConnection, segment: TcpSegment): boolean {
  const { receiver, state } = connection;
  const isReset = segment.has(Flag.Rst);
  if ((segment.flags & (Flag.Ack | Flag.Rst | Flag.Syn)) === 0) {
    connection.drop(StackDrop.TcpFlags, segment.frame);
    return false;
  }
  const age = judgeAge(connection, segment);
  if (age !== Age.Current) {
    if (age === Age.Stale) connection.drop(StackDrop.TcpOldTimestamp, segment.frame);
    else answerMisplaced(connection, segment, StackDrop.TcpOldTimestamp);
    return false;
  }
  if (!receiver.isAcceptable(segment)) {
    if (!isReset) {
      const isOld = before(segment.sequence, receiver.next);
      const reason = isOld ? StackDrop.TcpOldData : StackDrop.TcpInvalidSequence;
      answerMisplaced(connection, segment, reason);
    } else if (isResetAfterFin(connection, segment)) {
      reset(connection);
    } else {
      connection.drop(StackDrop.TcpInvalidSequence, segment.frame);
    }
    return false;
  }
  if (isReset) {
    const exact = segment.sequence === receiver.next || isResetAfterFin(connection, segment);
    if (exact) reset(connection);
    else connection.transmitter.challenge();
    return false;
  }
  if (segment.has(Flag.Syn)) {
    const isSimultaneous = state === TcpState.SynReceived && connection.listener === null;
    if (isSimultaneous && isAnswerToOurs(connection, segment)) return true;
    if (isSimultaneous && add(segment.sequence, 1) === receiver.next) connection.handshake.repeat();
    else connection.transmitter.challenge();
    connection.drop(StackDrop.TcpInvalidSyn, segment.frame);
    return false;
  }
  return true;
}

/** The SYN-ACK of a simultaneous open. */
function isAnswerToOurs(connection: TcpConnection, segment: TcpSegment): boolean {
  const { receiver, sender } = connection;
  return (
    segment.has(Flag.Ack) &&
    segment.acknowledgment === sender.next &&
    add(segment.sequence, 1) === receiver.next
  );
}

/** Null: the handshake is complete, go on with the segment. */
function inSynReceived(connection: TcpConnection, segment: TcpSegment): Outcome | null {
  const { sender, listener } = connection;
  if (segment.acknowledgment !== sender.next) {
    connection.drop(StackDrop.TcpInvalidAck, segment.frame);
    return Outcome.Reset;
  }
  if (listener !== null && !listener.isOpen) {
    connection.destroy();
    return Outcome.Reset;
  }
  takeSynAcknowledgment(connection, segment);
  noteTimestamp(connection, segment);
  if (listener !== null) connection.handlers = listener.accept(connection);
  else if (connection.isOpen) connection.handlers.onConnected?.(connection);
  return connection.state === TcpState.Closed ? Outcome.Done : null;
}

/** Takes the acknowledgment; false if the segment goes no further. */
function acknowledge(connection: TcpConnection, segment: TcpSegment): boolean {
  const verdict = connection.sender.acknowledge(segment);
  connection.heard();
  if (verdict === AckVerdict.Valid) noteTimestamp(connection, segment);
  if (verdict === AckVerdict.Valid || verdict === AckVerdict.Old) return true;
  // Too old, or of what was never sent: RFC 5961 5.2 (Linux since 6.18 in ESTABLISHED, too).
  const isTaken = verdict === AckVerdict.TooOld && isPredicted(connection, segment);
  if (isTaken) connection.receiver.accept(segment);
  else connection.drop(StackDrop.TcpInvalidAck, segment.frame);
  connection.transmitter.challenge();
  if (isTaken) conclude(connection);
  return false;
}

/** Only a segment with a good acknowledgment may say what time it is there (tcp_replace_ts_recent). */
function noteTimestamp({ timestamps, receiver }: TcpConnection, segment: TcpSegment): void {
  timestamps.update(segment, receiver.window.acknowledged);
}

/** FIN acknowledged, data, FIN. */
function process(connection: TcpConnection, segment: TcpSegment): Outcome {
  const { sender, receiver } = connection;
  if (sender.finAcknowledged && ourFinArrived(connection)) return Outcome.Done;
  if (receiver.finished && !before(segment.sequence, receiver.next)) {
    // Behind the peer's own FIN: in CLOSE-WAIT, CLOSING and LAST-ACK it is ignored.
    if (!isEmpty(segment)) connection.drop(StackDrop.TcpOverWindow, segment.frame);
  } else if (isUnwanted(connection, segment)) {
    reset(connection);
    return Outcome.Reset;
  } else {
    const wasFinished = receiver.finished;
    receiver.accept(segment);
    if (receiver.finished && !wasFinished) theirFinArrived(connection);
  }
  conclude(connection);
  return Outcome.Done;
}

/** What is to be said in return, and what the application is to hear. */
function conclude(connection: TcpConnection): void {
  connection.output();
  connection.receiver.acknowledge();
  connection.receiver.deliver();
  connection.announceRoom();
}

/** Our FIN has arrived. True: the connection is over. */
function ourFinArrived(connection: TcpConnection): boolean {
  if (connection.state === TcpState.FinWait1) connection.enter(TcpState.FinWait2);
  else if (connection.state === TcpState.Closing) connection.enter(TcpState.TimeWait);
  else if (connection.state === TcpState.LastAck) connection.finish(null);
  return connection.state === TcpState.Closed;
}

/** New data for an application that has closed (RFC 1122 4.2.2.13), or beyond the peer's own FIN. */
function isUnwanted(connection: TcpConnection, segment: TcpSegment): boolean {
  const { receiver, isOrphan } = connection;
  if (isEmpty(segment) || (!isOrphan && !receiver.finished)) return false;
  return after(add(segment.sequence, segment.dataLength), receiver.next);
}

function isEmpty({ sequence, endSequence }: TcpSegment): boolean {
  return sequence === endSequence;
}

/** The peer's FIN is in order (tcp_fin). */
function theirFinArrived(connection: TcpConnection): void {
  const { receiver } = connection;
  switch (connection.state) {
    case TcpState.Established:
      connection.enter(TcpState.CloseWait);
      receiver.expectAnswer();
      break;
    case TcpState.FinWait1:
      receiver.scheduleAck();
      connection.enter(TcpState.Closing);
      break;
    case TcpState.FinWait2:
      connection.transmitter.ack();
      receiver.deliver();
      connection.enter(TcpState.TimeWait);
      break;
    default:
  }
}

/** tcp_timewait_state_process; a SYN that reopens never comes here. */
function inTimeWait(connection: TcpConnection, segment: TcpSegment): Outcome {
  const { receiver, timestamps } = connection;
  const inPlace =
    segment.sequence === receiver.next &&
    (segment.endSequence === segment.sequence || segment.has(Flag.Rst));
  if (inPlace && !timestamps.isOld(segment)) {
    // tcp_rfc1337 is 0: a RST ends TIME-WAIT.
    if (segment.has(Flag.Rst)) connection.destroy();
    else connection.linger();
    return Outcome.Done;
  }
  if (segment.has(Flag.Rst)) return Outcome.Done;
  connection.drop(StackDrop.TcpOldData, segment.frame);
  if (segment.has(Flag.Ack)) connection.linger();
  connection.transmitter.challenge();
  return Outcome.Done;
}

/** tcp_reset. */
function reset(connection: TcpConnection): void {
  connection.finish(connection.state === TcpState.CloseWait ? 'EPIPE' : 'ECONNRESET');
}

/** tcp_reset_check: some stacks put the RST where their FIN was. */
function isResetAfterFin(connection: TcpConnection, segment: TcpSegment): boolean {
  const { receiver, state } = connection;
  if (add(segment.sequence, 1) !== receiver.next) return false;
  return state === TcpState.CloseWait || state === TcpState.LastAck || state === TcpState.Closing;
}
