// ICMP errors about packets of this host (icmp_unreach and ping_err of net/ipv4/icmp.c): what they quote,
// whether it is believed (RFC 5927), what the routes learn from it, and which protocol hears of it.

import { type Nanos, seconds } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { formatIpv4, type Ipv4Address, ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import type { Packet } from '../packet.ts';
import type { SocketHost } from '../socket/host.ts';
import type { IcmpError } from './error.ts';

/** ip_rt_gc_timeout. */
const REDIRECT_LIFETIME: Nanos = seconds(300);
/** IPV4_MIN_MTU: the kernel takes no smaller net.ipv4.route.min_pmtu. */
const LOWEST_MTU = 68;
/** Quoted TCP and UDP ports, and TCP's sequence number, need eight octets (RFC 792). */
const QUOTED_TRANSPORT = 8;

/** The receiving side of errors, of one host. */
export class IcmpErrorInput {
  readonly #host: SocketHost;

  constructor(host: SocketHost) {
    this.#host = host;
  }

  /** An error of this type whose ICMP header and checksum are right. */
  receive(packet: Packet, type: number): void {
    const frame = this.#untranslated(packet);
    const moved = frame.start - packet.frame.start;
    const l4 = packet.l4 + moved;
    const end = packet.end + moved;
    const quote = l4 + icmp.HEADER_LENGTH;
    const enough = end - quote >= ipv4.HEADER_LENGTH && ipv4.version(frame, quote) === 4;
    const inner = enough ? quote + ipv4.headerLength(frame, quote) : end;
    if (inner + QUOTED_TRANSPORT > end) {
      this.#host.drops.count(StackDrop.BadIcmp, packet.ingress?.name ?? 'icmp', packet.frame);
      return;
    }
    const { view } = frame;
    const protocol = ipv4.protocol(frame, quote);
    const code = icmp.code(frame, l4);
    const isPmtu =
      type === icmp.Type.Unreachable && code === icmp.UnreachableCode.FragmentationNeeded;
    const isIcmp = protocol === IpProtocol.Icmp;
    const identifier = isIcmp ? icmp.identifier(frame, inner) : 0;
    const error: IcmpError = {
      type,
      code,
      mtu: isPmtu ? icmp.nextHopMtu(frame, l4) : 0,
      from: packet.source,
      source: ipv4.source(frame, quote),
      destination: ipv4.destination(frame, quote),
      protocol,
      sourcePort: isIcmp ? identifier : view.getUint16(inner),
      destinationPort: isIcmp ? identifier : view.getUint16(inner + 2),
      tcpSequence: protocol === IpProtocol.Tcp ? view.getUint32(inner + 4) : 0,
      icmpType: isIcmp ? icmp.type(frame, inner) : -1,
      echoSequence: isIcmp ? icmp.sequence(frame, inner) : 0,
    };
    if (!this.#host.addresses.isLocal(error.source)) return;
    const transport = this.#host.ipv4.transport(protocol);
    if (transport === null) return;
    const isRedirect = type === icmp.Type.Redirect;
    // What is said about a path is believed only about something this host has sent (RFC 5927).
    if ((isRedirect || isPmtu) && !transport.hasSent(error)) return;
    if (isPmtu) this.#learnMtu(error);
    if (isRedirect) this.#learnRedirect(packet, error);
    else transport.receiveError(error);
  }

  /** The message with its quote as this host sent it, where NAT stands in between. */
  #untranslated(packet: Packet): Frame {
    const { frame, l3, end, rewriter } = packet;
    if (rewriter === null) return frame;
    const copy = this.#host.arena.copy(frame, end - frame.start);
    rewriter.rewrite(copy, copy.start + (l3 - frame.start), packet);
    return copy;
  }

  /** __ip_rt_update_pmtu, RFC 1191: never below min_pmtu, kept for mtu_expires, and never larger than known. */
  #learnMtu(error: IcmpError): void {
    const { fib, ipv4: ip, scheduler, sysctl, events, name } = this.#host;
    const { ip_no_pmtu_disc, min_pmtu, mtu_expires } = sysctl.host;
    const route = ip.route(error.destination, error.source);
    if (ip_no_pmtu_disc > 0 || typeof route === 'string' || error.mtu > route.mtu) return;
    const lowest = Math.max(min_pmtu, LOWEST_MTU);
    const locked = error.mtu < lowest;
    const mtu = locked ? Math.min(route.mtu, lowest) : error.mtu;
    const table = fib.lookup(error.destination, error.source)?.table ?? fib.main;
    table.learnMtu(error.destination, mtu, locked, scheduler.now + seconds(mtu_expires));
    events.emit(name, 'path-mtu-learned', { destination: formatIpv4(error.destination), mtu });
  }

  /**
   * __ip_do_redirect: only from the gateway in use, and only to one whose MAC is known; else that is
   * asked for, and the next redirect may succeed.
   */
  #learnRedirect(packet: Packet, error: IcmpError): void {
    const { fib, neighbors, scheduler, events, name } = this.#host;
    const { ingress } = packet;
    const { destination } = error;
    const gateway = ipv4Address(icmp.rest(packet.frame, packet.l4));
    const current = fib.lookup(destination, error.source);
    if (ingress === null || current === null || current.iface !== ingress) return;
    if (!current.viaGateway || current.nextHop !== packet.source) return;
    if (gateway === current.nextHop || !this.#mayBeGateway(gateway, packet.source, ingress)) return;
    if (!neighbors.resolve(ingress, gateway)) return;
    current.table.learnGateway(destination, gateway, scheduler.now + REDIRECT_LIFETIME);
    const background = { background: true };
    scheduler.after(REDIRECT_LIFETIME, forgetRedirect, this.#host, destination, background);
    events.emit(name, 'redirect-accepted', {
      destination: formatIpv4(destination),
      gateway: formatIpv4(gateway),
    });
  }

  /** accept_redirects, shared_media and secure_redirects. */
  #mayBeGateway(gateway: Ipv4Address, previous: Ipv4Address, iface: Interface): boolean {
    const { addresses, routes } = this.#host;
    const { conf } = iface;
    if (conf.accept_redirects === 0 || !addresses.isPlainUnicast(gateway)) return false;
    if (conf.shared_media > 0) return !addresses.isLocal(gateway);
    if (!addresses.isOnLink(iface, gateway, previous)) return false;
    return conf.secure_redirects === 0 || routes.isDefaultGateway(gateway, iface);
  }
}

function forgetRedirect(host: SocketHost, destination: Ipv4Address): void {
  for (const [, table] of host.fib.tables()) table.forgetGateway(destination, host.scheduler.now);
}
