// The way out of a host: choose the route, run the hooks, write the bytes, cut into fragments, ask
// the neighbor table. `emit` is the one function of the lab that patches a packet's bytes.

import { assert } from '../../base/assert.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame, Note } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import {
  ANY_ADDRESS,
  type Ipv4Address,
  isLoopback,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { finishFrame, largestPacket } from '../../wire/offload.ts';
import { Scope } from '../device/address.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import { HookPoint } from '../hooks.ts';
import type { Host } from '../host.ts';
import type { IcmpSender } from '../icmp/sender.ts';
import type { NeighborTable } from '../neighbor/table.ts';
import { Packet, Verdict } from '../packet.ts';
import { fragment } from './fragmentation.ts';
import { readPorts } from './packet-reader.ts';
import { applyRewrite } from './rewrite.ts';
import type { RouteFailure } from './route-failure.ts';

/** The answer of `route`; one scratch object per host: read it before asking again. */
export interface OutputRoute {
  iface: Interface;
  nextHop: Ipv4Address;
  source: Ipv4Address;
  /** Largest packet, header included: the interface's MTU or what ICMP 3/4 taught us. */
  mtu: number;
  /** ICMP taught us so little that DF is no use (rt_mtu_locked). */
  mtuLocked: boolean;
}

/** How one packet of this host is sent; what is left out is as the sysctls say. */
export interface SendOptions {
  readonly timeToLive?: number;
  readonly typeOfService?: number;
  /** Default: set when the packet fits the MTU, as with Linux's IP_PMTUDISC_WANT. */
  readonly dontFragment?: boolean;
  /** DF whatever is known of the path: IP_PMTUDISC_DO and _PROBE. */
  readonly neverFragment?: boolean;
  readonly mark?: number;
  /** No socket with a peer sends it: identification 0 if it may not be cut (ip_select_ident). */
  readonly unconnected?: boolean;
  /** What an ICMP error complains of: it belongs to the same connection (nf_ct_attach). */
  readonly about?: Packet;
}

/** What the way out of a host needs of it. */
export interface OutputHost extends Host {
  readonly neighbors: NeighborTable;
  readonly icmp: Pick<IcmpSender, 'sendError'>;
}

/** See `Ipv4`, which is what others use. */
export class Ipv4Output {
  static readonly PAYLOAD_OFFSET: number = ethernet.HEADER_LENGTH + ipv4.HEADER_LENGTH;

  readonly #host: OutputHost;
  /** Packets under way; an error sent from within a hook takes the next one. */
  readonly #packets: Packet[] = [];
  readonly #route: OutputRoute;
  #depth = 0;
  #identification: number;

  constructor(host: OutputHost) {
    this.#host = host;
    this.#identification = host.random.fork('ip-id').integer(0, 0xffff);
    this.#route = {
      iface: host.loopback,
      nextHop: ANY_ADDRESS,
      source: ANY_ADDRESS,
      mtu: 0,
      mtuLocked: false,
    };
  }

  /**
   * Route and source address for a packet of this host (ip_route_output). `source` 0 lets the route
   * choose; `device` is the interface to which the socket is bound. The result is a scratch object.
   */
  route(
    destination: Ipv4Address,
    source: Ipv4Address,
    device: Interface | null,
  ): OutputRoute | RouteFailure {
    const { addresses, fib, loopback, scheduler } = this.#host;
    if (source !== ANY_ADDRESS && !addresses.isLocal(source)) return 'invalid-source';
    if (addresses.isLocal(destination)) {
      const from = source === ANY_ADDRESS ? destination : source;
      return this.#answer(loopback, destination, from, loopback.mtu);
    }
    if (device !== null && !device.up) return 'network-unreachable';
    const found = fib.lookup(destination, source, 0, null, device);
    if (device !== null && (found === null || found.type !== 'unicast')) {
      // The tables must be wrong: the destination is taken to be on the link.
      const from = source === ANY_ADDRESS ? addresses.select(device, ANY_ADDRESS) : source;
      return this.#answer(device, destination, from, device.mtu);
    }
    if (found === null) {
      const everywhere = destination === LIMITED_BROADCAST || isMulticast(destination);
      const iface = everywhere ? this.#broadcastInterface(source) : null;
      if (iface === null) return 'network-unreachable';
      const from = source === ANY_ADDRESS ? addresses.select(iface, ANY_ADDRESS) : source;
      if (isKeptInside(from, iface, loopback)) return 'loopback-source';
      return this.#answer(iface, destination, from, iface.mtu);
    }
    if (found.type === 'prohibit') return 'prohibited';
    if (found.type === 'blackhole') return 'blackhole';
    if (found.iface === null) return 'host-unreachable';
    const { iface, nextHop } = found;
    const from = source === ANY_ADDRESS ? (found.source ?? this.#source(iface, nextHop)) : source;
    if (isKeptInside(from, iface, loopback)) return 'loopback-source';
    const answer = this.#answer(iface, nextHop, from, iface.mtu);
    const learned = found.table.exception(destination, scheduler.now);
    if (learned !== null && learned.mtu > 0) {
      answer.mtu = Math.min(learned.mtu, iface.mtu);
      answer.mtuLocked = learned.mtuLocked;
    }
    return answer;
  }

  /**
   * Completes and sends a frame of this host: L4 and its checksum are written, the IPv4 and Ethernet
   * headers are written here. Longer than the MTU is fragmented. False if a rule of this host dropped
   * it: EPERM.
   */
  send(
    frame: Frame,
    protocol: number,
    route: OutputRoute,
    destination: Ipv4Address,
    options?: SendOptions,
  ): boolean {
    const { sysctl, hooks } = this.#host;
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const totalLength = frame.end - l3;
    const wanted = (options?.dontFragment ?? true) && !route.mtuLocked;
    const dontFragment = (wanted && totalLength <= route.mtu) || options?.neverFragment === true;
    // RFC 6864: an atomic datagram needs no identification; Linux counts only for TCP then.
    const counts = protocol === IpProtocol.Tcp && options?.unconnected !== true;
    const atomic = dontFragment && !counts;
    if (!atomic) this.#identification = (this.#identification + 1) & 0xffff;
    const packet = this.#packets[this.#depth] ?? this.#grow();
    this.#depth++;
    packet.reset();
    packet.frame = frame;
    packet.l3 = l3;
    packet.l4 = l3 + ipv4.HEADER_LENGTH;
    packet.end = frame.end;
    packet.source = route.source;
    packet.destination = destination;
    packet.protocol = protocol;
    packet.timeToLive = options?.timeToLive ?? sysctl.host.ip_default_ttl;
    packet.typeOfService = options?.typeOfService ?? 0;
    packet.identification = atomic ? 0 : this.#identification;
    packet.dontFragment = dontFragment;
    packet.moreFragments = false;
    packet.fragmentOffset = 0;
    ipv4.emit(
      frame,
      l3,
      totalLength,
      packet.identification,
      dontFragment ? ipv4.Flag.DontFragment : 0,
      packet.timeToLive,
      protocol,
      packet.source,
      destination,
      packet.typeOfService,
    );
    packet.egress = route.iface;
    packet.nextHop = route.nextHop;
    packet.pathMtu = dontFragment ? 0 : route.mtu;
    packet.mark = options?.mark ?? 0;
    if (options?.about !== undefined) {
      packet.connection = options.about.connection;
      packet.isReply = !options.about.isReply;
      packet.isRelated = true;
    }
    let verdict: Verdict = Verdict.Accept;
    if (hooks.isEmpty(HookPoint.Output) && hooks.isEmpty(HookPoint.Postrouting)) {
      // Nobody looks at the packet, so its numbers still are what stands in the frame.
      this.#leave(packet, route.iface, frame, l3);
    } else {
      readPorts(packet);
      verdict = hooks.run(HookPoint.Output, packet);
      if (verdict === Verdict.Accept) verdict = hooks.run(HookPoint.Postrouting, packet);
      if (verdict === Verdict.Accept) this.emit(packet);
    }
    this.#depth--;
    return verdict !== Verdict.Drop;
  }

  /** Writes what the hooks decided and hands the packet to its neighbor. */
  emit(packet: Packet): void {
    const { egress } = packet;
    assert(egress !== null, 'a packet that leaves is routed');
    const original = packet.frame;
    const length = packet.end - original.start;
    let frame = original;
    if (original.sealed || original.length !== length) {
      frame = this.#host.arena.copy(original, length);
    }
    const l3 = frame.start + (packet.l3 - original.start);
    if (packet.timeToLive !== ipv4.timeToLive(frame, l3)) ipv4.decrementTtl(frame, l3);
    const translated = applyRewrite(frame, l3, packet);
    if (packet.rewriter !== null) packet.rewriter.rewrite(frame, l3, packet);
    if (translated || packet.rewriter !== null) frame.note = noteOf(packet);
    this.#leave(packet, egress, frame, l3);
  }

  /** Hands finished bytes to the neighbor, in pieces if they are too many for the link. */
  #leave(packet: Packet, egress: Interface, frame: Frame, l3: number): void {
    const totalLength = largestPacket(frame, l3, l3 + (packet.end - packet.l3));
    const { geometry } = packet;
    const mtu = packet.pathMtu === 0 ? egress.mtu : Math.min(egress.mtu, packet.pathMtu);
    // What came in pieces leaves in pieces no larger than they were (IPCB frag_max_size).
    const limit = geometry === null ? mtu : Math.min(mtu, geometry.largest);
    if (totalLength <= limit) {
      this.#host.neighbors.output(egress, packet.nextHop, frame);
      return;
    }
    if (packet.dontFragment && geometry === null) {
      this.#host.drops.count(StackDrop.NeedsFragmentation, egress.name, frame);
      const code = icmp.UnreachableCode.FragmentationNeeded;
      this.#host.icmp.sendError(packet, icmp.Type.Unreachable, code, egress.mtu);
      return;
    }
    const { arena, neighbors } = this.#host;
    const { nextHop } = packet;
    finishFrame(arena, frame, (whole) => {
      const wholeL3 = whole.start + (l3 - frame.start);
      for (const piece of fragment(arena, whole, wholeL3, limit, geometry)) {
        neighbors.output(egress, nextHop, piece);
      }
    });
  }

  #answer(iface: Interface, nextHop: Ipv4Address, source: Ipv4Address, mtu: number): OutputRoute {
    const route = this.#route;
    route.iface = iface;
    route.nextHop = nextHop;
    route.source = source;
    route.mtu = mtu;
    route.mtuLocked = false;
    return route;
  }

  /** inet_select_addr, with its last resort: any address of another interface. */
  #source(iface: Interface, nextHop: Ipv4Address): Ipv4Address {
    const { addresses, interfaces } = this.#host;
    const own = addresses.select(iface, nextHop);
    if (own !== ANY_ADDRESS) return own;
    for (const other of interfaces) {
      const address = addresses.select(other, ANY_ADDRESS, Scope.Universe);
      if (address !== ANY_ADDRESS) return address;
    }
    return ANY_ADDRESS;
  }

  #broadcastInterface(source: Ipv4Address): Interface | null {
    const { addresses, interfaces, loopback } = this.#host;
    const holder = addresses.holders(source)[0];
    return holder ?? interfaces.find((iface) => iface !== loopback && iface.operational) ?? null;
  }

  #grow(): Packet {
    const packet = new Packet();
    this.#packets.push(packet);
    return packet;
  }
}

/** By which connection a packet was translated. */
function noteOf({ connection, isReply }: Packet): Note | null {
  return isReply && connection !== null ? connection.answer : connection;
}

/** __mkroute_output. */
function isKeptInside(source: Ipv4Address, egress: Interface, loopback: Interface): boolean {
  if (!isLoopback(source) || egress === loopback) return false;
  return egress.conf.route_localnet === 0;
}
