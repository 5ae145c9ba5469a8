// GR_<node>: the gateway router of one node, which shares MAC and address with it. It translates pods to
// the address that a row says, holds every address of its rows by ARP, and resolves its neighbors.

import type { Drops } from '../../../link/drops.ts';
import type { Emitter } from '../../../sim/event-log.ts';
import type { Random } from '../../../sim/random.ts';
import type { Scheduler } from '../../../sim/scheduler.ts';
import { seconds } from '../../../sim/time.ts';
import type { Claim, Claimant } from '../../../stack/claims.ts';
import type { StackEvents } from '../../../stack/events.ts';
import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, FrameArena, Note } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import {
  ANY_ADDRESS,
  cidrContains,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
} from '../../../wire/ipv4-address.ts';
import {
  BROADCAST_MAC,
  formatMac,
  isGroupMac,
  type MacAddress,
  ZERO_MAC,
} from '../../../wire/mac-address.ts';
import { EtherType } from '../../../wire/numbers.ts';
import { OvnDrop } from '../drop-reason.ts';
import { gatewayRouter, type NorthboundDatabase } from '../northbound.ts';
import { Announcer } from './announcer.ts';
import { CtZone } from './ct-zone.ts';
import {
  answerEcho,
  type ErrorKind,
  fragmentationNeeded,
  icmpError,
  isEchoRequest,
  TTL_EXCEEDED,
} from './icmp-error.ts';
import { type Ageing, MacBindings } from './mac-bindings.ts';
import { Meter } from './meter.ts';
import { NatTable } from './nat-table.ts';
import type { Member, NetworkMap } from './network-map.ts';
import { StepNotes } from './notes.ts';
import type { DatapathType } from './port-choice.ts';

/** Takes a writable packet on. */
type Route = (frame: Frame, l3: number) => void;

/** Its port to the external switch, as people find it. */
const EXTERNAL_PORT = 'br-ex';

/** What differs from one release of OVN to the next. */
export interface OvnRelease {
  /** Seconds after an address comes at which it is announced. */
  readonly announcements: readonly number[];
  readonly knowsMaxTimeout: boolean;
  readonly ageing: Ageing;
  /** So many packets wait for one neighbor. */
  readonly queueLimit: number;
}

/** What a gateway router is made with. */
export interface GatewayRouterOptions {
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly random: Random;
  readonly drops: Drops;
  readonly events: Emitter<StackEvents>;
  readonly database: NorthboundDatabase;
  readonly map: NetworkMap;
  readonly member: Member;
  readonly release: OvnRelease;
  readonly datapath: DatapathType;
  /** Of its external port: the node's. */
  readonly mac: MacAddress;
  readonly address: Ipv4Cidr;
  /** Null: nothing beyond the node's own network. */
  readonly defaultGateway: Ipv4Address | null;
  /** options:gateway_mtu of its port to the join switch; 0: none. */
  readonly gatewayMtu: number;
  /** mac_binding_age_threshold in seconds. */
  readonly bindingAge: number;
  /** Control plane protection: packets of a kind per second that reach ovn-controller; 0: all. */
  readonly meterRate: number;
  /** It announces egress IPs (nat-addresses=router); its own address it always does. */
  readonly announcesRows: boolean;
  /** It answers announcements of addresses that it holds, too (up to OVN 25.03). */
  readonly answersAnnouncements: boolean;
  /** Its port to the external switch: br-ex. */
  readonly toBridge: (frame: Frame) => void;
  /** Its port to the join switch: the cluster router. */
  readonly toCluster: Route;
}

/** GR_<node>. */
export class GatewayRouter implements Claimant {
  readonly name: string;
  readonly zone: CtZone;
  readonly bindings: MacBindings;
  readonly announcer: Announcer;
  readonly rows: NatTable;
  readonly #questions: Meter;
  readonly #errors: Meter;
  readonly #options: GatewayRouterOptions;
  readonly #announcement: Note;
  readonly #question: Note;
  readonly #answer: Note;
  readonly #untranslated: StepNotes;
  #running = true;
  #held: ReadonlySet<Ipv4Address> = new Set();

  constructor(options: GatewayRouterOptions) {
    const { scheduler, random, database, member, drops, release } = options;
    const name = gatewayRouter(member.name);
    this.name = name;
    this.#options = options;
    this.zone = new CtZone(scheduler, random.fork('zone 0'), options.datapath);
    this.rows = new NatTable(name, database, () => this.#hold());
    this.bindings = new MacBindings({
      scheduler,
      drops,
      router: name,
      threshold: seconds(options.bindingAge),
      ageing: release.ageing,
      queueLimit: release.queueLimit,
      ask: (address) => this.#ask(address),
      send: (frame, mac) => this.#send(frame, mac),
    });
    this.announcer = new Announcer({
      scheduler,
      times: release.announcements,
      knowsMaxTimeout: release.knowsMaxTimeout,
      announce: (address) => this.#announce(address),
    });
    this.#questions = new Meter(scheduler);
    this.#errors = new Meter(scheduler);
    this.setMeters(options.meterRate);
    this.#announcement = { text: `${name} announces it` };
    this.#question = { text: `${name} asks: no MAC binding` };
    this.#answer = { text: `${name} answers by flow` };
    this.#untranslated = new StepNotes(`${name}: no port is free, left as it came`);
    this.#hold();
  }

  addresses(): readonly Ipv4Address[] {
    return [...this.#held];
  }

  claims(address: Ipv4Address): readonly Claim[] {
    if (!this.#held.has(address) || !this.#running) return [];
    const machine = this.#options.member.name;
    return [{ holder: this.name, machine, interface: EXTERNAL_PORT, kind: 'address' }];
  }

  /** `lr-copp-add`: packets per second, for what has to be asked and for ICMP errors each; 0: no meters. */
  setMeters(rate: number): void {
    this.#questions.setRate(rate);
    this.#errors.setRate(rate);
  }

  /** The node lost power: connections and waiting packets are gone, rows and bindings are not. */
  powerOff(): void {
    this.#running = false;
    this.zone.flush();
    this.bindings.dropWaiting();
    this.announcer.stop();
  }

  /** The node boots: ovn-controller starts, and announces all that its rows say. */
  powerOn(): void {
    this.#running = true;
    this.announcer.start();
  }

  /** From the join switch: a pod's packet, writable. */
  fromJoin(frame: Frame, l3: number): void {
    const { address, map, member, toCluster } = this.#options;
    const destination = ipv4.destination(frame, l3);
    if (destination === member.join || destination === address.address) {
      this.#deliver(frame, l3, toCluster);
      return;
    }
    if (ipv4.timeToLive(frame, l3) <= 1) {
      this.#refuse(frame, l3, member.join, TTL_EXCEEDED, toCluster);
      return;
    }
    ipv4.decrementTtl(frame, l3);
    if (cidrContains(map.clusterNetwork, destination)) toCluster(frame, l3);
    else this.#toExternal(frame, l3);
  }

  /** From br-ex: whatever is for its MAC, or for all. The frame may be sealed. */
  fromBridge(frame: Frame): void {
    const { mac } = this.#options;
    if (ethernet.source(frame) === mac) return;
    const to = ethernet.destination(frame);
    if (to !== mac && !isGroupMac(to)) return;
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const type = ethernet.etherType(frame);
    if (type === EtherType.Arp && arp.check(frame, l3) === null) this.#hear(frame, l3);
    else if (type === EtherType.Ipv4 && to === mac && ipv4.check(frame, l3) === null) {
      this.#fromExternal(frame, l3);
    }
  }

  #fromExternal(sealed: Frame, sealedL3: number): void {
    const { address, arena, gatewayMtu, map, member, toCluster } = this.#options;
    this.bindings.seen(ipv4.source(sealed, sealedL3), ethernet.source(sealed));
    const out: Route = (answer, at) => this.#toExternal(answer, at);
    const back: Route = (error, at) => this.#backToSender(error, at, ethernet.source(sealed));
    const frame = arena.copy(sealed);
    frame.note = sealed.note;
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const asked = ipv4.destination(frame, l3);
    if (asked === address.address && isEchoRequest(frame, l3)) {
      this.#deliver(frame, l3, out);
      return;
    }
    if (this.rows.isExternal(asked)) this.zone.untranslate(frame, l3);
    const destination = ipv4.destination(frame, l3);
    if (destination === address.address || destination === member.join) {
      this.#count(OvnDrop.LogicalAddress, frame);
      return;
    }
    if (ipv4.timeToLive(frame, l3) <= 1) {
      this.#refuse(frame, l3, address.address, TTL_EXCEEDED, back);
      return;
    }
    ipv4.decrementTtl(frame, l3);
    if (!cidrContains(map.clusterNetwork, destination)) {
      this.#toExternal(frame, l3);
      return;
    }
    const isTooBig = gatewayMtu > 0 && ipv4.totalLength(frame, l3) > gatewayMtu;
    if (isTooBig && ipv4.dontFragment(frame, l3)) {
      this.#refuse(frame, l3, member.join, fragmentationNeeded(gatewayMtu), back);
    } else {
      toCluster(frame, l3);
    }
  }

  /** An error to the sender; to the outside, conntrack gives it the address of the connection that it is about. */
  #refuse(frame: Frame, l3: number, source: Ipv4Address, kind: ErrorKind, route: Route): void {
    this.#count(kind === TTL_EXCEEDED ? OvnDrop.LogicalTtlExceeded : OvnDrop.LogicalMtu, frame);
    if (!this.#errors.pass()) return;
    const error = icmpError(this.#options.arena, frame, l3, source, kind);
    if (error !== null) route(error, error.start + ethernet.HEADER_LENGTH);
  }

  /** Routes what the router says itself. */
  #return(frame: Frame, route: Route): void {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    ipv4.decrementTtl(frame, l3);
    route(frame, l3);
  }

  /** To the router's own address: only echo requests are answered. */
  #deliver(frame: Frame, l3: number, route: Route): void {
    if (!isEchoRequest(frame, l3)) {
      this.#count(OvnDrop.LogicalAddress, frame);
      return;
    }
    answerEcho(frame, l3);
    this.#return(frame, route);
  }

  /** Egress pipeline of the external port: SNAT, then the neighbor. */
  #toExternal(frame: Frame, l3: number): void {
    const { address, defaultGateway } = this.#options;
    const destination = ipv4.destination(frame, l3);
    const nextHop = cidrContains(address, destination) ? destination : defaultGateway;
    if (nextHop === null) {
      this.#count(OvnDrop.NoLogicalRoute, frame);
      return;
    }
    this.#translate(frame, l3);
    const mac = this.bindings.resolve(nextHop);
    if (mac !== null) this.#send(frame, mac);
    else if (this.#questions.pass()) this.bindings.wait(nextHop, frame);
    else this.#count(OvnDrop.Metered, frame);
  }

  #backToSender(error: Frame, l3: number, mac: MacAddress): void {
    this.#translate(error, l3);
    this.#send(error, mac);
  }

  #translate(frame: Frame, l3: number): void {
    const row = this.rows.of(ipv4.source(frame, l3));
    if (row === null) return;
    const isTranslated = this.zone.translateSource(frame, l3, row.external);
    frame.note = (isTranslated ? row.step : this.#untranslated).after(frame.note);
  }

  #send(frame: Frame, mac: MacAddress): void {
    ethernet.emit(frame, mac, this.#options.mac, EtherType.Ipv4);
    this.#options.toBridge(frame);
  }

  /** Stages lookup_neighbor and learn_neighbor, then the ARP responder. */
  #hear(frame: Frame, at: number): void {
    const { address, answersAnnouncements } = this.#options;
    const operation = arp.operation(frame, at);
    const sender = arp.senderIp(frame, at);
    const target = arp.targetIp(frame, at);
    const senderMac = arp.senderMac(frame, at);
    const isRequest = operation === arp.Operation.Request;
    const isNeighbor = sender !== ANY_ADDRESS && (!isRequest || cidrContains(address, sender));
    if (isNeighbor) {
      const isForRouter = !isRequest || target === address.address;
      this.bindings.hear({ address: sender, mac: senderMac, isForRouter });
    }
    if (!isRequest) return;
    const holdsAsRow = this.rows.isExternal(target) && (answersAnnouncements || sender !== target);
    const holdsAsOwn = target === address.address && cidrContains(address, sender);
    if (!holdsAsRow && !holdsAsOwn) return;
    this.#transmitArp(ethernet.source(frame), this.#answer, {
      operation: arp.Operation.Reply,
      senderMac: this.#options.mac,
      senderIp: target,
      targetMac: senderMac,
      targetIp: sender,
    });
  }

  #ask(address: Ipv4Address): void {
    const { mac, address: own } = this.#options;
    this.#transmitArp(BROADCAST_MAC, this.#question, {
      operation: arp.Operation.Request,
      senderMac: mac,
      senderIp: own.address,
      targetMac: ZERO_MAC,
      targetIp: address,
    });
  }

  #announce(address: Ipv4Address): void {
    this.#transmitArp(BROADCAST_MAC, this.#announcement, {
      operation: arp.Operation.Request,
      senderMac: this.#options.mac,
      senderIp: address,
      targetMac: ZERO_MAC,
      targetIp: address,
    });
  }

  #transmitArp(to: MacAddress, note: Note, packet: arp.Arp): void {
    if (!this.#running) return;
    const { arena, mac, toBridge } = this.#options;
    const frame = arena.allocate(ethernet.HEADER_LENGTH + arp.LENGTH);
    ethernet.emit(frame, to, mac, EtherType.Arp);
    arp.emit(frame, frame.start + ethernet.HEADER_LENGTH, packet);
    frame.note = note;
    toBridge(frame);
  }

  /** After rows came or went: what is answered for, what is announced. */
  #hold(): void {
    const { address, announcesRows, events, mac, member } = this.#options;
    const held = new Set([address.address, ...this.rows.externals]);
    const fields = { holder: this.name, interface: EXTERNAL_PORT };
    for (const gone of this.#held) {
      if (held.has(gone)) continue;
      events.emit(member.name, 'claim-removed', { address: formatIpv4(gone), ...fields });
    }
    for (const come of held) {
      // The node's own address stands on its bridge: that is logged already.
      if (this.#held.has(come) || come === address.address) continue;
      const said = { address: formatIpv4(come), ...fields, mac: formatMac(mac) };
      events.emit(member.name, 'claim-added', said);
    }
    this.#held = held;
    this.announcer.hold(announcesRows ? held : [address.address]);
  }

  #count(reason: (typeof OvnDrop)[keyof typeof OvnDrop], frame: Frame): void {
    this.#options.drops.count(reason, this.name, frame);
  }
}
