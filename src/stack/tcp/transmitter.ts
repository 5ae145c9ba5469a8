// What one connection says: data, handshake, bare acknowledgments, probes and RST.

import { millis, type Nanos } from '../../sim/time.ts';
import type { Frame, Note } from '../../wire/frame.ts';
import { Flag } from '../../wire/tcp.ts';
import type { SocketHost } from '../socket/host.ts';
import { noteChallenge } from './notes.ts';
import type { SegmentWriter, WrittenConnection } from './output.ts';
import { add } from './sequence.ts';

/** tcp_invalid_ratelimit: so often at most is a segment answered that is out of place. */
const CHALLENGE_INTERVAL: Nanos = millis(500);

/** What the transmitter needs of its connection. */
interface TransmitterConnection extends WrittenConnection {
  readonly host: SocketHost;
  readonly sender: WrittenConnection['sender'] & { readonly next: number };
  readonly receiver: WrittenConnection['receiver'] & {
    /** Called for every segment that carries an acknowledgment. */
    acknowledgmentSent(withData: boolean): void;
  };
}

/** The voice of one connection. */
export class Transmitter {
  /** What the answers of a request carry: that of the segment (tcp_v4_reqsk_send_ack). */
  typeOfService = 0;
  readonly #connection: TransmitterConnection;
  readonly #writer: SegmentWriter;
  #challengedAt: Nanos = Number.NEGATIVE_INFINITY;

  constructor(connection: TransmitterConnection, writer: SegmentWriter) {
    this.#connection = connection;
    this.#writer = writer;
  }

  /** `length` octets of the send buffer from `sequence` on; null if there is no route. */
  segment(sequence: number, length: number, flags: number, note: Note | null = null): Frame | null {
    const { receiver } = this.#connection;
    const frame = this.#writer.segment(this.#connection, sequence, length, flags, note);
    if ((flags & Flag.Ack) !== 0) receiver.acknowledgmentSent(length > 0);
    return frame;
  }

  /** SYN, or SYN and ACK; null if there is no route. */
  syn(flags: number, note: Note | null = null): Frame | null {
    return this.#writer.syn(this.#connection, flags, note);
  }

  ack(note: Note | null = null): void {
    this.segment(this.#connection.sender.next, 0, Flag.Ack, note);
  }

  /** tcp_send_active_reset. */
  reset(note: Note): void {
    this.segment(this.#connection.sender.next, 0, Flag.Rst | Flag.Ack, note);
  }

  /** A segment that the peer finds out of place and answers: is it still there? */
  probe(note: Note): void {
    this.segment(add(this.#connection.sender.una, -1), 0, Flag.Ack, note);
  }

  /** RFC 5961: says where we stand, at most every 500 ms. */
  challenge(): void {
    if (this.mayChallenge()) this.ack(noteChallenge);
  }

  /** tcp_oow_rate_limited; a yes counts as an answer given. */
  mayChallenge(): boolean {
    const { now } = this.#connection.host.scheduler;
    if (now - this.#challengedAt < CHALLENGE_INTERVAL) return false;
    this.#challengedAt = now;
    return true;
  }

  /** A challenge from now on is the first. */
  forgetChallenge(): void {
    this.#challengedAt = Number.NEGATIVE_INFINITY;
  }

  /** A frame sent before still waits for the neighbor's MAC: to repeat it is pointless (skb_still_in_host_queue). */
  holds(frame: Frame | null): boolean {
    if (frame === null || frame.sealed) return false;
    const { host, remoteAddress, localAddress } = this.#connection;
    const route = host.ipv4.route(remoteAddress, localAddress);
    if (typeof route === 'string') return false;
    return host.neighbors.lookup(route.iface, route.nextHop)?.queue.has(frame) ?? false;
  }
}
