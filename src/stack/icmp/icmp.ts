// ICMP, RFC 792 and RFC 1812 4.3, as Linux does it (net/ipv4/icmp.c): echo, errors with the offending
// header, what errors teach the routes, timestamps. Not modeled: router discovery.

import type { DropReason } from '../../link/drop-reason.ts';
import { millis } from '../../sim/time.ts';
import type { Frame, Note } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import {
  ANY_ADDRESS,
  type Ipv4Address,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { Scope } from '../device/address.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import { Ipv4 } from '../ipv4/ipv4.ts';
import { applyRewrite } from '../ipv4/rewrite.ts';
import type { TransportProtocol } from '../ipv4/transport.ts';
import type { Packet } from '../packet.ts';
import type { SocketHost } from '../socket/host.ts';
import { type EchoHandler, EchoSocket } from './echo.ts';
import type { IcmpError } from './error.ts';
import { IcmpErrorInput } from './error-input.ts';
import { IcmpLimiter } from './limiter.ts';
import type { IcmpSender } from './sender.ts';

/** RFC 1812 4.3.2.3: an error is at most 576 octets, of which 28 are headers. */
const QUOTE_LIMIT = 576 - ipv4.HEADER_LENGTH - icmp.HEADER_LENGTH;
/** IPTOS_PREC_INTERNETCONTROL. */
const ERROR_PRECEDENCE = 0xc0;
const TOS_MASK = 0x1e;
const TIMESTAMP_LENGTH = 4;
const MILLISECONDS_PER_DAY = 86_400_000;

/** ICMP of one host. */
export class Icmp implements TransportProtocol, IcmpSender {
  readonly #host: SocketHost;
  readonly #limiter: IcmpLimiter;
  readonly #errors: IcmpErrorInput;
  readonly #sockets = new Map<number, EchoSocket>();
  #nextIdentifier: number;

  constructor(host: SocketHost) {
    this.#host = host;
    this.#errors = new IcmpErrorInput(host);
    this.#limiter = new IcmpLimiter(host.sysctl.host, host.random.fork('icmp'));
    this.#nextIdentifier = host.random.fork('icmp-id').integer(1, 0xffff);
    host.ipv4.register(IpProtocol.Icmp, this);
  }

  /** A ping socket with an identifier of its own, or the given one; close it when done. */
  openEcho(handler: EchoHandler, wanted: number | null = null): EchoSocket {
    let identifier = wanted ?? this.#nextIdentifier;
    while (this.#sockets.has(identifier)) identifier = (identifier % 0xffff) + 1;
    if (wanted === null) this.#nextIdentifier = (identifier % 0xffff) + 1;
    const socket = new EchoSocket(this.#host, identifier, handler, () => {
      // After a power failure the identifier may belong to another ping.
      if (this.#sockets.get(identifier) === socket) this.#sockets.delete(identifier);
    });
    this.#sockets.set(identifier, socket);
    return socket;
  }

  /** A power failure: ping sockets are gone, and so is what was counted of peers. */
  reset(): void {
    this.#sockets.clear();
    this.#limiter.reset();
  }

  receive(packet: Packet): void {
    const { frame, l4, end } = packet;
    const problem = icmp.check(frame, l4, end - l4);
    if (problem !== null) {
      const bad = problem === icmp.Problem.BadChecksum;
      this.#drop(packet, bad ? StackDrop.BadIcmpChecksum : StackDrop.BadIcmp);
      return;
    }
    const type = icmp.type(frame, l4);
    if (type === icmp.Type.Echo) this.#answerEcho(packet);
    else if (type === icmp.Type.EchoReply) this.#sockets.get(packet.sourcePort)?.receive(packet);
    else if (type === icmp.Type.TimestampRequest) this.#answerTimestamp(packet);
    else if (icmp.isError(type)) this.#errors.receive(packet, type);
  }

  /** icmp_err believes what is said of an answer of its own; of a request only if a ping is running (ping_err). */
  hasSent({ icmpType, sourcePort }: IcmpError): boolean {
    if (icmpType === icmp.Type.EchoReply) return true;
    return icmpType === icmp.Type.Echo && this.#sockets.has(sourcePort);
  }

  hasConnection(): boolean {
    return false;
  }

  /** An error about one of our own pings. */
  receiveError(error: IcmpError): void {
    this.#sockets.get(error.sourcePort)?.receiveError(error);
  }

  /** Complains about a packet to its sender (icmp_send), unless RFC 1122 3.2.2 or a limit forbids it. */
  sendError(
    packet: Packet,
    type: number,
    code: number,
    rest: number,
    note: Note | null = null,
  ): void {
    if (!this.#mayComplain(packet)) return;
    const { ipv4: ip } = this.#host;
    const peer = packet.source;
    const route = ip.route(peer, this.#errorSource(packet));
    if (typeof route === 'string') return;
    if (!this.#passesLimits(packet, route.iface, type, code)) return;
    const quoteLength = Math.min(packet.end - packet.l3, QUOTE_LIMIT);
    const frame = ip.allocate(icmp.HEADER_LENGTH + quoteLength);
    frame.note = note;
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    this.#quote(packet, quoteLength, frame.bytes, at + icmp.HEADER_LENGTH);
    icmp.emit(frame, at, type, code, rest, icmp.HEADER_LENGTH + quoteLength);
    ip.send(frame, IpProtocol.Icmp, route, peer, {
      typeOfService: ERROR_PRECEDENCE | (packet.typeOfService & TOS_MASK),
      dontFragment: false,
      about: packet,
    });
  }

  /** The same for a packet without a route, where the routing code takes its toll first (ip_error). */
  sendRoutingError(packet: Packet, code: number): void {
    if (this.#limiter.allowRoutingError(packet.source, this.#host.scheduler.now)) {
      this.sendError(packet, icmp.Type.Unreachable, code, 0);
    }
  }

  /** A forwarded packet leaves by the interface it came in: tell its sender the shorter way. */
  considerRedirect(packet: Packet): void {
    const { addresses, fib, scheduler } = this.#host;
    const { egress, nextHop, source } = packet;
    if (egress === null) return;
    // __fib_validate_source: where the way back leads elsewhere, over this interface is asked for.
    const { rp_filter, src_valid_mark } = egress.conf;
    const mark = src_valid_mark > 0 ? packet.mark : 0;
    let back = fib.lookup(source, packet.destination, mark, egress);
    if (back?.type === 'unicast' && back.iface !== egress) {
      back = rp_filter === 1 ? null : fib.lookup(source, packet.destination, mark, egress, egress);
    }
    if (back === null || back.type !== 'unicast' || back.viaGateway) return;
    if (egress.conf.shared_media === 0 && !addresses.isOnLink(egress, source, nextHop)) return;
    if (!this.#limiter.allowRedirect(source, scheduler.now)) return;
    this.sendError(packet, icmp.Type.Redirect, icmp.RedirectCode.Host, nextHop);
  }

  /** icmp_timestamp: milliseconds since midnight UTC; the lab's epoch counts as one. */
  #answerTimestamp(packet: Packet): void {
    const { ipv4: ip, sysctl, scheduler } = this.#host;
    if (packet.end - packet.l4 < icmp.HEADER_LENGTH + TIMESTAMP_LENGTH) return;
    if (packet.isToGroup && sysctl.host.icmp_echo_ignore_broadcasts > 0) return;
    const route = ip.route(packet.source, packet.isToGroup ? ANY_ADDRESS : packet.destination);
    if (typeof route === 'string') return;
    if (!this.#passesLimits(packet, route.iface, icmp.Type.TimestampReply, 0)) return;
    const frame = ip.allocate(icmp.HEADER_LENGTH + 3 * TIMESTAMP_LENGTH);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const data = at + icmp.HEADER_LENGTH;
    const now = Math.floor(scheduler.now / millis(1)) % MILLISECONDS_PER_DAY;
    const { view } = packet.frame;
    frame.view.setUint32(data, view.getUint32(packet.l4 + icmp.HEADER_LENGTH));
    frame.view.setUint32(data + TIMESTAMP_LENGTH, now);
    frame.view.setUint32(data + 2 * TIMESTAMP_LENGTH, now);
    const rest = ((packet.sourcePort << 16) | icmp.sequence(packet.frame, packet.l4)) >>> 0;
    const length = icmp.HEADER_LENGTH + 3 * TIMESTAMP_LENGTH;
    icmp.emit(frame, at, icmp.Type.TimestampReply, 0, rest, length);
    ip.send(frame, IpProtocol.Icmp, route, packet.source, {
      typeOfService: packet.typeOfService,
      dontFragment: false,
      mark: packet.mark,
    });
  }

  #answerEcho(packet: Packet): void {
    const { ipv4: ip, sysctl } = this.#host;
    if (sysctl.host.icmp_echo_ignore_all > 0) return;
    if (packet.isToGroup && sysctl.host.icmp_echo_ignore_broadcasts > 0) return;
    const route = ip.route(packet.source, packet.isToGroup ? ANY_ADDRESS : packet.destination);
    if (typeof route === 'string') return;
    if (!this.#passesLimits(packet, route.iface, icmp.Type.EchoReply, 0)) return;
    const frame = this.#copyPayload(packet);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    // Only type and, behind NAT, identifier change: RFC 1624.
    const before = icmp.word(frame, at);
    icmp.setType(frame, at, icmp.Type.EchoReply);
    icmp.rewriteChecksum16(frame, at, before, icmp.word(frame, at));
    icmp.rewriteIdentifier(frame, at, packet.sourcePort);
    ip.send(frame, IpProtocol.Icmp, route, packet.source, {
      typeOfService: packet.typeOfService,
      dontFragment: false,
      mark: packet.mark,
    });
  }

  /** What goes to the sender of `packet` is not too much. Nothing that stays in the host is. */
  #passesLimits(packet: Packet, egress: Interface, type: number, code: number): boolean {
    const { loopback, scheduler } = this.#host;
    if (egress === loopback) return true;
    if (this.#limiter.allow(packet.source, type, code, scheduler.now)) return true;
    this.#drop(packet, StackDrop.IcmpRateLimited);
    return false;
  }

  /** A new frame that holds the packet's payload where a frame of this host has it. */
  #copyPayload(packet: Packet): Frame {
    const { frame: from, l4, end } = packet;
    const length = end - l4;
    const frame = this.#host.ipv4.allocate(length);
    // Without IP options both frames have the same layout, and a whole copy is the fastest.
    if (l4 - from.start === Ipv4.PAYLOAD_OFFSET) {
      from.copyTo(frame.bytes, frame.view, frame.start, frame.length);
    } else {
      frame.bytes.set(from.bytes.subarray(l4, end), frame.start + Ipv4.PAYLOAD_OFFSET);
    }
    return frame;
  }

  /** RFC 1122 3.2.2: never about broadcasts, later fragments, ICMP errors, or to no address. */
  #mayComplain(packet: Packet): boolean {
    const { addresses } = this.#host;
    const { source, destination, protocol, frame, l4, end } = packet;
    if (packet.isBroadcast || packet.fragmentOffset > 0) return false;
    if (isMulticast(destination) || destination === LIMITED_BROADCAST) return false;
    if (addresses.isSubnetBroadcast(destination)) return false;
    if (source === ANY_ADDRESS || isMulticast(source) || source === LIMITED_BROADCAST) return false;
    if (protocol !== IpProtocol.Icmp) return true;
    return end - l4 >= 1 && icmp.isQuery(icmp.type(frame, l4));
  }

  /** The address the packet was for, if ours; else as the route to the sender has it (measured: 09). */
  #errorSource(packet: Packet): Ipv4Address {
    const { addresses, sysctl } = this.#host;
    if (addresses.isLocal(packet.destination)) return packet.destination;
    if (sysctl.host.icmp_errors_use_inbound_ifaddr > 0 && packet.ingress !== null) {
      return addresses.select(packet.ingress, packet.source, Scope.Link);
    }
    return ANY_ADDRESS;
  }

  /** Copies the packet as it stands now: numbers that hooks have changed count, not the old bytes. */
  #quote(packet: Packet, length: number, into: Uint8Array, at: number): void {
    const { arena } = this.#host;
    const { frame: original, end, l3 } = packet;
    const copy = arena.copy(original, end - original.start);
    const copyL3 = copy.start + (l3 - original.start);
    if (packet.timeToLive !== ipv4.timeToLive(copy, copyL3)) ipv4.decrementTtl(copy, copyL3);
    applyRewrite(copy, copyL3, packet);
    into.set(copy.bytes.subarray(copyL3, copyL3 + length), at);
  }

  #drop(packet: Packet, reason: DropReason): void {
    this.#host.drops.count(reason, packet.ingress?.name ?? 'icmp', packet.frame);
  }
}
