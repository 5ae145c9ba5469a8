// What a RST is worth to conntrack. A receiver believes only the exact number and challenges what is
// merely in its window (RFC 5961 3.2), so conntrack must not close what the receiver keeps open.

import type { Packet } from '../../stack/packet.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import * as tcp from '../../wire/tcp.ts';
import { type Connection, ConnectionStatus } from '../conntrack/connection.ts';
import { SegmentKind, TrackedState } from './states.ts';
import { before, type TcpTracking } from './tracking.ts';

/** What the numbers of a RST are worth, before the window check. */
export const Reset = {
  Invalid: 0,
  /** The window check decides. */
  Check: 1,
  /** Not the exact number: the state stays, as the receiver may challenge it (RFC 5961). */
  Doubt: 2,
  /** Nothing is known to compare it with. */
  Unknown: 3,
} as const;
export type Reset = (typeof Reset)[keyof typeof Reset];

/** For a connection that is not closing anyway. */
export function judgeReset(
  connection: Connection,
  tracking: TcpTracking,
  packet: Packet,
  isReply: boolean,
  conf: HostConf,
): Reset {
  const { last } = tracking;
  const peer = tracking.side(!isReply);
  if (!peer.acknowledged || last.kind === SegmentKind.Syn) return Reset.Unknown;
  const sequence = tcp.sequenceNumber(packet.frame, packet.l4) | 0;
  const established =
    tracking.state === TrackedState.Established && connection.has(ConnectionStatus.Assured);
  if (sequence === 0 && !established) return Reset.Check;
  if (before(sequence, peer.maxAck) && conf.nf_conntrack_tcp_ignore_invalid_rst === 0) {
    return Reset.Invalid;
  }
  if (!established || sequence === peer.maxAck) return Reset.Check;
  // The last of a train: the data before it has not been acknowledged yet.
  const ofTrain = last.kind === SegmentKind.Ack && last.isReply === isReply;
  return ofTrain && sequence === last.end ? Reset.Check : Reset.Doubt;
}
