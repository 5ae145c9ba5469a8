// ARP of one host: what it hears (receive), whom it answers, how it asks and how it announces.
// RFC 826 and RFC 5227 as Linux does them: arp_rcv and arp_process, net/ipv4/arp.c, in their order.
//   believed?  arp-acceptance.ts     answered?  arp-source.ts     in whose place?  proxy-arp.ts
//
// Linux never defends an address (RFC 5227 2.4) and never probes before it takes one.
// Left out: medium_id, address lists of other hardware, the userspace daemon of app_solicit.

import { DropReason } from '../link/drop-reason.ts';
import { millis, type Nanos } from '../sim/time.ts';
import * as arp from '../wire/arp.ts';
import * as ethernet from '../wire/ethernet.ts';
import type { Frame, Note } from '../wire/frame.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address, isLoopback, isMulticast } from '../wire/ipv4-address.ts';
import { BROADCAST_MAC, isGroupMac, type MacAddress, ZERO_MAC } from '../wire/mac-address.ts';
import { EtherType } from '../wire/numbers.ts';
import { Acceptance, type Claim, isGratuitous, judge } from './arp-acceptance.ts';
import {
  type Asked,
  classifyRequest,
  filtersRequest,
  ignoresRequest,
  isPlainUnicast,
  requestSource,
} from './arp-source.ts';
import type { Interface } from './interface.ts';
import {
  type NeighborCause,
  type NeighborEntry,
  type Solicitation,
  UpdateFlag,
} from './neighbor-entry.ts';
import {
  NEIGHBOR_PROFILES,
  type NeighborProfile,
  type NeighborProfileName,
  type ResponderStyle,
} from './neighbor-profile.ts';
import { NeighborState } from './neighbor-state.ts';
import { ProxyArp } from './proxy-arp.ts';
import type { NetworkStack } from './stack.ts';

/** `locktime` counts in USER_HZ. */
const USER_HZ: Nanos = millis(10);
/** 42 octets; veth does not pad. */
const FRAME_LENGTH = ethernet.HEADER_LENGTH + arp.LENGTH;

/**
 * How an address is announced, all broadcast with sender = target: `request` as `arping -U` (target
 * MAC ff:ff:ff:ff:ff:ff), `reply` as `arping -A` (target MAC the sender's), `kernel` as arp_notify
 * (request, target MAC zero).
 */
export type AnnouncementForm = 'request' | 'reply' | 'kernel';

/** Any ARP frame, for scenarios and tools. What is not given is what an honest host would write. */
export interface ArpOptions {
  readonly operation: arp.Operation;
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

/** Hears every well-formed ARP frame an interface receives, before the host does (AF_PACKET). */
export type ArpListener = (iface: Interface, packet: arp.Arp, isUnicast: boolean) => void;

export class Arp {
  readonly proxy: ProxyArp;
  readonly #stack: NetworkStack;
  readonly #listeners = new Set<ArpListener>();
  #profile: NeighborProfile = NEIGHBOR_PROFILES.linux;
  #responder: ResponderStyle = 'linux';
  /** The frame in hand, as `judge` sees it. */
  readonly #claim: Claim = {
    isRequest: false,
    isSelfAddressed: false,
    targetsOwnMac: false,
    isUnicast: false,
    targetsUs: false,
    isAnswered: false,
    isFromUnicast: false,
    isFromSubnet: false,
    isKnown: false,
    age: 0,
  };

  constructor(stack: NetworkStack) {
    this.#stack = stack;
    this.proxy = new ProxyArp(stack.scheduler, stack.random.fork('proxy-arp'), (frame, l3, iface) =>
      this.#process(frame, l3, iface, false, true),
    );
  }

  /** What this host believes. */
  get profile(): NeighborProfile {
    return this.#profile;
  }

  get responder(): ResponderStyle {
    return this.#responder;
  }

  /** Makes the host believe as another kind of machine does; entries that exist stay. */
  setProfile(profile: NeighborProfileName | NeighborProfile): void {
    this.#profile = typeof profile === 'string' ? NEIGHBOR_PROFILES[profile] : profile;
  }

  /** Makes another kind of program answer requests for this host's addresses. */
  setResponder(style: ResponderStyle): void {
    this.#responder = style;
  }

  /** Calls `listener` for every ARP frame from now on, until the returned function is called. */
  listen(listener: ArpListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** arp_rcv. `l3` is the absolute offset of the ARP packet. */
  receive(frame: Frame, l3: number, iface: Interface): void {
    const destination = ethernet.destination(frame);
    const isUnicast = destination === iface.mac;
    if (iface.noArp || !(isUnicast || isGroupMac(destination))) {
      this.#drop(DropReason.OtherHost, iface, frame);
      return;
    }
    if (!arp.isWellFormed(frame, l3)) {
      this.#drop(DropReason.BadArp, iface, frame);
      return;
    }
    if (this.#listeners.size > 0) this.#tell(frame, l3, iface, isUnicast);
    this.#process(frame, l3, iface, isUnicast, false);
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

  /** Asks whether anybody has `address`, without saying who asks: RFC 5227 2.1.1, `arping -D`. */
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
    const { mac } = iface;
    this.#send(iface, to, mac, arp.Operation.Request, mac, source, ZERO_MAC, target, null);
  }

  /** Sends a frame as given, however wrong. Interfaces without ARP send nothing. */
  send(iface: Interface, options: ArpOptions): void {
    const note = options.note ?? null;
    this.#send(
      iface,
      options.destination ?? BROADCAST_MAC,
      options.source ?? iface.mac,
      options.operation,
      options.senderMac ?? iface.mac,
      options.senderIp,
      options.targetMac ?? ZERO_MAC,
      options.targetIp,
      note === null ? null : { text: note },
    );
  }

  /** arp_solicit: the neighbor table wants to know. */
  solicit(entry: NeighborEntry, kind: Solicitation): void {
    if (kind === 'application') return;
    const { iface, address } = entry;
    const waiting = entry.queue.newest;
    const packetSource =
      waiting === null ? ANY_ADDRESS : ipv4.source(waiting, waiting.start + ethernet.HEADER_LENGTH);
    const source = requestSource(this.#stack, iface, address, packetSource);
    this.request(iface, address, source, kind === 'unicast' ? entry.mac : BROADCAST_MAC);
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
    for (const iface of this.#stack.interfaces) this.proxy.purge(iface);
  }

  /** NETDEV_CHANGEADDR: neighbors of the interface are forgotten, arp_notify announces the new MAC. */
  macChanged(iface: Interface): void {
    this.#stack.neighbors.flush(iface);
    this.interfaceUp(iface);
  }

  /** arp_process. `isRedone`: the frame has served its proxy delay and is judged again. */
  #process(
    frame: Frame,
    l3: number,
    iface: Interface,
    isUnicast: boolean,
    isRedone: boolean,
  ): void {
    const operation = arp.operation(frame, l3);
    const isRequest = operation === arp.Operation.Request;
    const sender = arp.senderIp(frame, l3);
    const target = arp.targetIp(frame, l3);
    if (!isRequest && operation !== arp.Operation.Reply) {
      this.#drop(DropReason.BadArp, iface, frame);
      return;
    }
    if (isMulticast(target) || (isLoopback(target) && iface.conf.route_localnet === 0)) {
      this.#drop(DropReason.ArpNotForUs, iface, frame);
      return;
    }
    const isProbe = sender === ANY_ADDRESS;
    const asked = isRequest && !isProbe ? this.#classify(iface, sender, target) : 'other';
    const isAnswered =
      asked === 'proxied' || (asked === 'ours' && this.#answers(iface, sender, target));
    const claim = this.#readClaim(frame, l3, iface, isRequest, isUnicast, isAnswered);
    const verdict = judge(claim, this.#profile, iface.conf, iface.neigh.locktime * USER_HZ);
    if ((verdict & Acceptance.Refused) !== 0) {
      this.#drop(DropReason.GratuitousDropped, iface, frame);
    } else if (isProbe) {
      if (isRequest && claim.targetsUs) this.#answerProbe(frame, l3, iface, target);
    } else if (asked === 'ours' && !isAnswered) {
      this.#drop(DropReason.ArpIgnored, iface, frame);
    } else {
      const learned = this.#learn(frame, l3, iface, claim, verdict);
      if (asked === 'proxied') {
        if (learned) this.#answerForAnother(frame, l3, iface, isUnicast || isRedone);
      } else if (isAnswered) {
        if (learned) this.#reply(frame, l3, iface);
      } else if (isRequest && claim.targetsUs && this.#responder === 'ovn') {
        this.#reply(frame, l3, iface);
      } else if (asked === 'martian') {
        this.#drop(DropReason.Martian, iface, frame);
      }
    }
  }

  #classify(iface: Interface, sender: Ipv4Address, target: Ipv4Address): Asked {
    const isPublished = this.proxy.isPublished(iface, target);
    return classifyRequest(this.#stack, iface, sender, target, isPublished);
  }

  /** Whether the host answers a credible request for one of its addresses. */
  #answers(iface: Interface, sender: Ipv4Address, target: Ipv4Address): boolean {
    if (this.#responder !== 'linux') return this.#responder === 'ovn';
    const stack = this.#stack;
    return (
      !ignoresRequest(stack, iface, sender, target) && !filtersRequest(stack, iface, sender, target)
    );
  }

  /** A probe (sender 0.0.0.0) is answered and changes nobody's table; arp_filter does not count. */
  #answerProbe(frame: Frame, l3: number, iface: Interface, target: Ipv4Address): void {
    const answers =
      this.#responder === 'linux'
        ? !ignoresRequest(this.#stack, iface, ANY_ADDRESS, target)
        : this.#responder === 'ovn';
    if (answers) this.#reply(frame, l3, iface);
    else this.#drop(DropReason.ArpIgnored, iface, frame);
  }

  /** Proxy ARP lets the true owner answer first: broadcasts are answered after a random delay. */
  #answerForAnother(frame: Frame, l3: number, iface: Interface, atOnce: boolean): void {
    if (atOnce || iface.neigh.proxy_delay === 0) {
      this.#reply(frame, l3, iface);
    } else if (!this.proxy.delay(frame, l3, iface)) {
      this.#drop(DropReason.ProxyQueueFull, iface, frame);
    }
  }

  /** To the sender of a request, whatever MAC it claims, that the target's MAC is ours. */
  #reply(frame: Frame, l3: number, iface: Interface): void {
    const { mac } = iface;
    const asker = arp.senderMac(frame, l3);
    const sender = arp.senderIp(frame, l3);
    const target = arp.targetIp(frame, l3);
    this.#send(iface, asker, mac, arp.Operation.Reply, mac, target, asker, sender, null);
  }

  /** Carries out a verdict. False if the sender should have an entry and there is no room. */
  #learn(frame: Frame, l3: number, iface: Interface, claim: Claim, verdict: number): boolean {
    if ((verdict & Acceptance.Update) === 0) return false;
    const { neighbors, addresses } = this.#stack;
    const sender = arp.senderIp(frame, l3);
    // A broadcast address asks: it is answered, and its MAC is known without an entry.
    if (!claim.isKnown && addresses.isSubnetBroadcast(sender)) return true;
    const entry =
      (verdict & Acceptance.Create) === 0
        ? neighbors.lookup(iface, sender)
        : neighbors.obtain(iface, sender, frame);
    if (entry === null) return false;
    const { lifetime, restartsLock } = this.#profile;
    const isProof = (verdict & Acceptance.Reachable) !== 0 || lifetime !== null;
    const flags =
      ((verdict & Acceptance.Override) === 0 ? UpdateFlag.None : UpdateFlag.Override) |
      (restartsLock ? UpdateFlag.RestartLock : UpdateFlag.None);
    const state = isProof ? NeighborState.Reachable : NeighborState.Stale;
    entry.update(arp.senderMac(frame, l3), state, flags, causeOf(claim));
    return true;
  }

  #readClaim(
    frame: Frame,
    l3: number,
    iface: Interface,
    isRequest: boolean,
    isUnicast: boolean,
    isAnswered: boolean,
  ): Claim {
    const { addresses, neighbors, scheduler } = this.#stack;
    const sender = arp.senderIp(frame, l3);
    const target = arp.targetIp(frame, l3);
    const known = neighbors.lookup(iface, sender);
    const claim = this.#claim;
    claim.isRequest = isRequest;
    claim.isUnicast = isUnicast;
    claim.isAnswered = isAnswered;
    claim.isSelfAddressed = sender === target;
    claim.targetsOwnMac = arp.targetMac(frame, l3) === arp.senderMac(frame, l3);
    claim.targetsUs = addresses.isLocal(target);
    claim.isFromUnicast = isPlainUnicast(addresses, sender);
    claim.isFromSubnet = addresses.isOnLink(iface, sender);
    claim.isKnown = known !== null;
    claim.age = known === null ? 0 : scheduler.now - known.updated;
    return claim;
  }

  #tell(frame: Frame, l3: number, iface: Interface, isUnicast: boolean): void {
    const packet = arp.parse(frame, l3);
    if (packet === null) return;
    for (const listener of this.#listeners) listener(iface, packet, isUnicast);
  }

  #send(
    iface: Interface,
    destination: MacAddress,
    source: MacAddress,
    operation: arp.Operation,
    senderMac: MacAddress,
    senderIp: Ipv4Address,
    targetMac: MacAddress,
    targetIp: Ipv4Address,
    note: Note | null,
  ): void {
    if (iface.noArp) return;
    const frame = this.#stack.arena.allocate(FRAME_LENGTH);
    ethernet.emit(frame, destination, source, EtherType.Arp);
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    arp.emit(frame, l3, operation, senderMac, senderIp, targetMac, targetIp);
    frame.note = note;
    iface.transmit(frame);
  }

  #drop(reason: DropReason, iface: Interface, frame: Frame): void {
    this.#stack.drops.count(reason, iface.name, frame);
  }
}

/** What the event log says about a change that this frame caused. */
function causeOf(claim: Claim): NeighborCause {
  if (isGratuitous(claim)) return 'gratuitous';
  return claim.isRequest ? 'request' : 'reply';
}
