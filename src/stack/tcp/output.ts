// Segments on their way out: the one place where TCP headers are written. Every segment asks for its
// route anew, so that a moved route or a lost address shows at once, as it does in Linux.

import type { Frame, Note } from '../../wire/frame.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as tcp from '../../wire/tcp.ts';
import * as options from '../../wire/tcp-options.ts';
import { StackDrop } from '../drop-reason.ts';
import { Ipv4 } from '../ipv4/ipv4.ts';
import type { SendOptions } from '../ipv4/output.ts';
import type { Packet } from '../packet.ts';
import type { SocketHost } from '../socket/host.ts';
import type { ReceiveWindow } from './receive-window.ts';
import type { TcpSegment } from './segment.ts';
import type { SendBuffer } from './send-buffer.ts';
import type { Timestamps } from './timestamps.ts';

/** Congestion marks are the sender's: who has no socket answers with the rest of its type of service. */
const DSCP_MASK = 0xfc;

const CONNECTED: SendOptions = {};
/** IP_PMTUDISC_DONT. */
const FRAGMENTABLE: SendOptions = { dontFragment: false };
const BARE: SendOptions = { unconnected: true };

/** What has to be known of a connection to write its segments. */
export interface WrittenConnection {
  readonly localAddress: Ipv4Address;
  readonly localPort: number;
  readonly remoteAddress: Ipv4Address;
  readonly remotePort: number;
  /** Linux keeps no full socket for it: a request, or TIME-WAIT. */
  readonly isBare: boolean;
  readonly isRequest: boolean;
  /** The MSS option of our SYN. */
  readonly advertisedMss: number;
  readonly timestamps: Timestamps;
  readonly sender: { readonly una: number; readonly buffer: SendBuffer };
  readonly receiver: {
    readonly next: number;
    readonly window: ReceiveWindow;
    /** What to write into the window field now. */
    advertise(isSyn: boolean): number;
  };
  /** What the answers of a request carry. */
  readonly transmitter: { readonly typeOfService: number };
  /** Whether the next segment out shall confirm the neighbor (sk_dst_pending_confirm). */
  takeConfirmation(): boolean;
}

/** Writes the segments of all connections of a host. */
export class SegmentWriter {
  readonly #host: SocketHost;

  constructor(host: SocketHost) {
    this.#host = host;
  }

  /** Data from the send buffer, or a bare acknowledgment; null if there is no route. */
  segment(
    connection: WrittenConnection,
    sequence: number,
    length: number,
    flags: number,
    note: Note | null,
  ): Frame | null {
    const { sender, receiver, timestamps } = connection;
    const { ipv4, scheduler, neighbors } = this.#host;
    const route = ipv4.route(connection.remoteAddress, connection.localAddress);
    if (typeof route === 'string') {
      this.#host.drops.count(StackDrop.NoRoute, 'tcp', null);
      return null;
    }
    const { enabled } = timestamps;
    const header = tcp.HEADER_LENGTH + (enabled ? options.TIMESTAMPS_LENGTH : 0);
    const frame = ipv4.allocate(header + length);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    frame.note = note;
    const window = connection.isBare
      ? receiver.window.repeat(receiver.next)
      : receiver.advertise(false);
    const { localPort, remotePort } = connection;
    tcp.emit(frame, at, localPort, remotePort, sequence, receiver.next, flags, window, header);
    if (enabled) {
      const value = timestamps.valueAt(scheduler.now);
      options.emitTimestamps(frame, at + tcp.HEADER_LENGTH, value, timestamps.recent);
    }
    sender.buffer.copyTo(frame, at + header, sequence, length);
    tcp.refreshChecksum(frame, at, route.source, connection.remoteAddress, header + length);
    if (connection.takeConfirmation()) neighbors.confirm(route.iface, route.nextHop);
    ipv4.send(frame, IpProtocol.Tcp, route, connection.remoteAddress, this.#manner(connection));
    return frame;
  }

  /**
   * SYN or SYN-ACK, with MSS, timestamps and window scale; a SYN-ACK repeats only what was offered.
   * Null if there is no route.
   */
  syn(connection: WrittenConnection, flags: number, note: Note | null): Frame | null {
    const { sender, receiver, timestamps, remoteAddress } = connection;
    const { ipv4, scheduler } = this.#host;
    const route = ipv4.route(remoteAddress, connection.localAddress);
    if (typeof route === 'string') {
      this.#host.drops.count(StackDrop.NoRoute, 'tcp', null);
      return null;
    }
    const isAnswer = (flags & tcp.Flag.Ack) !== 0;
    const withTimestamps = !isAnswer || timestamps.enabled;
    const withScale = !isAnswer || receiver.window.shift > 0;
    const header =
      tcp.HEADER_LENGTH +
      options.MSS_LENGTH +
      (withTimestamps ? options.TIMESTAMPS_LENGTH : 0) +
      (withScale ? options.WINDOW_SCALE_LENGTH : 0);
    const frame = ipv4.allocate(header);
    frame.note = note;
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const { localPort, remotePort } = connection;
    const acknowledgment = isAnswer ? receiver.next : 0;
    const window = receiver.advertise(true);
    tcp.emit(frame, at, localPort, remotePort, sender.una, acknowledgment, flags, window, header);
    let option = options.emitMss(frame, at + tcp.HEADER_LENGTH, connection.advertisedMss);
    if (withTimestamps) {
      const value = timestamps.valueAt(scheduler.now);
      if (isAnswer) timestamps.offered(value);
      option = options.emitTimestamps(frame, option, value, timestamps.recent);
    }
    if (withScale) options.emitWindowScale(frame, option, receiver.window.offeredShift);
    tcp.refreshChecksum(frame, at, route.source, remoteAddress, header);
    ipv4.send(
      frame,
      IpProtocol.Tcp,
      route,
      remoteAddress,
      isAnswer ? BARE : this.#manner(connection),
    );
    return frame;
  }

  /**
   * RST to a segment that fits no connection (tcp_v4_send_reset): with its acknowledgment number as
   * sequence number and no ACK flag, or, if it has none, with ACK of all it occupies.
   */
  reset(packet: Packet, segment: TcpSegment, note: Note): void {
    if (segment.has(tcp.Flag.Rst) || packet.isBroadcast) return;
    const isAcked = segment.has(tcp.Flag.Ack);
    this.#bareReset(
      packet.destination,
      packet.destinationPort,
      packet.source,
      packet.sourcePort,
      isAcked ? segment.acknowledgment : 0,
      isAcked ? 0 : segment.endSequence,
      isAcked ? tcp.Flag.Rst : tcp.Flag.Rst | tcp.Flag.Ack,
      packet.typeOfService & DSCP_MASK,
      note,
    );
  }

  /** inet_create: with ip_no_pmtu_disc sockets begin without path MTU discovery. */
  #manner(connection: WrittenConnection): SendOptions {
    if (connection.isRequest) {
      const typeOfService = connection.transmitter.typeOfService & DSCP_MASK;
      return { unconnected: true, typeOfService };
    }
    if (connection.isBare) return BARE;
    return this.#host.sysctl.host.ip_no_pmtu_disc > 0 ? FRAGMENTABLE : CONNECTED;
  }

  #bareReset(
    source: Ipv4Address,
    sourcePort: number,
    destination: Ipv4Address,
    destinationPort: number,
    sequence: number,
    acknowledgment: number,
    flags: number,
    typeOfService: number,
    note: Note,
  ): void {
    const { ipv4 } = this.#host;
    const route = ipv4.route(destination, source);
    if (typeof route === 'string') {
      this.#host.drops.count(StackDrop.NoRoute, 'tcp', null);
      return;
    }
    const frame = ipv4.allocate(tcp.HEADER_LENGTH);
    frame.note = note;
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    tcp.emit(frame, at, sourcePort, destinationPort, sequence, acknowledgment, flags, 0);
    tcp.refreshChecksum(frame, at, route.source, destination, tcp.HEADER_LENGTH);
    ipv4.send(frame, IpProtocol.Tcp, route, destination, { typeOfService, unconnected: true });
  }
}
