// What a host does with an ARP frame: answer, learn, or nothing. arp_rcv and arp_process of
// net/ipv4/arp.c, in their order; the decisions are pure functions elsewhere:
//   believed?  acceptance.ts     answered?  policy.ts     in whose place?  proxy.ts

import type { DropReason } from '../../link/drop-reason.ts';
import * as arp from '../../wire/arp.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame } from '../../wire/frame.ts';
import { ANY_ADDRESS, type Ipv4Address, isLoopback, isMulticast } from '../../wire/ipv4-address.ts';
import { isGroupMac } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import type { Host } from '../host.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import type { ResponderStyle } from '../neighbor/profile.ts';
import type { NeighborCause } from '../neighbor/state.ts';
import { NeighborState } from '../neighbor/state.ts';
import type { NeighborTable } from '../neighbor/table.ts';
import { UpdateFlag } from '../neighbor/update-flag.ts';
import { Acceptance, type HeardArp, isGratuitous, judge, locktimeOf } from './acceptance.ts';
import { type Asked, classifyRequest, filtersRequest, ignoresRequest } from './policy.ts';
import { ProxyArp } from './proxy.ts';
import { Removals } from './removal.ts';
import type { ArpResolver } from './resolver.ts';
import { transmitArp } from './transmit.ts';

/** Hears every well-formed ARP frame an interface receives, before the host does (AF_PACKET). */
export type ArpListener = (iface: Interface, packet: arp.Arp, isUnicast: boolean) => void;

/** What ARP needs of its host. */
export interface ArpHost extends Host {
  readonly neighbors: NeighborTable;
  readonly ipv4: Pick<Ipv4, 'route'>;
}

/** The receiving half of ARP. */
export class ArpInput {
  /** Who answers requests for this host's addresses. */
  responder: ResponderStyle = 'linux';
  readonly proxy: ProxyArp;
  readonly removals: Removals;
  readonly #host: ArpHost;
  readonly #resolver: ArpResolver;
  readonly #listeners = new Set<ArpListener>();
  /** The frame in hand, as `judge` sees it. */
  readonly #heard: HeardArp = {
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

  constructor(host: ArpHost, resolver: ArpResolver) {
    this.#resolver = resolver;
    this.#host = host;
    this.removals = new Removals(host.scheduler, host.addresses, host.random.fork('removals'));
    this.proxy = new ProxyArp(host, host.random.fork('proxy-arp'), (frame, l3, iface) =>
      this.#process(frame, l3, iface, false, true),
    );
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
      this.#drop(StackDrop.OtherHost, iface, frame);
      return;
    }
    if (arp.check(frame, l3) !== null) {
      this.#drop(StackDrop.BadArp, iface, frame);
      return;
    }
    this.#tell(frame, l3, iface, isUnicast);
    this.#process(frame, l3, iface, isUnicast, false);
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
      this.#drop(StackDrop.BadArp, iface, frame);
      return;
    }
    if (isMulticast(target) || (isLoopback(target) && iface.conf.route_localnet === 0)) {
      this.#drop(StackDrop.ArpNotForUs, iface, frame);
      return;
    }
    const isProbe = sender === ANY_ADDRESS;
    const isCaught = isRequest && sender === target && this.removals.meets(iface, target);
    const asked = isCaught
      ? 'ours'
      : isRequest && !isProbe
        ? this.#classify(iface, sender, target)
        : 'other';
    const isAnswered =
      isCaught || asked === 'proxied' || (asked === 'ours' && this.#answers(iface, sender, target));
    const heard = this.#read(frame, l3, iface, isRequest, isUnicast, isAnswered);
    const verdict = judge(heard, this.#resolver.profile, iface.conf, locktimeOf(iface));
    if ((verdict & Acceptance.Refused) !== 0) {
      this.#drop(StackDrop.GratuitousDropped, iface, frame);
    } else if (isProbe) {
      if (isRequest && heard.targetsUs) this.#answerProbe(frame, l3, iface, target);
    } else if (asked === 'ours' && !isAnswered) {
      this.#drop(StackDrop.ArpIgnored, iface, frame);
    } else {
      const learned = this.#learn(frame, l3, iface, heard, verdict);
      if (asked === 'proxied') {
        if (learned) this.#answerForAnother(frame, l3, iface, isUnicast || isRedone);
      } else if (isAnswered) {
        if (learned) this.#reply(frame, l3, iface);
      } else if (isRequest && heard.targetsUs && this.responder === 'ovn') {
        this.#reply(frame, l3, iface);
      } else if (asked === 'martian') {
        this.#drop(StackDrop.Martian, iface, frame);
      }
    }
  }

  #classify(iface: Interface, sender: Ipv4Address, target: Ipv4Address): Asked {
    const isPublished = this.proxy.isPublished(iface, target);
    return classifyRequest(this.#host, iface, sender, target, isPublished);
  }

  /** Whether the host answers a credible request for one of its addresses. */
  #answers(iface: Interface, sender: Ipv4Address, target: Ipv4Address): boolean {
    if (this.responder !== 'linux') return this.responder === 'ovn';
    const host = this.#host;
    return (
      !ignoresRequest(host, iface, sender, target) &&
      !filtersRequest(host.ipv4, iface, sender, target)
    );
  }

  /** A probe (sender 0.0.0.0) is answered and changes no table; arp_filter does not count. */
  #answerProbe(frame: Frame, l3: number, iface: Interface, target: Ipv4Address): void {
    const answers =
      this.responder === 'linux'
        ? !ignoresRequest(this.#host, iface, ANY_ADDRESS, target)
        : this.responder === 'ovn';
    if (answers) this.#reply(frame, l3, iface);
    else this.#drop(StackDrop.ArpIgnored, iface, frame);
  }

  /** Proxy ARP lets the true owner answer first: broadcasts are answered after a random delay. */
  #answerForAnother(frame: Frame, l3: number, iface: Interface, atOnce: boolean): void {
    if (atOnce || iface.neigh.proxy_delay === 0) {
      this.#reply(frame, l3, iface);
    } else if (!this.proxy.delay(frame, l3, iface)) {
      this.#drop(StackDrop.ProxyQueueFull, iface, frame);
    }
  }

  /** To the sender of a request, whatever MAC it claims, that the target's MAC is ours. */
  #reply(frame: Frame, l3: number, iface: Interface): void {
    const { mac } = iface;
    const asker = arp.senderMac(frame, l3);
    const sender = arp.senderIp(frame, l3);
    const target = arp.targetIp(frame, l3);
    const { Reply: operation } = arp.Operation;
    transmitArp(this.#host.arena, iface, {
      destination: asker,
      source: mac,
      packet: { operation, senderMac: mac, senderIp: target, targetMac: asker, targetIp: sender },
      note: null,
    });
  }

  /** Carries out a verdict. False if the sender should have an entry and there is no room. */
  #learn(frame: Frame, l3: number, iface: Interface, heard: HeardArp, verdict: number): boolean {
    if ((verdict & Acceptance.Update) === 0) return false;
    const { neighbors, addresses } = this.#host;
    const sender = arp.senderIp(frame, l3);
    // A broadcast address asks: it is answered, and its MAC is known without an entry.
    if (!heard.isKnown && addresses.isSubnetBroadcast(sender)) return true;
    const entry =
      (verdict & Acceptance.Create) === 0
        ? neighbors.lookup(iface, sender)
        : neighbors.obtain(iface, sender, frame);
    if (entry === null) return false;
    const { lifetime, restartsLock } = this.#resolver.profile;
    const isProof = (verdict & Acceptance.Reachable) !== 0 || lifetime !== null;
    const flags =
      ((verdict & Acceptance.Override) === 0 ? UpdateFlag.None : UpdateFlag.Override) |
      (restartsLock ? UpdateFlag.RestartLock : UpdateFlag.None);
    const state = isProof ? NeighborState.Reachable : NeighborState.Stale;
    entry.update(arp.senderMac(frame, l3), state, flags, causeOf(heard));
    return true;
  }

  #read(
    frame: Frame,
    l3: number,
    iface: Interface,
    isRequest: boolean,
    isUnicast: boolean,
    isAnswered: boolean,
  ): HeardArp {
    const { addresses, neighbors, scheduler } = this.#host;
    const sender = arp.senderIp(frame, l3);
    const target = arp.targetIp(frame, l3);
    const known = neighbors.lookup(iface, sender);
    const heard = this.#heard;
    heard.isRequest = isRequest;
    heard.isUnicast = isUnicast;
    heard.isAnswered = isAnswered;
    heard.isSelfAddressed = sender === target;
    heard.targetsOwnMac = arp.targetMac(frame, l3) === arp.senderMac(frame, l3);
    heard.targetsUs = addresses.isLocal(target);
    heard.isFromUnicast = addresses.isPlainUnicast(sender);
    heard.isFromSubnet = addresses.isOnLink(iface, sender);
    heard.isKnown = known !== null;
    heard.age = known === null ? 0 : scheduler.now - known.updated;
    return heard;
  }

  #tell(frame: Frame, l3: number, iface: Interface, isUnicast: boolean): void {
    const packet = this.#listeners.size === 0 ? null : arp.parse(frame, l3);
    if (packet === null) return;
    for (const listener of this.#listeners) listener(iface, packet, isUnicast);
  }

  #drop(reason: DropReason, iface: Interface, frame: Frame): void {
    this.#host.drops.count(reason, iface.name, frame);
  }
}

/** What the event log says about a change that this frame caused. */
function causeOf(heard: HeardArp): NeighborCause {
  if (isGratuitous(heard)) return 'gratuitous';
  return heard.isRequest ? 'request' : 'reply';
}
