// TCP of one host, RFC 9293: which connection or listener a segment is for, and RST for what fits
// none. Connections are found by an integer hash of their four numbers.

import type { DropReason } from '../../link/drop-reason.ts';
import { DEFAULT_MTU } from '../../wire/ethernet.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as tcp from '../../wire/tcp.ts';
import { StackDrop } from '../drop-reason.ts';
import type { IcmpError } from '../icmp/error.ts';
import type { TransportProtocol } from '../ipv4/transport.ts';
import type { Packet } from '../packet.ts';
import { type Errno, sendErrno } from '../socket/errno.ts';
import type { SocketHost } from '../socket/host.ts';
import { failInUse } from '../socket/in-use.ts';
import { reopens, segmentArrives } from './arrival.ts';
import { TcpConnection } from './connection.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { errorArrives } from './error-arrival.ts';
import type { ConnectOptions, ListenOptions, TcpAcceptor, TcpHandlers } from './handlers.ts';
import { Identity } from './identity.ts';
import { DEFAULT_BACKLOG, TcpListener } from './listener.ts';
import { ListenerTable } from './listener-table.ts';
import { LocalPorts } from './local-ports.ts';
import { noteMisfit, noteNobodyListens, noteNoConnection, noteUnwanted } from './notes.ts';
import { Outcome } from './outcome.ts';
import { SegmentWriter } from './output.ts';
import { TcpSegment } from './segment.ts';
import { add, distance } from './sequence.ts';
import { TcpState } from './state.ts';
import { takeSyn } from './synchronization.ts';
import { TcpTable } from './table.ts';

/** Connections of one host, those in TIME-WAIT included. */
const CONNECTION_LIMIT = 65_536;
/** A connection that reopens one in TIME-WAIT starts so far behind it (tcp_timewait_state_process). */
const REOPEN_GAP = 65_535 + 2;
/** Until its application is asked, a connection has none. */
const NO_HANDLERS: TcpHandlers = {};

/** TCP of one host: its connections and listeners. */
export class Tcp implements TransportProtocol {
  /** For connections. */
  readonly writer: SegmentWriter;
  readonly #host: SocketHost;
  readonly #ports: LocalPorts;
  readonly #identity: Identity;
  readonly #table = new TcpTable();
  readonly #listeners = new ListenerTable();
  readonly #segment = new TcpSegment();

  constructor(host: SocketHost) {
    this.#host = host;
    this.writer = new SegmentWriter(host);
    this.#ports = new LocalPorts(host, this.#table, this.#listeners);
    this.#identity = new Identity(host.random.fork('tcp-identity'));
    host.ipv4.register(IpProtocol.Tcp, this);
  }

  /** Begins an active open. Any error is reported by `onClosed`, never before this returns. */
  connect(options: ConnectOptions, handlers: TcpHandlers): TcpConnection {
    const { address, port, nagle = false, keepAlive = false } = options;
    const route = this.#host.ipv4.routeToPeer(address, options.localAddress);
    const isRouted = typeof route !== 'string';
    const localAddress = isRouted ? route.source : (options.localAddress ?? ANY_ADDRESS);
    const mtu = isRouted ? route.mtu : DEFAULT_MTU;
    const localPort = this.#ports.choose(localAddress, options);
    const previous = this.#table.find(localAddress, localPort ?? 0, address, port);
    const connection = this.#create(
      { address: localAddress, port: localPort ?? 0 },
      { address, port },
      { handlers, mtu, listener: null, nagle, keepAlive },
      previous === null ? null : add(previous.sender.next, REOPEN_GAP),
    );
    let failure: Errno | null = null;
    // bind(2), which is part of this, refuses an address that is not there.
    if (route === 'invalid-source') failure = 'EADDRNOTAVAIL';
    else if (!isRouted) failure = sendErrno(route);
    else if (localPort === null) failure = 'EADDRNOTAVAIL';
    else if (this.#table.size >= CONNECTION_LIMIT) failure = 'ENOBUFS';
    if (failure !== null) {
      this.#host.scheduler.post(fail, connection, failure);
      return connection;
    }
    if (previous !== null) connection.timestamps.recent = previous.timestamps.recent;
    previous?.destroy();
    this.#table.add(connection);
    if (options.timeout !== undefined) connection.handshake.limit(options.timeout);
    connection.open();
    return connection;
  }

  /** Opens a port. @throws EgressLabError EGL_ADDRESS_IN_USE */
  listen(options: ListenOptions, acceptor: TcpAcceptor): TcpListener {
    const { address = ANY_ADDRESS, port, backlog = DEFAULT_BACKLOG } = options;
    if (this.#listeners.isTaken(address, port)) failInUse(this.#host.name, 'tcp', address, port);
    const listener = new TcpListener(this, address, port, backlog, acceptor);
    this.#listeners.add(listener);
    return listener;
  }

  /** All connections, oldest first, those in TIME-WAIT included. */
  connections(): TcpConnection[] {
    return this.#table.values();
  }

  /** All listeners in the order in which their ports were first opened. */
  listeners(): TcpListener[] {
    return this.#listeners.values();
  }

  receive(packet: Packet): void {
    const { frame, l3, l4, end } = packet;
    if (tcp.check(frame, l4, end - l4) !== null) {
      this.#drop(StackDrop.BadTcp, packet);
      return;
    }
    // The sender's sum covers the addresses on the wire; the packet's numbers may be translated.
    const source = ipv4.source(frame, l3);
    const destination = ipv4.destination(frame, l3);
    if (!tcp.hasValidChecksum(frame, l4, source, destination, end - l4)) {
      this.#drop(StackDrop.BadTcpChecksum, packet);
      return;
    }
    if (packet.isBroadcast) {
      this.#drop(StackDrop.NoSocket, packet);
      return;
    }
    const segment = this.#segment;
    segment.read(packet);
    const connection = this.#find(packet);
    if (connection === null || this.#mayReopen(connection, packet)) {
      this.#arrivesForListener(packet, connection);
    } else if (segmentArrives(connection, segment) === Outcome.Reset) {
      const isUnwanted = connection.state === TcpState.Closed;
      this.writer.reset(packet, segment, isUnwanted ? noteUnwanted : noteMisfit);
    }
  }

  hasSent(error: IcmpError): boolean {
    const connection = this.#sender(error);
    // tcp_v4_err: a request socket takes neither redirects nor path MTUs.
    return connection !== null && !connection.isRequest;
  }

  receiveError(error: IcmpError): void {
    const connection = this.#sender(error);
    if (connection !== null) errorArrives(connection, error);
  }

  hasConnection(packet: Packet): boolean {
    const { l4, end } = packet;
    if (this.#table.size === 0 || this.#host.sysctl.host.tcp_early_demux === 0) return false;
    return end - l4 >= tcp.HEADER_LENGTH && this.#find(packet) !== null;
  }

  /** Power off: connections and listeners are gone, without a callback. */
  reset(): void {
    for (const listener of this.listeners()) listener.abandon();
    this.#listeners.clear();
    for (const connection of this.#table.values()) connection.destroy();
    this.#identity.renew();
  }

  /** Called by a connection that has ended. */
  remove(connection: TcpConnection): void {
    this.#table.remove(connection);
  }

  /** Called by a listener that closes. */
  release(listener: TcpListener): void {
    this.#listeners.remove(listener);
    for (const connection of this.#table.values()) {
      const isHalfOpen = connection.state === TcpState.SynReceived;
      if (isHalfOpen && connection.listener === listener) connection.destroy();
    }
  }

  /** Whose segment an ICMP error quotes; RFC 5927: only what is in flight is believed. */
  #sender(error: IcmpError): TcpConnection | null {
    const { source, sourcePort, destination, destinationPort, tcpSequence } = error;
    const connection = this.#table.find(source, sourcePort, destination, destinationPort);
    if (connection === null || connection.state === TcpState.TimeWait) return null;
    const { sender } = connection;
    const quoted = distance(sender.una, tcpSequence);
    return quoted < 0 || quoted > sender.outstanding ? null : connection;
  }

  /** tcp_rcv_state_process in LISTEN, and the answer when no socket listens. */
  #arrivesForListener(packet: Packet, previous: TcpConnection | null): void {
    const segment = this.#segment;
    const listener = this.#listeners.find(packet.destination, packet.destinationPort);
    if (listener === null) {
      this.#drop(StackDrop.NoSocket, packet);
      const isSyn = segment.has(tcp.Flag.Syn);
      this.writer.reset(packet, segment, isSyn ? noteNobodyListens : noteNoConnection);
      return;
    }
    if (segment.has(tcp.Flag.Rst)) return;
    if (segment.has(tcp.Flag.Ack)) {
      this.#drop(StackDrop.TcpFlags, packet);
      this.writer.reset(packet, segment, noteNoConnection);
    } else if ((segment.flags & (tcp.Flag.Syn | tcp.Flag.Fin)) !== tcp.Flag.Syn) {
      this.#drop(StackDrop.TcpFlags, packet);
    } else {
      this.#openPassively(packet, listener, previous);
    }
  }

  #openPassively(packet: Packet, listener: TcpListener, previous: TcpConnection | null): void {
    const { destination, destinationPort, source, sourcePort } = packet;
    const route = this.#host.ipv4.route(source, destination);
    if (typeof route === 'string') {
      this.#drop(StackDrop.NoRoute, packet);
      return;
    }
    const { mtu } = route;
    previous?.destroy();
    if (this.#table.size >= CONNECTION_LIMIT) {
      this.#drop(StackDrop.ConnectionTableFull, packet);
      return;
    }
    if (!listener.admit()) {
      this.#drop(StackDrop.ListenOverflow, packet);
      return;
    }
    const connection = this.#create(
      { address: destination, port: destinationPort },
      { address: source, port: sourcePort },
      { handlers: NO_HANDLERS, mtu, listener, nagle: false, keepAlive: false },
      previous === null ? null : add(previous.sender.next, REOPEN_GAP),
    );
    this.#table.add(connection);
    takeSyn(connection, this.#segment);
    connection.enter(TcpState.SynReceived);
    connection.handshake.start(tcp.Flag.Syn | tcp.Flag.Ack);
  }

  #create(
    local: Endpoint,
    remote: Endpoint,
    rest: Pick<ConnectionOptions, 'handlers' | 'mtu' | 'listener' | 'nagle' | 'keepAlive'>,
    initialSequence: number | null,
  ): TcpConnection {
    const { now } = this.#host.scheduler;
    const identity = this.#identity;
    // Written out: a spread makes an object whose shape is built up property by property.
    return new TcpConnection(this, this.#host, {
      handlers: rest.handlers,
      mtu: rest.mtu,
      listener: rest.listener,
      nagle: rest.nagle,
      keepAlive: rest.keepAlive,
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: remote.address,
      remotePort: remote.port,
      initialSequence:
        initialSequence ??
        identity.initialSequence(local.address, local.port, remote.address, remote.port, now),
      timestampOffset: identity.timestampOffset(local.address, remote.address),
    });
  }

  #find(packet: Packet): TcpConnection | null {
    const { destination, destinationPort, source, sourcePort } = packet;
    return this.#table.find(destination, destinationPort, source, sourcePort);
  }

  #mayReopen(connection: TcpConnection, packet: Packet): boolean {
    if (!reopens(connection, this.#segment)) return false;
    return this.#listeners.find(packet.destination, packet.destinationPort) !== null;
  }

  #drop(reason: DropReason, packet: Packet): void {
    this.#host.drops.count(reason, packet.ingress?.name ?? 'tcp', packet.frame);
  }
}

interface Endpoint {
  readonly address: Ipv4Address;
  readonly port: number;
}

function fail(connection: TcpConnection, error: Errno): void {
  connection.finish(error);
}
