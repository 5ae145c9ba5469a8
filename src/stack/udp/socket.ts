// One UDP socket. Datagrams are handed to the application in the instant they arrive, so there is no
// receive queue that could overflow. Errors reach it as Linux reports them: a connected socket hears
// of fatal ICMP errors only, one with `receiveErrors` (IP_RECVERR) of all that quote its datagrams.
// Left out: multicast membership, IP_PKTINFO beyond the destination, corking.

import type { Frame } from '../../wire/frame.ts';
import { HEADER_LENGTH as IP_HEADER_LENGTH } from '../../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as udp from '../../wire/udp.ts';
import { Ipv4 } from '../ipv4/ipv4.ts';
import type { SendOptions } from '../ipv4/output.ts';
import { type Errno, sendErrno } from '../socket/errno.ts';
import type { SocketHost } from '../socket/host.ts';

/** The longest payload of an IPv4 datagram. */
export const MAXIMUM_PAYLOAD: number = 65_535 - 20 - udp.HEADER_LENGTH;

/** The application behind a socket. One object may serve many sockets. */
export interface UdpHandlers {
  /**
   * One datagram: `length` octets at the absolute `offset` of `frame`, which nobody writes to any
   * more. `destination` is the address it was sent to: ours, or a broadcast.
   */
  onDatagram(
    socket: UdpSocket,
    frame: Frame,
    offset: number,
    length: number,
    source: Ipv4Address,
    sourcePort: number,
    destination: Ipv4Address,
  ): void;
  /** An ICMP error about a datagram of this socket. The socket lives on. */
  onError?(socket: UdpSocket, error: Errno): void;
}

/**
 * IP_MTU_DISCOVER: `want` sets DF on what fits the path and cuts the rest; `dont` never sets it; `do`
 * refuses what does not fit (EMSGSIZE); `probe` is like `do`, but believes the interface only.
 */
export type PathMtuDiscovery = 'dont' | 'want' | 'do' | 'probe';

/** Receives the closing of sockets: `Udp`. */
interface UdpSocketOwner {
  release(socket: UdpSocket): void;
}

/** Open from `Udp.bind` until `close` or a power failure. */
export class UdpSocket {
  /** Any address (0) or the one bound to; chosen by the route when connecting. */
  localAddress: Ipv4Address;
  readonly localPort: number;
  /** 0 unless connected. */
  remoteAddress: Ipv4Address = ANY_ADDRESS;
  remotePort = 0;
  /** IP_RECVERR: hear of errors that are not fatal, too. */
  receiveErrors = false;
  /** IP_TTL; null: ip_default_ttl. */
  timeToLive: number | null = null;
  pathMtuDiscovery: PathMtuDiscovery = 'want';
  /** False: SO_NO_CHECK, datagrams leave with checksum 0. */
  checksummed = true;
  /** IP_PKTINFO: the server wants to answer from the address that was asked. */
  packetInfo = false;
  /** MSG_CONFIRM: what is sent confirms the neighbor (see NeighborTable.confirm). */
  confirmsNeighbor = false;
  rxDatagrams = 0;
  rxBytes = 0;
  txDatagrams = 0;
  txBytes = 0;
  /** The next socket on the same port; kept by Udp. */
  next: UdpSocket | null = null;
  readonly handlers: UdpHandlers;
  readonly #owner: UdpSocketOwner;
  readonly #host: SocketHost;
  #open = true;

  /** Use `Udp.bind`. */
  constructor(
    owner: UdpSocketOwner,
    host: SocketHost,
    localAddress: Ipv4Address,
    localPort: number,
    handlers: UdpHandlers,
  ) {
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.handlers = handlers;
    this.#owner = owner;
    this.#host = host;
  }

  /** False after `close` or a power failure. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Only this peer is heard from now on, and ICMP errors are reported. Null, or why there is no route. */
  connect(address: Ipv4Address, port: number): Errno | null {
    const route = this.#host.ipv4.routeToPeer(address, this.localAddress);
    if (typeof route === 'string') return sendErrno(route);
    this.localAddress = route.source;
    this.remoteAddress = address;
    this.remotePort = port;
    return null;
  }

  /** To the connected peer; otherwise like `sendTo`. */
  send(octets: Uint8Array): Errno | null {
    if (this.remotePort === 0) return 'ENOTCONN';
    return this.sendTo(this.remoteAddress, this.remotePort, octets);
  }

  /** Sends one datagram; null, or why it did not leave. `source` 0 lets the route choose. */
  sendTo(
    destination: Ipv4Address,
    port: number,
    octets: Uint8Array,
    source: Ipv4Address = this.localAddress,
  ): Errno | null {
    return this.#emit(destination, port, octets, octets.length, source);
  }

  /** The same with `length` octets of zero, for traffic generators: allocates nothing but the frame. */
  sendZeros(destination: Ipv4Address, port: number, length: number): Errno | null {
    return this.#emit(destination, port, null, length, this.localAddress);
  }

  /** Called by Udp for a datagram that is ours. */
  receive(
    frame: Frame,
    offset: number,
    length: number,
    source: Ipv4Address,
    sourcePort: number,
    destination: Ipv4Address,
  ): void {
    this.rxDatagrams++;
    this.rxBytes += length;
    this.handlers.onDatagram(this, frame, offset, length, source, sourcePort, destination);
  }

  /** Frees the port. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#owner.release(this);
  }

  /** Called by Udp when the host lost its power. */
  abandon(): void {
    this.#open = false;
  }

  #emit(
    destination: Ipv4Address,
    port: number,
    octets: Uint8Array | null,
    payload: number,
    source: Ipv4Address,
  ): Errno | null {
    if (!this.#open) return 'ENOTCONN';
    if (payload > MAXIMUM_PAYLOAD) return 'EMSGSIZE';
    const { ipv4, neighbors } = this.#host;
    const route = ipv4.route(destination, source);
    if (typeof route === 'string') return sendErrno(route);
    const length = udp.HEADER_LENGTH + payload;
    const { pathMtuDiscovery: discovery } = this;
    const neverFragment = discovery === 'do' || discovery === 'probe';
    const limit = discovery === 'probe' ? route.iface.mtu : route.mtu;
    if (neverFragment && IP_HEADER_LENGTH + length > limit) return 'EMSGSIZE';
    const frame = ipv4.allocate(length);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const data = at + udp.HEADER_LENGTH;
    udp.emit(frame, at, this.localPort, port, length);
    if (octets === null) frame.clear(data, payload);
    else frame.bytes.set(octets, data);
    if (this.checksummed) udp.refreshChecksum(frame, at, route.source, destination, length);
    this.txDatagrams++;
    this.txBytes += payload;
    if (this.confirmsNeighbor) neighbors.confirm(route.iface, route.nextHop);
    const plain = this.timeToLive === null && discovery === 'want';
    const options = plain ? undefined : this.#sendOptions();
    return ipv4.send(frame, IpProtocol.Udp, route, destination, options) ? null : 'EPERM';
  }

  #sendOptions(): SendOptions {
    const { timeToLive, pathMtuDiscovery } = this;
    return {
      ...(timeToLive === null ? {} : { timeToLive }),
      dontFragment: pathMtuDiscovery !== 'dont',
      neverFragment: pathMtuDiscovery === 'do' || pathMtuDiscovery === 'probe',
    };
  }
}
