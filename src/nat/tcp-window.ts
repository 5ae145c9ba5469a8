// Does a segment belong to the connection? Guido van Rooij's window check as Linux has it
// (tcp_in_window): with s the sender and r the receiver of the segment,
//
//   I    seq             <= s.maxEnd                    not beyond what r allowed
//   II   seq + length    >= s.end - r.maxWindow         not older than a whole window
//   III  acknowledgment  <= r.end                       r has sent what is acknowledged
//   IV   acknowledgment  >= r.end - max(66000, s.maxWindow)

import type { Packet } from '../stack/packet.ts';
import type { HostConf } from '../stack/sysctl.ts';
import * as tcp from '../wire/tcp.ts';
import * as tcpOptions from '../wire/tcp-options.ts';
import * as tcpSack from '../wire/tcp-sack.ts';
import { Segment, TcpState } from './tcp-states.ts';
import { after, before, type TcpSide, type TcpTracking } from './tcp-tracking.ts';

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

/** RFC 7323 2.2: both must have sent the option, or nobody scales. */
function agreeOnScale(sender: TcpSide, receiver: TcpSide): void {
  if (sender.windowScale && receiver.windowScale) return;
  sender.scale = 0;
  receiver.scale = 0;
}

/** Judges a segment and, if it fits, learns from it. */
export function isInWindow(
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
  kind: Segment,
  conf: HostConf,
): boolean {
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

  if (sender.maxWindow === 0) {
    if (isSyn) {
      initializeSide(sender, packet);
      agreeOnScale(sender, receiver);
      if (!hasAck) return true; // simultaneous open
    } else {
      // The beginning was missed: believe this segment.
      sender.end = end;
      sender.maxWindow = Math.max(rawWindow << sender.scale, 1);
      sender.maxEnd = (end + sender.maxWindow) | 0;
      if (receiver.maxWindow === 0) {
        receiver.end = highest;
        receiver.maxEnd = highest;
      } else if (highest === ((receiver.end + 1) | 0)) {
        receiver.end = highest; // the answer to a keepalive
      }
    }
  } else if (isSyn && after(end, sender.end) && isOpening(tracking.state)) {
    initializeSide(sender, packet);
    agreeOnScale(sender, receiver);
    if (isReply && !hasAck) return true;
  }

  // No acknowledgment, or the zero one of stacks that set the flag in every RST: taken as right.
  if (!hasAck || (isRst && acknowledgment === 0)) {
    acknowledgment = receiver.end;
    highest = receiver.end;
  }
  // A RST in answer to a SYN has no sequence number of its own.
  if (isRst && sequence === 0 && tracking.state === TcpState.SynSent) {
    sequence = sender.end;
    end = sender.end;
  }

  const oldest = Math.max(OLDEST_ACKNOWLEDGMENT, sender.maxWindow);
  const notTooFar = !after(sequence, sender.maxEnd);
  const notTooOld =
    receiver.maxWindow === 0 || after(end, (sender.end - receiver.maxWindow - 1) | 0);
  const acknowledgesSent = !after(highest, receiver.end);
  const acknowledgesRecent = after(highest, (receiver.end - oldest - 1) | 0);
  if (notTooFar && notTooOld && acknowledgesSent && acknowledgesRecent) {
    const window = isSyn ? rawWindow : rawWindow << sender.scale;
    learn(sender, receiver, end, acknowledgment, highest, window, hasAck);
    if (kind === Segment.Ack) {
      countRetransmission(tracking, isReply, sequence, acknowledgment, end, rawWindow);
    }
    return true;
  }
  if (sender.liberal || conf.nf_conntrack_tcp_be_liberal > 0) return true;
  const overshot = ((end - sender.maxEnd + 1) | 0) >>> 0;
  if (
    !notTooFar &&
    notTooOld &&
    acknowledgesSent &&
    acknowledgesRecent &&
    overshot <= receiver.maxWindow
  ) {
    // Invalid, but if it gets through the peer will acknowledge it, and that must not be invalid too.
    sender.end = end;
    sender.unacknowledged = true;
  }
  return false;
}

function isOpening(state: TcpState): boolean {
  return state === TcpState.SynSent || state === TcpState.SynReceived;
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
