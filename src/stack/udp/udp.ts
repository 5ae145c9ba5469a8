// UDP of one host, RFC 768: which socket a datagram is for. As in Linux, the socket that says most
// about the datagram wins (compute_score, net/ipv4/udp.c), a broadcast goes to all that match, and
// a datagram without a socket is answered with ICMP port unreachable.

import { EgressLabError } from '../../base/errors.ts';
import type { DropReason } from '../../link/drop-reason.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as udp from '../../wire/udp.ts';
import { StackDrop } from '../drop-reason.ts';
import type { IcmpError } from '../icmp/error.ts';
import type { TransportProtocol } from '../ipv4/transport.ts';
import type { Packet } from '../packet.ts';
import { EphemeralPorts } from '../socket/ephemeral-ports.ts';
import { socketError } from '../socket/errno.ts';
import type { SocketHost } from '../socket/host.ts';
import { failInUse } from '../socket/in-use.ts';
import { type UdpHandlers, UdpSocket } from './socket.ts';

/** Where a socket is bound. */
export interface UdpBinding {
  /** Default 0: all addresses of the host. */
  readonly address?: Ipv4Address;
  /** Default 0: a free one from 32768..60999. */
  readonly port?: number;
}

/** UDP of one host: its sockets. */
export class Udp implements TransportProtocol {
  readonly #host: SocketHost;
  readonly #ports: EphemeralPorts;
  /** Local port → sockets on it, chained by `next`, oldest first. */
  readonly #sockets = new Map<number, UdpSocket>();

  constructor(host: SocketHost) {
    this.#host = host;
    this.#ports = new EphemeralPorts(host.random.fork('udp-ports'));
    host.ipv4.register(IpProtocol.Udp, this);
  }

  /** Opens a socket. @throws EgressLabError EGL_ADDRESS_IN_USE, EGL_PORTS_EXHAUSTED */
  bind(binding: UdpBinding, handlers: UdpHandlers): UdpSocket {
    const address = binding.address ?? ANY_ADDRESS;
    const port = binding.port || this.#ports.forBinding((free) => !this.#sockets.has(free));
    if (port === null) {
      throw new EgressLabError(
        'EGL_PORTS_EXHAUSTED',
        `${this.#host.name}: all ephemeral UDP ports are in use`,
        { hint: 'Close sockets that are not needed, or bind to explicit ports.' },
      );
    }
    const socket = new UdpSocket(this, this.#host, address, port, handlers);
    const first = this.#sockets.get(port);
    if (first === undefined) {
      this.#sockets.set(port, socket);
      return socket;
    }
    let last = first;
    for (let other: UdpSocket | null = first; other !== null; other = other.next) {
      const clash =
        other.localAddress === address ||
        other.localAddress === ANY_ADDRESS ||
        address === ANY_ADDRESS;
      if (clash) failInUse(this.#host.name, 'udp', address, port);
      last = other;
    }
    last.next = socket;
    return socket;
  }

  /** Open sockets in the order in which their ports were first bound. */
  sockets(): UdpSocket[] {
    const all: UdpSocket[] = [];
    for (const first of this.#sockets.values()) {
      for (let socket: UdpSocket | null = first; socket !== null; socket = socket.next) {
        all.push(socket);
      }
    }
    return all;
  }

  receive(packet: Packet): void {
    const { frame, l3, l4, end } = packet;
    if (udp.check(frame, l4, end - l4) !== null) {
      this.#drop(StackDrop.BadUdp, packet);
      return;
    }
    const length = udp.length(frame, l4);
    // What lies behind the datagram is cut off (pskb_trim_rcsum): an error does not quote it either.
    packet.end = l4 + length;
    // The sender's sum covers the addresses on the wire; the packet's numbers may be translated.
    const source = ipv4.source(frame, l3);
    const destination = ipv4.destination(frame, l3);
    if (!udp.hasValidChecksum(frame, l4, source, destination, length)) {
      this.#drop(StackDrop.BadUdpChecksum, packet);
      return;
    }
    if (packet.isToGroup) {
      this.#deliverToAll(packet, length - udp.HEADER_LENGTH);
      return;
    }
    const socket = this.#find(packet);
    if (socket === null) {
      this.#drop(StackDrop.NoSocket, packet);
      const code = icmp.UnreachableCode.Port;
      this.#host.icmp.sendError(packet, icmp.Type.Unreachable, code, 0);
      return;
    }
    socket.receive(
      frame,
      l4 + udp.HEADER_LENGTH,
      length - udp.HEADER_LENGTH,
      packet.source,
      packet.sourcePort,
      packet.destination,
    );
  }

  hasSent(error: IcmpError): boolean {
    return this.#sender(error) !== null;
  }

  /** __udp4_lib_err: the error is for the socket that sent what it quotes. */
  receiveError(error: IcmpError): void {
    const meaning = socketError(error.type, error.code);
    const socket = this.#sender(error);
    if (meaning === null || socket === null) return;
    const isConnected = socket.remotePort !== 0;
    if (socket.receiveErrors || (isConnected && meaning.fatal)) {
      socket.handlers.onError?.(socket, meaning.errno);
    }
  }

  hasConnection(packet: Packet): boolean {
    const { destination, destinationPort, source, sourcePort } = packet;
    if (this.#host.sysctl.host.udp_early_demux === 0) return false;
    let socket = this.#sockets.get(destinationPort) ?? null;
    for (; socket !== null; socket = socket.next) {
      const isThere = socket.remoteAddress === source && socket.remotePort === sourcePort;
      if (isThere && sourcePort !== 0 && socket.localAddress === destination) return true;
    }
    return false;
  }

  /** Power off: every socket is gone, without a callback. */
  reset(): void {
    for (const socket of this.sockets()) socket.abandon();
    this.#sockets.clear();
  }

  /** Called by a socket that closes. */
  release(socket: UdpSocket): void {
    const first = this.#sockets.get(socket.localPort);
    if (first === undefined) return;
    if (first === socket) {
      if (socket.next === null) this.#sockets.delete(socket.localPort);
      else this.#sockets.set(socket.localPort, socket.next);
      return;
    }
    for (let other = first; other.next !== null; other = other.next) {
      if (other.next !== socket) continue;
      other.next = socket.next;
      return;
    }
  }

  /** The socket that has sent what an ICMP error quotes. */
  #sender(error: IcmpError): UdpSocket | null {
    let socket = this.#sockets.get(error.sourcePort) ?? null;
    for (; socket !== null; socket = socket.next) {
      const isConnected = socket.remotePort !== 0;
      const isThere =
        !isConnected ||
        (socket.remoteAddress === error.destination && socket.remotePort === error.destinationPort);
      const isHere = socket.localAddress === ANY_ADDRESS || socket.localAddress === error.source;
      if (isHere && isThere) return socket;
    }
    return null;
  }

  /** The socket that matches in most respects; the older among equals. */
  #find(packet: Packet): UdpSocket | null {
    let best: UdpSocket | null = null;
    let bestScore = -1;
    let socket = this.#sockets.get(packet.destinationPort) ?? null;
    for (; socket !== null; socket = socket.next) {
      const score = scoreOf(socket, packet, packet.destination);
      if (score <= bestScore) continue;
      best = socket;
      bestScore = score;
    }
    return best;
  }

  #deliverToAll(packet: Packet, length: number): void {
    const { frame, l4, source, sourcePort, destination, destinationPort } = packet;
    const data = l4 + udp.HEADER_LENGTH;
    let delivered = false;
    let socket = this.#sockets.get(destinationPort) ?? null;
    while (socket !== null) {
      // The handler may close its socket.
      const { next }: UdpSocket = socket;
      if (scoreOf(socket, packet, destination) >= 0) {
        delivered = true;
        socket.receive(frame, data, length, source, sourcePort, destination);
      }
      socket = next;
    }
    if (!delivered) this.#drop(StackDrop.NoSocket, packet);
  }

  #drop(reason: DropReason, packet: Packet): void {
    this.#host.drops.count(reason, packet.ingress?.name ?? 'udp', packet.frame);
  }
}

/** How many of its own terms the socket matches; -1 if one contradicts the datagram. */
function scoreOf(socket: UdpSocket, packet: Packet, destination: Ipv4Address): number {
  let score = 0;
  if (socket.localAddress !== ANY_ADDRESS) {
    if (socket.localAddress !== destination) return -1;
    score++;
  }
  if (socket.remotePort !== 0) {
    if (socket.remoteAddress !== packet.source || socket.remotePort !== packet.sourcePort) {
      return -1;
    }
    score++;
  }
  return score;
}
