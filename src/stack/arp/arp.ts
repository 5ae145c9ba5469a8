// ARP of one host, RFC 826 and RFC 5227 as Linux does them: how it asks and how it announces, and
// the way in to what it hears. A newcomer's map:
//   sent here      arp.ts, transmit.ts, arping.ts       answered  input.ts, policy.ts
//   believed       acceptance.ts                        kept      neighbor/table.ts
//
// Linux never defends an address (RFC 5227 2.4) and never probes before it takes one.
// Left out: medium_id, other hardware than Ethernet, the userspace daemon of app_solicit.

import type { Nanos } from '../../sim/time.ts';
import type { AnnouncementForm } from '../../wire/announcement.ts';
import * as arp from '../../wire/arp.ts';
import type { Frame } from '../../wire/frame.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { BROADCAST_MAC, type MacAddress, ZERO_MAC } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import {
  NEIGHBOR_PROFILES,
  type NeighborProfile,
  type NeighborProfileName,
  type ResponderStyle,
} from '../neighbor/profile.ts';
import { type ArpHost, ArpInput, type ArpListener } from './input.ts';
import type { ProxyArp } from './proxy.ts';
import type { ArpResolver } from './resolver.ts';
import { transmitArp } from './transmit.ts';

/** Any ARP frame, for scenarios and tools. What is not given is what an honest host would write. */
export interface ArpOptions {
  /** RFC 826 ar$op: 1 asks, 2 answers; others are sent as they are. */
  readonly operation: number;
  readonly senderIp: Ipv4Address;
  readonly targetIp: Ipv4Address;
  /** Default: the interface's MAC. */
  readonly senderMac?: MacAddress;
  /** Default: zero. */
  readonly targetMac?: MacAddress;
  /** Ethernet source. Default: the interface's MAC. */
  readonly source?: MacAddress;
  /** Ethernet destination. Default: broadcast. */
  readonly destination?: MacAddress;
  /** Shown in captures. */
  readonly note?: string | null;
}

/** ARP of one host: what it asks, announces and hears. */
export class Arp {
  readonly #host: ArpHost;
  readonly #resolver: ArpResolver;
  readonly #input: ArpInput;

  constructor(host: ArpHost, resolver: ArpResolver) {
    this.#host = host;
    this.#resolver = resolver;
    this.#input = new ArpInput(host, resolver);
  }

  /** Addresses that this host answers for in place of their owners. */
  get proxy(): ProxyArp {
    return this.#input.proxy;
  }

  /** What this host believes. */
  get profile(): NeighborProfile {
    return this.#resolver.profile;
  }

  /** Who answers requests for this host's addresses. */
  get responder(): ResponderStyle {
    return this.#input.responder;
  }

  /** Makes the host believe as another kind of machine does; entries that exist stay. */
  setProfile(profile: NeighborProfileName | NeighborProfile): void {
    this.#resolver.profile = typeof profile === 'string' ? NEIGHBOR_PROFILES[profile] : profile;
  }

  /** Makes another kind of program answer requests for this host's addresses. */
  setResponder(style: ResponderStyle): void {
    this.#input.responder = style;
  }

  /** A removal of an address takes up to so long, and a gratuitous request for it that comes meanwhile is answered. */
  setRemovalTime(longest: Nanos): void {
    this.#input.removals.last(longest);
  }

  /** Calls `listener` for every ARP frame from now on, until the returned function is called. */
  listen(listener: ArpListener): () => void {
    return this.#input.listen(listener);
  }

  /** `l3` is the absolute offset of the ARP packet. */
  receive(frame: Frame, l3: number, iface: Interface): void {
    this.#input.receive(frame, l3, iface);
  }

  /** Announces an address of this host; the note says why and is shown in captures. */
  announce(
    iface: Interface,
    address: Ipv4Address,
    form: AnnouncementForm,
    note: string | null,
  ): void {
    const isReply = form === 'reply';
    this.send(iface, {
      operation: isReply ? arp.Operation.Reply : arp.Operation.Request,
      senderIp: address,
      targetIp: address,
      targetMac: isReply ? iface.mac : form === 'request' ? BROADCAST_MAC : ZERO_MAC,
      note,
    });
  }

  /** Asks whether a host has `address`, without saying who asks: RFC 5227 2.1.1, `arping -D`. */
  probe(iface: Interface, address: Ipv4Address, note: string | null): void {
    this.send(iface, {
      operation: arp.Operation.Request,
      senderIp: ANY_ADDRESS,
      targetIp: address,
      targetMac: BROADCAST_MAC,
      note,
    });
  }

  /** Asks for `target`, by broadcast or to one MAC; `source` is the sender address. */
  request(
    iface: Interface,
    target: Ipv4Address,
    source: Ipv4Address,
    to: MacAddress = BROADCAST_MAC,
  ): void {
    this.send(iface, {
      operation: arp.Operation.Request,
      senderIp: source,
      targetIp: target,
      destination: to,
    });
  }

  /** Sends a frame as given, however wrong. Interfaces without ARP send nothing. */
  send(iface: Interface, options: ArpOptions): void {
    const note = options.note ?? null;
    transmitArp(this.#host.arena, iface, {
      destination: options.destination ?? BROADCAST_MAC,
      source: options.source ?? iface.mac,
      packet: {
        operation: options.operation,
        senderMac: options.senderMac ?? iface.mac,
        senderIp: options.senderIp,
        targetMac: options.targetMac ?? ZERO_MAC,
        targetIp: options.targetIp,
      },
      note: note === null ? null : { text: note },
    });
  }

  /** NETDEV_UP: arp_notify announces every address of the interface. */
  interfaceUp(iface: Interface): void {
    if (iface.conf.arp_notify === 0) return;
    for (const held of iface.addresses) {
      this.announce(iface, held.address, 'kernel', 'arp_notify');
    }
  }

  /** NETDEV_DOWN: published addresses go with the link, and so do answers that are delayed. */
  interfaceDown(iface: Interface): void {
    this.proxy.withdrawAll(iface);
    this.proxy.purge(iface);
  }

  /** The host lost power: what it meant to answer is not answered. */
  reset(): void {
    for (const iface of this.#host.interfaces) this.proxy.purge(iface);
  }

  /** NETDEV_CHANGEADDR: neighbors of the interface are forgotten, arp_notify announces the new MAC. */
  macChanged(iface: Interface): void {
    this.#host.neighbors.flush(iface);
    this.interfaceUp(iface);
  }
}
