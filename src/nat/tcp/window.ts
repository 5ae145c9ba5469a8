// Does a segment belong to the connection? Guido van Rooij's window check as Linux has it
// (tcp_in_window): with s the sender and r the receiver of the segment,
//
//   I    seq             <= s.maxEnd                    not beyond what r allowed
//   II   seq + length    >= s.end - r.maxWindow         not older than a whole window
//   III  acknowledgment  <= r.end                       r has sent what is acknowledged
//   IV   acknowledgment  >= r.end - max(66000, s.maxWindow)
//
// What lies too far ahead (I, III) is invalid. What comes too late (II, IV) is merely old: it passes,
// and teaches nothing.

import type { Packet } from '../../stack/packet.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import * as tcp from '../../wire/tcp.ts';
import * as tcpOptions from '../../wire/tcp-options.ts';
import * as tcpSack from '../../wire/tcp-sack.ts';
import { SegmentKind, TrackedState } from './states.ts';
import { after, before, type TcpSide, type TcpTracking } from './tracking.ts';

/** MAXACKWINCONST. */
const OLDEST_ACKNOWLEDGMENT = 66_000;

/** One past the last sequence number of a segment, as a signed 32-bit integer. */
export function segmentEnd(packet: Packet): number {
  const { frame, l4, end } = packet;
  const flags = tcp.flags(frame, l4);
  const payload = end - l4 - tcp.dataOffset(frame, l4);
  const syn = (flags & tcp.Flag.Syn) !== 0 ? 1 : 0;
  const fin = (flags & tcp.Flag.Fin) !== 0 ? 1 : 0;
  return (tcp.sequenceNumber(frame, l4) + payload + syn + fin) | 0;
}

/** The first segment seen of a side, or a SYN that starts it anew. */
export function initializeSide(side: TcpSide, packet: Packet): void {
  side.end = segmentEnd(packet);
  side.maxEnd = side.end;
  side.maxWindow = Math.max(tcp.window(packet.frame, packet.l4), 1);
  readOptions(side, packet);
}

/** Window scale and SACK permission of a SYN. Without any options nothing is changed, as in Linux. */
function readOptions(side: TcpSide, packet: Packet): void {
  const { frame, l4 } = packet;
  if (tcp.dataOffset(frame, l4) === tcp.HEADER_LENGTH) return;
  const options = tcpOptions.parse(frame, l4);
  side.forgetFlags();
  side.scale = options.windowScale ?? 0;
  side.windowScale = options.windowScale !== null;
  side.sackPermitted = options.sackPermitted;
}

/** RFC 7323 2.2: both must have sent the option, or nobody scales. Known once the reply is there. */
function agreeOnScale(sender: TcpSide, receiver: TcpSide, isReply: boolean): void {
  if (!isReply || (sender.windowScale && receiver.windowScale)) return;
  sender.scale = 0;
  receiver.scale = 0;
}

/** enum nf_ct_tcp_action. */
export const WindowCheck = { Accept: 0, Ignore: 1, Invalid: 2 } as const;
export type WindowCheck = (typeof WindowCheck)[keyof typeof WindowCheck];

/** Judges a segment and, if it fits, learns from it. */
export function checkWindow(
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
  kind: SegmentKind,
  conf: HostConf,
): WindowCheck {
  const { frame, l4 } = packet;
  const sender = tracking.side(isReply);
  const receiver = tracking.side(!isReply);
  const flags = tcp.flags(frame, l4);
  const isSyn = (flags & tcp.Flag.Syn) !== 0;
  const isRst = (flags & tcp.Flag.Rst) !== 0;
  const hasAck = (flags & tcp.Flag.Ack) !== 0;
  const rawWindow = tcp.window(frame, l4);
  let sequence = tcp.sequenceNumber(frame, l4) | 0;
  let end = segmentEnd(packet);
  let acknowledgment = tcp.acknowledgmentNumber(frame, l4) | 0;
  let highest = receiver.sackPermitted
    ? tcpSack.highestAcknowledged(frame, l4, acknowledgment)
    : acknowledgment;

  if (meet(tracking, packet, isReply, end, highest)) return WindowCheck.Accept;

  // No acknowledgment, or the zero one of stacks that set the flag in every RST: taken as right.
  if (!hasAck || (isRst && acknowledgment === 0)) {
    acknowledgment = receiver.end;
    highest = receiver.end;
  }
  // A RST in answer to a SYN has no sequence number of its own.
  if (isRst && sequence === 0 && tracking.state === TrackedState.SynSent) {
    sequence = sender.end;
    end = sender.end;
  }

  const place = findPlace(sender, receiver, sequence, end, highest);
  if (place !== WindowCheck.Accept) return isLiberal(sender, conf) ? WindowCheck.Accept : place;
  const window = isSyn ? rawWindow : rawWindow << sender.scale;
  learn(sender, receiver, end, acknowledgment, highest, window, hasAck);
  if (kind === SegmentKind.Ack) {
    countRetransmission(tracking, isReply, sequence, acknowledgment, end, rawWindow);
  }
  return WindowCheck.Accept;
}

/**
 * Gets to know the sender by its first segment, or anew by another SYN. True for the SYNs of a
 * simultaneous open: there is nothing to compare them with.
 */
function meet(
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
  end: number,
  highest: number,
): boolean {
  const { frame, l4 } = packet;
  const sender = tracking.side(isReply);
  const receiver = tracking.side(!isReply);
  const flags = tcp.flags(frame, l4);
  const hasAck = (flags & tcp.Flag.Ack) !== 0;
  if ((flags & tcp.Flag.Syn) !== 0) {
    const isFirst = sender.maxWindow === 0;
    if (!isFirst && !(after(end, sender.end) && isOpening(tracking.state))) return false;
    initializeSide(sender, packet);
    agreeOnScale(sender, receiver, isReply);
    return !hasAck && (isFirst || isReply);
  }
  if (sender.maxWindow > 0) return false;
  // The beginning was missed: believe this segment.
  sender.end = end;
  sender.maxWindow = Math.max(tcp.window(frame, l4) << sender.scale, 1);
  sender.maxEnd = (end + sender.maxWindow) | 0;
  if (receiver.maxWindow === 0) {
    receiver.end = highest;
    receiver.maxEnd = highest;
  } else if (highest === ((receiver.end + 1) | 0)) {
    receiver.end = highest; // the answer to a keepalive
  }
  return false;
}

/** Conditions I to IV. */
function findPlace(
  sender: TcpSide,
  receiver: TcpSide,
  sequence: number,
  end: number,
  highest: number,
): WindowCheck {
  const tooLate = isTooLate(sender, receiver, end, highest);
  const acknowledgesFuture = after(highest, receiver.end);
  if (after(sequence, sender.maxEnd)) {
    const overshot = ((end - sender.maxEnd + 1) | 0) >>> 0;
    if (tooLate || acknowledgesFuture || overshot > receiver.maxWindow) return WindowCheck.Invalid;
    // A sender that overdoes it a little: what the peer then acknowledges must not be invalid.
    sender.end = end;
    sender.unacknowledged = true;
    return WindowCheck.Ignore;
  }
  if (acknowledgesFuture) return WindowCheck.Invalid;
  return tooLate ? WindowCheck.Ignore : WindowCheck.Accept;
}

/** Data or an acknowledgment from before the last window: conditions II and IV. */
function isTooLate(sender: TcpSide, receiver: TcpSide, end: number, highest: number): boolean {
  const { maxWindow } = receiver;
  if (maxWindow !== 0 && !after(end, (sender.end - maxWindow - 1) | 0)) return true;
  const oldest = Math.max(OLDEST_ACKNOWLEDGMENT, sender.maxWindow);
  return !after(highest, (receiver.end - oldest - 1) | 0);
}

/** Its numbers are not judged; but from a segment that would have failed nothing is learned. */
function isLiberal(sender: TcpSide, conf: HostConf): boolean {
  return sender.liberal || conf.nf_conntrack_tcp_be_liberal > 0;
}

function isOpening(state: TrackedState): boolean {
  return state === TrackedState.SynSent || state === TrackedState.SynReceived;
}

function learn(
  sender: TcpSide,
  receiver: TcpSide,
  end: number,
  acknowledgment: number,
  highest: number,
  window: number,
  hasAck: boolean,
): void {
  const offered = window + ((highest - acknowledgment) | 0);
  if (sender.maxWindow < offered) sender.maxWindow = offered;
  if (after(end, sender.end)) {
    sender.end = end;
    sender.unacknowledged = true;
  }
  if (hasAck && (!sender.acknowledged || after(acknowledgment, sender.maxAck))) {
    sender.maxAck = acknowledgment;
    sender.acknowledged = true;
  }
  if (receiver.maxWindow !== 0 && after(end, sender.maxEnd)) {
    receiver.maxWindow += (end - sender.maxEnd) | 0;
  }
  const allowed = (highest + window) | 0;
  if (!before(allowed, receiver.maxEnd)) {
    // A closed window may be probed with one octet.
    receiver.maxEnd = window === 0 ? (allowed + 1) | 0 : allowed;
  }
  if (acknowledgment === receiver.end) receiver.unacknowledged = false;
}

function countRetransmission(
  tracking: TcpTracking,
  isReply: boolean,
  sequence: number,
  acknowledgment: number,
  end: number,
  window: number,
): void {
  const { last } = tracking;
  if (
    last.isReply === isReply &&
    last.sequence === sequence &&
    last.acknowledgment === acknowledgment &&
    last.end === end &&
    last.window === window
  ) {
    tracking.retransmissions++;
    return;
  }
  last.isReply = isReply;
  last.sequence = sequence;
  last.acknowledgment = acknowledgment;
  last.end = end;
  last.window = window;
  tracking.retransmissions = 0;
}
