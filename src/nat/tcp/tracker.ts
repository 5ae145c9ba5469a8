// Follows TCP connections (net/netfilter/nf_conntrack_proto_tcp.c, 6.x): the state table decides,
// the window check confirms, the timeout follows from the state. Where the table says "ignore", the
// packet passes and is remembered: an answer to it may show that conntrack was the one out of step.

import { type Nanos, seconds } from '../../sim/time.ts';
import type { Packet } from '../../stack/packet.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import * as tcp from '../../wire/tcp.ts';
import { type Connection, ConnectionStatus } from '../conntrack/connection.ts';
import { Track } from '../conntrack/track.ts';
import {
  answersIgnored,
  answersIgnoredSyn,
  isChallenge,
  mayReopen,
  noteIgnored,
  resynchronize,
} from './ignored.ts';
import { judgeReset, Reset } from './reset.ts';
import {
  areValidFlags,
  isClosing,
  nextState,
  SegmentKind,
  Special,
  segmentOf,
  TrackedState,
} from './states.ts';
import { timeoutAfter } from './timeout.ts';
import { TcpTracking } from './tracking.ts';
import { checkWindow, initializeSide, segmentEnd, WindowCheck } from './window.ts';

/** tcp_error: false for what no TCP sends. The checksum is looked at where packets come in. */
export function isWellFormed(packet: Packet, verifyChecksum: boolean): boolean {
  const { frame, l4, end } = packet;
  const length = end - l4;
  if (tcp.check(frame, l4, length) !== null) return false;
  if (
    verifyChecksum &&
    !tcp.hasValidChecksum(frame, l4, packet.source, packet.destination, length)
  ) {
    return false;
  }
  return areValidFlags(tcp.flags(frame, l4));
}

/**
 * tcp_new: what to remember of a connection whose first segment this is; null if none begins with
 * it. Without a SYN it is picked up in the middle, if nf_conntrack_tcp_loose allows.
 */
export function begin(packet: Packet, conf: HostConf): TcpTracking | null {
  const { frame, l4 } = packet;
  const first = nextState(false, segmentOf(tcp.flags(frame, l4)), TrackedState.None);
  if (first === Special.Invalid) return null;
  if (first !== TrackedState.SynSent && conf.nf_conntrack_tcp_loose === 0) return null;
  const tracking = new TcpTracking();
  const { original, reply } = tracking;
  if (first === TrackedState.SynSent) {
    initializeSide(original, packet);
    return tracking;
  }
  original.end = segmentEnd(packet);
  original.maxWindow = Math.max(tcp.window(frame, l4), 1);
  original.maxEnd = (original.end + original.maxWindow) | 0;
  for (const side of [original, reply]) {
    side.sackPermitted = true;
    side.liberal = true;
  }
  return tracking;
}

/** Entries that expire sooner are left alone by nf_tcp_handle_invalid. */
const WORTH_SHORTENING: Nanos = seconds(120);

/** Follows the TCP connections of one host. */
export class TcpTracker {
  readonly #conf: HostConf;
  readonly #kill: (connection: Connection) => void;

  /** `kill` takes a connection out of the table. */
  constructor(conf: HostConf, kill: (connection: Connection) => void) {
    this.#conf = conf;
    this.#kill = kill;
  }

  /** nf_conntrack_tcp_packet, for a well-formed segment. */
  track(
    connection: Connection,
    tracking: TcpTracking,
    packet: Packet,
    isReply: boolean,
    now: Nanos,
  ): Track {
    const kind = segmentOf(tcp.flags(packet.frame, packet.l4));
    const { last } = tracking;
    let from = tracking.state;
    let to = nextState(isReply, kind, from);
    let believed = false;
    switch (to) {
      case Special.Invalid:
        return Track.Invalid;
      case TrackedState.SynSent:
      case Special.Ignore:
        if (to === TrackedState.SynSent && from < TrackedState.TimeWait) break;
        if (to === TrackedState.SynSent && mayReopen(tracking, isReply)) {
          this.#kill(connection);
          return Track.Reopen;
        }
        if (!answersIgnoredSyn(tracking, packet, isReply, kind)) {
          noteIgnored(tracking, packet, isReply, kind);
          return Track.Accept;
        }
        resynchronize(tracking, isReply);
        from = TrackedState.SynSent;
        to = TrackedState.SynReceived;
        break;
      case TrackedState.TimeWait:
        if (from === TrackedState.LastAck && isChallenge(tracking, isReply, kind)) {
          last.expectChallenge = false;
          return Track.Accept;
        }
        break;
      case TrackedState.SynSent2:
        last.simultaneousOpen = true;
        break;
      case TrackedState.SynReceived:
        if (isReply && kind === SegmentKind.Ack && last.simultaneousOpen)
          to = TrackedState.Established;
        break;
      case TrackedState.Close: {
        if (kind !== SegmentKind.Rst) break;
        believed = isClosing(from);
        if (believed) break;
        const verdict = judgeReset(connection, tracking, packet, isReply, this.#conf);
        if (verdict === Reset.Invalid) return Track.Invalid;
        if (verdict === Reset.Check) break;
        if (verdict === Reset.Doubt) to = from;
        believed = answersIgnored(connection, tracking, packet, isReply);
        break;
      }
      default:
        break;
    }
    if (!believed) {
      const check = checkWindow(tracking, packet, isReply, kind, this.#conf);
      if (check === WindowCheck.Ignore) return Track.Accept;
      if (check === WindowCheck.Invalid) {
        this.#shorten(connection, tracking, kind, isReply, now);
        return Track.Invalid;
      }
    }
    last.kind = kind;
    last.isReply = isReply;
    tracking.state = to;
    if (from !== to && to === TrackedState.FinWait) tracking.side(isReply).closedFirst = true;
    this.#keepAlive(connection, tracking, kind, from, now);
    return Track.Accept;
  }

  /**
   * nf_tcp_handle_invalid: if both ends say goodbye with numbers that do not fit, conntrack is out of
   * step, and the entry should not hang around for five days.
   */
  #shorten(
    connection: Connection,
    tracking: TcpTracking,
    kind: SegmentKind,
    isReply: boolean,
    now: Nanos,
  ): void {
    if (!connection.has(ConnectionStatus.Assured)) return;
    if (kind !== SegmentKind.Rst && kind !== SegmentKind.Fin) return;
    const { last } = tracking;
    const answersGoodbye = last.kind === SegmentKind.Fin || last.kind === SegmentKind.Rst;
    if (last.isReply === isReply || !answersGoodbye) {
      last.kind = kind;
      last.isReply = isReply;
      return;
    }
    const left = connection.expires - now;
    const shorter = seconds(this.#conf.nf_conntrack_tcp_timeout_unacknowledged);
    if (left >= WORTH_SHORTENING && left > shorter) connection.expires = now + shorter;
  }

  /** How long the connection may be silent now; whether it is assured; a refusal ends it at once. */
  #keepAlive(
    connection: Connection,
    tracking: TcpTracking,
    kind: SegmentKind,
    from: TrackedState,
    now: Nanos,
  ): void {
    const conf = this.#conf;
    const { state } = tracking;
    let timeout = timeoutAfter(tracking, kind, conf);
    if (!connection.has(ConnectionStatus.SeenReply)) {
      if (kind === SegmentKind.Rst) {
        this.#kill(connection);
        return;
      }
      // Else a client, or a NAT before us, could keep a mapping alive forever with SYNs.
      if (kind === SegmentKind.Syn && from === TrackedState.SynSent) return;
      if (state === TrackedState.Established) {
        timeout = Math.min(timeout, conf.nf_conntrack_tcp_timeout_unacknowledged);
      }
    } else if (
      state === TrackedState.Established &&
      (from === TrackedState.SynReceived || from === TrackedState.Established)
    ) {
      connection.status |= ConnectionStatus.Assured;
    }
    connection.expires = now + seconds(timeout);
  }
}
