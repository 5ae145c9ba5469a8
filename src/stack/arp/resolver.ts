// How ARP serves the neighbor table (arp_solicit, arp_constructor and arp_error_report of
// net/ipv4/arp.c), and as what kind of machine the host believes (neighbor/profile.ts).

import * as arp from '../../wire/arp.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import {
  ANY_ADDRESS,
  type Ipv4Address,
  isMulticast,
  LIMITED_BROADCAST,
} from '../../wire/ipv4-address.ts';
import { BROADCAST_MAC, type MacAddress, multicastMac, ZERO_MAC } from '../../wire/mac-address.ts';
import { EtherType } from '../../wire/numbers.ts';
import type { Interface } from '../device/interface.ts';
import type { Host } from '../host.ts';
import type { IcmpSender } from '../icmp/sender.ts';
import { parsePacket } from '../ipv4/packet-reader.ts';
import type { NeighborEntry } from '../neighbor/entry.ts';
import type { Solicitation } from '../neighbor/probing.ts';
import { NEIGHBOR_PROFILES, type NeighborProfile } from '../neighbor/profile.ts';
import type { Resolver } from '../neighbor/resolver.ts';
import { isConnectionNote, Packet } from '../packet.ts';
import { requestSource } from './policy.ts';
import { transmitArp } from './transmit.ts';

/** What the resolver needs of its host. */
interface ResolverHost extends Host {
  readonly icmp: Pick<IcmpSender, 'sendError'>;
}

/** Resolves IPv4 addresses. */
export class ArpResolver implements Resolver {
  readonly etherType: number = EtherType.Ipv4;
  /** What this host believes. */
  profile: NeighborProfile = NEIGHBOR_PROFILES.linux;
  readonly #host: ResolverHost;

  constructor(host: ResolverHost) {
    this.#host = host;
  }

  /** See `NeighborProfile.lifetime`. */
  get lifetime(): NeighborProfile['lifetime'] {
    return this.profile.lifetime;
  }

  /** Of interfaces without ARP, groups and broadcasts (arp_constructor). */
  implicitMac(iface: Interface, nextHop: Ipv4Address): MacAddress | null {
    if (iface.noArp) return ZERO_MAC;
    if (isMulticast(nextHop)) return multicastMac(nextHop);
    const isBroadcast =
      nextHop === LIMITED_BROADCAST || this.#host.addresses.isSubnetBroadcast(nextHop);
    return isBroadcast ? BROADCAST_MAC : null;
  }

  /** arp_solicit: the source of the packet that waits asks, as far as arp_announce lets it. */
  solicit(entry: NeighborEntry, kind: Solicitation): void {
    if (kind === 'application') return;
    const { iface, address } = entry;
    const waiting = entry.queue.newest;
    const packetSource =
      waiting === null ? ANY_ADDRESS : ipv4.source(waiting, waiting.start + ethernet.HEADER_LENGTH);
    transmitArp(this.#host.arena, iface, {
      destination: kind === 'unicast' ? entry.mac : BROADCAST_MAC,
      source: iface.mac,
      packet: {
        operation: arp.Operation.Request,
        senderMac: iface.mac,
        senderIp: requestSource(this.#host, iface, address, packetSource),
        targetMac: ZERO_MAC,
        targetIp: address,
      },
      note: null,
    });
  }

  /** arp_error_report: the sender of the packet learns it by ICMP 3/1. */
  unreachable(frame: Frame, iface: Interface): void {
    const packet = new Packet();
    if (!parsePacket(packet, frame, frame.start + ethernet.HEADER_LENGTH)) return;
    packet.egress = iface;
    const { note } = frame;
    if (note !== null && isConnectionNote(note)) {
      // A packet holds on to its connection, even if that has expired meanwhile.
      packet.connection = note.connection;
      packet.isReply = note.isReply;
    }
    this.#host.icmp.sendError(packet, icmp.Type.Unreachable, icmp.UnreachableCode.Host, 0);
  }
}
