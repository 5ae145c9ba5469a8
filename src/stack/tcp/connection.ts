// One TCP connection (RFC 9293): what the application may do with it, and its life from SYN to
// TIME-WAIT. What a segment does to it is in arrival.ts, what the SYNs settle in synchronization.ts; the
// halves are sender.ts and receiver.ts.
// Left out: SACK, ECN, urgent data, fast open, MD5, path MTU probing, buffer tuning.

import type { DropReason } from '../../link/drop-reason.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { Flag } from '../../wire/tcp.ts';
import type { Errno } from '../socket/errno.ts';
import type { SocketHost } from '../socket/host.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { TcpHandlers } from './handlers.ts';
import { Handshake } from './handshake.ts';
import { KeepAlive } from './keep-alive.ts';
import type { TcpListener } from './listener.ts';
import { noteAborted, noteUnread } from './notes.ts';
import type { SegmentWriter } from './output.ts';
import { Receiver } from './receiver.ts';
import { SegmentSize } from './segment-size.ts';
import { Sender } from './sender.ts';
import type { TcpSocket } from './socket.ts';
import { isSynchronized, maySend, TcpState } from './state.ts';
import { LazyTimer } from './timer.ts';
import { Timestamps } from './timestamps.ts';
import { Transmitter } from './transmitter.ts';

/** TCP_TIMEWAIT_LEN. */
const TIME_WAIT: Nanos = seconds(60);

/** Who holds the connections of a host: `Tcp`. */
interface ConnectionOwner {
  readonly writer: SegmentWriter;
  /** The connection has ended. */
  remove(connection: TcpConnection): void;
}

/** A connection as its parts see it; its application sees a `TcpSocket`, which describes its half. */
export class TcpConnection implements TcpSocket {
  readonly host: SocketHost;
  readonly localAddress: Ipv4Address;
  readonly localPort: number;
  readonly remoteAddress: Ipv4Address;
  readonly remotePort: number;
  /** Null for an active open. */
  readonly listener: TcpListener | null;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly handshake: Handshake;
  readonly timestamps: Timestamps;
  readonly transmitter: Transmitter;
  readonly size: SegmentSize;
  handlers: TcpHandlers;
  /** The last error that did not end the connection (sk_err_soft): what ICMP said about it. */
  softError: Errno | null = null;
  /** In TIME-WAIT: when the last segment of the peer was heard. */
  lingersSince: Nanos = 0;
  /** Octets of data received in order. */
  rxOctets = 0;
  /** Kept by TcpTable. */
  nextInBucket: TcpConnection | null = null;
  readonly #owner: ConnectionOwner;
  readonly #linger: LazyTimer;
  readonly #keepAlive: KeepAlive | null;
  readonly #nagle: boolean;
  #state: TcpState = TcpState.Closed;
  /** The application has closed it (SOCK_DEAD). */
  #isOrphan = false;
  /** The application has had its last call, or wants none. */
  #reported = false;
  #endQueued = false;
  #wantsRoom = false;
  #confirmPending = false;
  #isRequest: boolean;

  /** Use `Tcp.connect` or `Tcp.listen`. */
  constructor(owner: ConnectionOwner, host: SocketHost, options: ConnectionOptions) {
    this.host = host;
    this.#owner = owner;
    this.localAddress = options.localAddress;
    this.localPort = options.localPort;
    this.remoteAddress = options.remoteAddress;
    this.remotePort = options.remotePort;
    this.handlers = options.handlers;
    this.listener = options.listener;
    this.#isRequest = options.listener !== null;
    this.#nagle = options.nagle;
    this.size = new SegmentSize(options.mtu);
    this.transmitter = new Transmitter(this, owner.writer);
    this.timestamps = new Timestamps(options.timestampOffset);
    this.sender = new Sender(this, options.initialSequence);
    this.receiver = new Receiver(this);
    this.receiver.window.begin(this.advertisedMss);
    this.handshake = new Handshake(this);
    this.#linger = new LazyTimer(host.scheduler, () => this.finish(null), true);
    this.#keepAlive = options.keepAlive ? new KeepAlive(this) : null;
  }

  get state(): TcpState {
    return this.#state;
  }

  get isOpen(): boolean {
    return !this.#isOrphan && !this.#reported;
  }

  /** Linux keeps no full socket for it: a request, or TIME-WAIT. */
  get isBare(): boolean {
    return this.#isRequest || this.#state === TcpState.TimeWait;
  }

  /** Half-open, and only the listener knows of it (request_sock). */
  get isRequest(): boolean {
    return this.#isRequest;
  }

  /** The application has closed it, the protocol goes on (SOCK_DEAD). */
  get isOrphan(): boolean {
    return this.#isOrphan;
  }

  /** See `maySend`. */
  get canSend(): boolean {
    return maySend(this.#state);
  }

  /** See `isSynchronized`. */
  get isSynchronized(): boolean {
    return isSynchronized(this.#state);
  }

  get room(): number {
    return this.sender.buffer.room;
  }

  get srtt(): Nanos {
    return this.sender.rtt.srtt;
  }

  get retransmissions(): number {
    return this.sender.retransmissions + this.handshake.retransmissions;
  }

  /** The MSS option of our SYN. */
  get advertisedMss(): number {
    return this.size.advertised;
  }

  write(octets: Uint8Array): number {
    const connecting = this.#state === TcpState.SynSent || this.#state === TcpState.SynReceived;
    const writable =
      connecting || this.#state === TcpState.Established || this.#state === TcpState.CloseWait;
    if (!writable || this.#endQueued || this.#isOrphan) return 0;
    const taken = this.sender.buffer.write(octets);
    if (taken < octets.length) this.#wantsRoom = true;
    if (!connecting) this.output();
    return taken;
  }

  end(): void {
    if (this.#endQueued) return;
    this.#endQueued = true;
    this.sender.finish();
    if (this.#state === TcpState.Established) this.enter(TcpState.FinWait1);
    else if (this.#state === TcpState.CloseWait) this.enter(TcpState.LastAck);
    else return;
    this.output();
  }

  close(): void {
    if (this.#isOrphan) return;
    const unread = this.receiver.queued > 0;
    this.#isOrphan = true;
    if (this.#state === TcpState.SynSent) {
      this.finish(null);
    } else if (unread && this.isSynchronized) {
      this.transmitter.reset(noteUnread);
      this.finish(null);
    } else {
      this.end();
      if (this.#state === TcpState.FinWait2) this.enter(TcpState.FinWait2);
    }
  }

  abort(): void {
    this.#reported = true;
    if (this.isSynchronized && this.#state !== TcpState.TimeWait)
      this.transmitter.reset(noteAborted);
    else if (this.#state === TcpState.SynReceived) this.transmitter.reset(noteAborted);
    this.destroy();
  }

  pause(): void {
    this.receiver.pause();
  }

  resume(): void {
    this.receiver.resume();
    if (this.#state === TcpState.TimeWait || this.#state === TcpState.Closed) this.#reportEnd();
  }

  /** Begins an active open. */
  open(): void {
    this.enter(TcpState.SynSent);
    this.handshake.start(Flag.Syn);
  }

  /** The request was met and becomes a connection (tcp_create_openreq_child). */
  adopt(): void {
    this.#isRequest = false;
    this.handshake.stop();
    this.transmitter.forgetChallenge();
  }

  /** Both SYNs are acknowledged: data may flow. */
  established(): void {
    this.enter(TcpState.Established);
    this.#keepAlive?.start();
    this.#confirmPending = true;
    if (this.#endQueued) this.enter(TcpState.FinWait1);
  }

  /** The one place where the state changes. */
  enter(next: TcpState): void {
    if (this.#state === TcpState.SynReceived) this.listener?.dismiss();
    this.#state = next;
    if (next === TcpState.TimeWait) {
      this.#stopTimers();
      this.linger();
      this.#reportEnd();
    } else if (next === TcpState.FinWait2 && this.#isOrphan) {
      this.#linger.arm(seconds(this.host.sysctl.host.tcp_fin_timeout));
    } else if (next === TcpState.Closed) {
      this.#stopTimers();
      this.#linger.cancel();
      this.#owner.remove(this);
    }
  }

  /** TIME-WAIT begins anew. */
  linger(): void {
    this.lingersSince = this.host.scheduler.now;
    this.#linger.arm(TIME_WAIT);
  }

  /** The connection is over; the application hears so if it has not yet. */
  finish(error: Errno | null): void {
    const wasUp = this.isSynchronized;
    this.enter(TcpState.Closed);
    if (error !== null && wasUp && !this.#reported) {
      this.host.events.emit(this.host.name, 'connection-broken', {
        local: `${formatIpv4(this.localAddress)}:${this.localPort}`,
        remote: `${formatIpv4(this.remoteAddress)}:${this.remotePort}`,
        error,
      });
    }
    if (error === null) this.#reportEnd();
    else this.#report(error);
  }

  /** Gone without a segment or a callback. */
  destroy(): void {
    this.#reported = true;
    this.receiver.discard();
    this.enter(TcpState.Closed);
  }

  /** Too many retransmissions: what ICMP said about them counts (tcp_write_err). */
  timedOut(): void {
    this.finish(this.softError ?? 'ETIMEDOUT');
  }

  /** A segment of the peer came in. */
  heard(): void {
    this.#keepAlive?.heard();
  }

  /** The peer has acknowledged something new: the neighbor is alive, the send buffer has room. */
  progress(): void {
    this.#confirmPending = true;
    this.softError = null;
  }

  /** Whether the next segment out shall confirm the neighbor (sk_dst_pending_confirm). */
  takeConfirmation(): boolean {
    const pending = this.#confirmPending;
    this.#confirmPending = false;
    return pending;
  }

  /** Tells an application that waited for it that it may write again. */
  announceRoom(): void {
    const { buffer } = this.sender;
    if (!this.#wantsRoom || buffer.room < buffer.length || !this.isOpen || this.#endQueued) return;
    this.#wantsRoom = false;
    this.handlers.onWritable?.(this);
  }

  /** Sends what may leave now. */
  output(): void {
    if (!this.canSend) return;
    this.followPathMtu();
    this.sender.output(this.#nagle);
  }

  /** The route may have another MTU by now, or ICMP has reported one. */
  followPathMtu(): void {
    const route = this.host.ipv4.route(this.remoteAddress, this.localAddress);
    if (typeof route === 'string' || !this.size.follow(route.mtu, this.sender.window.largest))
      return;
    const payload = this.size.payload(this.timestamps.enabled);
    if (payload !== this.sender.mss) this.sender.resize(payload);
  }

  drop(reason: DropReason, frame: Frame): void {
    this.host.drops.count(reason, 'tcp', frame);
  }

  #stopTimers(): void {
    this.handshake.stop();
    this.sender.stop();
    this.receiver.stop();
    this.#keepAlive?.stop();
  }

  /** An orderly end is reported when the application has had all data. */
  #reportEnd(): void {
    if (this.#isOrphan || this.receiver.queued === 0) this.#report(null);
  }

  #report(error: Errno | null): void {
    if (this.#reported) return;
    this.#reported = true;
    this.receiver.discard();
    this.handlers.onClosed?.(this, error);
  }
}
