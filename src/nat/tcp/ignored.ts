// Segments that conntrack neither believes nor calls invalid: a SYN in an established connection, an
// ACK in answer to the first SYN. They pass and are noted, for the answer may show who was right.

import type { Packet } from '../../stack/packet.ts';
import * as tcp from '../../wire/tcp.ts';
import * as tcpOptions from '../../wire/tcp-options.ts';
import { type Connection, ConnectionStatus } from '../conntrack/connection.ts';
import { SegmentKind, TrackedState } from './states.ts';
import type { TcpTracking } from './tracking.ts';
import { segmentEnd } from './window.ts';

/** A SYN on a connection that is over: closed by either end, or reset by the one that now returns. */
export function mayReopen(tracking: TcpTracking, isReply: boolean): boolean {
  const { original, reply, last } = tracking;
  if (original.closedFirst || reply.closedFirst) return true;
  return last.isReply === isReply && last.kind === SegmentKind.Rst;
}

/** A SYN-ACK to the SYN that was ignored: both ends agree, conntrack was out of step. */
export function answersIgnoredSyn(
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
  kind: SegmentKind,
): boolean {
  const { last } = tracking;
  return (
    kind === SegmentKind.SynAck &&
    last.kind === SegmentKind.Syn &&
    last.isReply !== isReply &&
    (tcp.acknowledgmentNumber(packet.frame, packet.l4) | 0) === last.end
  );
}

/** Takes the ignored SYN for the beginning; the answer to it, in the other direction, begins there. */
export function resynchronize(tracking: TcpTracking, isReply: boolean): void {
  const { last } = tracking;
  const opener = tracking.side(last.isReply);
  opener.reset();
  opener.liberal = false;
  opener.end = last.end;
  opener.maxEnd = last.end;
  opener.maxWindow = Math.max(last.window, 1);
  opener.scale = last.scale;
  opener.windowScale = last.windowScale;
  opener.sackPermitted = last.sackPermitted;
  last.expectChallenge = false;
  tracking.side(isReply).reset();
}

/** Remembers a segment that passes without having been judged. */
export function noteIgnored(
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
  kind: SegmentKind,
): void {
  const { frame, l4 } = packet;
  const { last, state } = tracking;
  last.kind = kind;
  last.isReply = isReply;
  last.sequence = tcp.sequenceNumber(frame, l4) | 0;
  last.end = segmentEnd(packet);
  last.window = tcp.window(frame, l4);
  if (kind === SegmentKind.Syn && !isReply) {
    const options = tcpOptions.parse(frame, l4);
    last.windowScale = options.windowScale !== null;
    last.scale = options.windowScale ?? 0;
    last.sackPermitted = options.sackPermitted;
    last.simultaneousOpen = false;
    last.expectChallenge = state === TrackedState.LastAck;
  }
  if (state === TrackedState.SynSent && kind === SegmentKind.Ack && isReply) {
    last.acknowledgment = tcp.acknowledgmentNumber(frame, l4) | 0;
  }
}

/** The challenge (RFC 5961) to an ignored SYN: it acknowledges no FIN. */
export function isChallenge(tracking: TcpTracking, isReply: boolean, kind: SegmentKind): boolean {
  const { last } = tracking;
  return (
    kind === SegmentKind.Ack &&
    last.isReply !== isReply &&
    last.kind === SegmentKind.Syn &&
    last.expectChallenge
  );
}

/** A RST in answer to a SYN or ACK that was ignored, or to the challenge that followed. */
export function answersIgnored(
  connection: Connection,
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
): boolean {
  const { last } = tracking;
  const { frame, l4 } = packet;
  const fromPeer = last.isReply !== isReply;
  const toSyn =
    connection.has(ConnectionStatus.SeenReply) && last.kind === SegmentKind.Syn && fromPeer;
  const toAck = !connection.has(ConnectionStatus.Assured) && last.kind === SegmentKind.Ack;
  const acknowledgment = tcp.acknowledgmentNumber(frame, l4) | 0;
  if ((toSyn || toAck) && acknowledgment === last.end) return true;
  return (
    tracking.state === TrackedState.SynSent &&
    last.kind === SegmentKind.Ack &&
    last.isReply &&
    (tcp.sequenceNumber(frame, l4) | 0) === last.acknowledgment
  );
}
