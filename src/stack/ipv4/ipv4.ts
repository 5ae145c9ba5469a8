// IPv4 of one host: receive, decide, deliver or forward. RFC 791, RFC 1812; order of checks as in
// Linux ip_rcv, ip_route_input and ip_forward; of options see options.ts.
// What leaves goes through output.ts, the one place where bytes are patched.

import type { DropReason } from '../../link/drop-reason.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame, FrameArena } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import {
  ANY_ADDRESS,
  type Ipv4Address,
  ipv4Address,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { finishFrame, largestPacket } from '../../wire/offload.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import { HookPoint } from '../hooks.ts';
import type { IcmpSender } from '../icmp/sender.ts';
import { Packet, Verdict } from '../packet.ts';
import { isMartian } from './martian.ts';
import { checkOptions, WELL_FORMED } from './options.ts';
import { Ipv4Output, type OutputHost, type OutputRoute, type SendOptions } from './output.ts';
import { readPacket } from './packet-reader.ts';
import { Reassembly } from './reassembly.ts';
import type { RouteFailure } from './route-failure.ts';
import type { ResolvedRoute, RouteType } from './route-table.ts';
import { Credibility, validateSource } from './source-validation.ts';
import type { TransportProtocol } from './transport.ts';

/** What IPv4 needs of its host. */
interface Ipv4Host extends OutputHost {
  readonly icmp: IcmpSender;
}

/** 224.0.0.1: every host is a member (RFC 1112 4). */
const ALL_HOSTS: Ipv4Address = ipv4Address(0xe000_0001);

/** Why the router answers an unroutable packet with which ICMP code (ip_error); a blackhole says nothing. */
const UNROUTABLE: Readonly<Record<RouteType, readonly [DropReason, number | null]>> = {
  unicast: [StackDrop.NoRoute, icmp.UnreachableCode.Network],
  unreachable: [StackDrop.Unreachable, icmp.UnreachableCode.Host],
  prohibit: [StackDrop.Prohibited, icmp.UnreachableCode.AdministrativelyProhibited],
  blackhole: [StackDrop.Blackhole, null],
};

/** IPv4 of one host. */
export class Ipv4 {
  /** Where the payload of a frame from `allocate` begins, relative to `frame.start`. */
  static readonly PAYLOAD_OFFSET: number = Ipv4Output.PAYLOAD_OFFSET;

  readonly #host: Ipv4Host;
  readonly #output: Ipv4Output;
  readonly #transports = new Map<number, TransportProtocol>();
  readonly #groups = new Set<Ipv4Address>([ALL_HOSTS]);
  readonly #packet = new Packet();
  readonly reassembly: Reassembly;

  constructor(host: Ipv4Host) {
    this.#host = host;
    this.#output = new Ipv4Output(host);
    this.reassembly = new Reassembly(host);
  }

  register(protocol: number, transport: TransportProtocol): void {
    this.#transports.set(protocol, transport);
  }

  transport(protocol: number): TransportProtocol | null {
    return this.#transports.get(protocol) ?? null;
  }

  /** Accepts packets to a multicast group on every interface. */
  join(group: Ipv4Address): void {
    this.#groups.add(group);
  }

  /**
   * Route and source address for a packet of this host, or why there is none (ip_route_output).
   * `source` 0 lets the route choose, `device` is the interface to which a socket is bound. The result
   * is a scratch object: read it before asking again.
   */
  route(
    destination: Ipv4Address,
    source: Ipv4Address = ANY_ADDRESS,
    device: Interface | null = null,
  ): OutputRoute | RouteFailure {
    return this.#output.route(destination, source, device);
  }

  /**
   * The same for a socket with a peer (ip_route_connect): once the source is chosen, rules are asked
   * again, as they may send that source another way.
   */
  routeToPeer(
    destination: Ipv4Address,
    source: Ipv4Address = ANY_ADDRESS,
  ): OutputRoute | RouteFailure {
    const chosen = this.#output.route(destination, source, null);
    if (source !== ANY_ADDRESS || typeof chosen === 'string') return chosen;
    return this.#output.route(destination, chosen.source, null);
  }

  /** A writable frame with room for the headers; payload from `frame.start + PAYLOAD_OFFSET`. */
  allocate(payloadLength: number): Frame {
    return this.#host.arena.allocate(Ipv4Output.PAYLOAD_OFFSET + payloadLength);
  }

  /** See Ipv4Output.send. */
  send(
    frame: Frame,
    protocol: number,
    route: OutputRoute,
    destination: Ipv4Address,
    options?: SendOptions,
  ): boolean {
    return this.#output.send(frame, protocol, route, destination, options);
  }

  /** A power failure: fragments that wait are gone. */
  reset(): void {
    this.reassembly.reset();
  }

  receive(frame: Frame, l3: number, ingress: Interface): void {
    const problem = ipv4.check(frame, l3);
    if (problem !== null) {
      const checksum = problem === ipv4.Problem.BadChecksum;
      this.#drop(checksum ? StackDrop.BadIpv4Checksum : StackDrop.BadIpv4Header, ingress, frame);
      return;
    }
    const packet = this.#packet;
    packet.reset();
    readPacket(packet, frame, l3);
    packet.ingress = ingress;
    packet.mark = frame.mark;
    packet.isBroadcast = !ingress.noArp && ethernet.isToGroup(frame);
    const verdict = this.#host.hooks.run(HookPoint.Prerouting, packet);
    if (verdict === Verdict.Accept) this.#routeInput(packet, ingress);
  }

  /** ip_route_input: martians, then local, broadcast or forward. */
  #routeInput(packet: Packet, ingress: Interface): void {
    const { addresses, loopback } = this.#host;
    const { source, destination } = packet;
    if (ingress !== loopback && isMartian(packet, ingress)) {
      this.#drop(StackDrop.Martian, ingress, packet.frame);
    } else if (addresses.isLocal(destination)) {
      if (this.#isCredible(packet, ingress, destination, null)) this.#deliver(packet, ingress);
    } else if (
      destination === LIMITED_BROADCAST ||
      addresses.isSubnetBroadcast(destination) ||
      (destination === ANY_ADDRESS && source === ANY_ADDRESS)
    ) {
      this.#deliverToGroup(packet, ingress);
    } else if (isMulticast(destination)) {
      if (this.#groups.has(destination)) this.#deliverToGroup(packet, ingress);
    } else {
      this.#forward(packet, ingress);
    }
  }

  /** fib_validate_source; drops what fails. `destination` 0: a group; `egress` null: for this host. */
  #isCredible(
    packet: Packet,
    ingress: Interface,
    destination: Ipv4Address,
    egress: Interface | null,
  ): boolean {
    const { source, mark } = packet;
    const found = validateSource(this.#host, ingress, source, destination, mark, egress);
    if (found === Credibility.Credible) return true;
    const reason = found === Credibility.Martian ? StackDrop.Martian : StackDrop.ReversePathFilter;
    this.#drop(reason, ingress, packet.frame);
    return false;
  }

  #deliverToGroup(packet: Packet, ingress: Interface): void {
    packet.isBroadcast = true;
    packet.isToGroup = true;
    if (packet.source === ANY_ADDRESS || this.#isCredible(packet, ingress, ANY_ADDRESS, null)) {
      this.#deliver(packet, ingress);
    }
  }

  #deliver(packet: Packet, ingress: Interface): void {
    if (packet.l4 - packet.l3 > ipv4.HEADER_LENGTH && !this.#takesOptions(packet, ingress)) return;
    if (packet.isFragment && !this.reassembly.collect(packet)) return;
    if (this.#host.hooks.run(HookPoint.Input, packet) !== Verdict.Accept) return;
    // A host listens to IGMP for its groups' sake; the lab's hosts have nothing to report.
    if (packet.protocol === IpProtocol.Igmp) return;
    const transport = this.#transports.get(packet.protocol);
    if (transport !== undefined) {
      if (packet.frame.offload === null) transport.receive(packet);
      else deliverFinished(this.#host.arena, packet, transport);
      return;
    }
    this.#drop(StackDrop.UnknownProtocol, ingress, packet.frame);
    this.#host.icmp.sendError(packet, icmp.Type.Unreachable, icmp.UnreachableCode.Protocol, 0);
  }

  /** ip_forward. */
  #forward(packet: Packet, ingress: Interface): void {
    const { icmp: errors, hooks, fib } = this.#host;
    const isRouter = ingress.conf.forwarding > 0;
    const route = isRouter
      ? fib.lookup(packet.destination, packet.source, packet.mark, ingress)
      : null;
    const egress = route?.type === 'unicast' ? route.iface : null;
    // Only what has a way on is looked at for where it says it comes from.
    if (egress !== null && !this.#isCredible(packet, ingress, packet.destination, egress)) return;
    if (packet.l4 - packet.l3 > ipv4.HEADER_LENGTH && !this.#takesOptions(packet, ingress)) return;
    if (isRouter && (route === null || egress === null)) {
      this.#rejectUnroutable(packet, ingress, route);
      return;
    }
    if (route === null || egress === null || packet.isBroadcast) {
      this.#drop(StackDrop.NotForwarding, ingress, packet.frame);
      return;
    }
    if (this.#isOfOwnConnection(packet)) {
      this.#drop(StackDrop.OwnConnection, ingress, packet.frame);
      return;
    }
    if (packet.timeToLive <= 1) {
      this.#drop(StackDrop.TtlExceeded, ingress, packet.frame);
      errors.sendError(packet, icmp.Type.TimeExceeded, icmp.TimeExceededCode.Transit, 0);
      return;
    }
    const size = packet.geometry?.largest ?? largestPacket(packet.frame, packet.l3, packet.end);
    if (packet.dontFragment && size > egress.mtu) {
      this.#drop(StackDrop.NeedsFragmentation, ingress, packet.frame);
      const code = icmp.UnreachableCode.FragmentationNeeded;
      errors.sendError(packet, icmp.Type.Unreachable, code, egress.mtu);
      return;
    }
    packet.timeToLive--;
    packet.egress = egress;
    packet.nextHop = route.nextHop;
    if (egress === ingress && ingress.conf.send_redirects > 0) errors.considerRedirect(packet);
    if (hooks.run(HookPoint.Forward, packet) !== Verdict.Accept) return;
    if (hooks.run(HookPoint.Postrouting, packet) !== Verdict.Accept) return;
    this.#output.emit(packet);
  }

  /**
   * ip_rcv_finish looks for the socket before it asks for the route, and ip_forward takes no packet
   * that has one: what an address that has moved away leaves behind swallows its packets.
   */
  #isOfOwnConnection(packet: Packet): boolean {
    if (this.#host.sysctl.host.ip_early_demux === 0 || packet.isFragment) return false;
    return this.#transports.get(packet.protocol)?.hasConnection(packet) === true;
  }

  /** ip_rcv_options: for every packet that has a route, even one that leads nowhere. */
  #takesOptions(packet: Packet, ingress: Interface): boolean {
    const found = checkOptions(packet.frame, packet.l3, packet.l4);
    if (found === WELL_FORMED) return true;
    this.#drop(found > 0 ? StackDrop.BadIpv4Options : StackDrop.SourceRoute, ingress, packet.frame);
    if (found > 0) {
      const { ParameterProblem } = icmp.Type;
      this.#host.icmp.sendError(packet, ParameterProblem, 0, (found << 24) >>> 0);
    }
    return false;
  }

  #rejectUnroutable(packet: Packet, ingress: Interface, route: ResolvedRoute | null): void {
    const [reason, code] = UNROUTABLE[route?.type ?? 'unicast'];
    this.#drop(reason, ingress, packet.frame);
    if (code !== null) this.#host.icmp.sendRoutingError(packet, code);
  }

  #drop(reason: DropReason, ingress: Interface, frame: Frame): void {
    this.#host.drops.count(reason, ingress.name, frame);
  }
}

/** What came in whole from a kernel is received as it would have come from a wire, one by one. */
function deliverFinished(arena: FrameArena, packet: Packet, transport: TransportProtocol): void {
  const { frame, l3, l4 } = packet;
  finishFrame(arena, frame, (finished) => {
    packet.frame = finished;
    packet.l3 = finished.start + (l3 - frame.start);
    packet.l4 = finished.start + (l4 - frame.start);
    packet.end = packet.l3 + ipv4.totalLength(finished, packet.l3);
    transport.receive(packet);
  });
}
