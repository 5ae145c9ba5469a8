// GR_<node>: the gateway router of one node, which shares MAC and address with it. It translates pods to
// the address that a row says, holds every address of its rows by ARP, and resolves its neighbors.

import { seconds } from '../../../sim/time.ts';
import type { Claim, Claimant } from '../../../stack/claims.ts';
import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import {
  ANY_ADDRESS,
  cidrContains,
  formatIpv4,
  type Ipv4Address,
} from '../../../wire/ipv4-address.ts';
import { formatMac, isGroupMac, type MacAddress } from '../../../wire/mac-address.ts';
import { EtherType } from '../../../wire/numbers.ts';
import { OvnDrop } from '../drop-reason.ts';
import { gatewayRouter } from '../northbound.ts';
import { Announcer } from './announcer.ts';
import { CtZone } from './ct-zone.ts';
import { GatewayArp } from './gateway-arp.ts';
import type { GatewayRouterOptions, NextStage } from './gateway-router-options.ts';
import {
  answerEcho,
  type ErrorKind,
  fragmentationNeeded,
  icmpError,
  isEchoRequest,
  TTL_EXCEEDED,
} from './icmp-error.ts';
import { MacBindings } from './mac-bindings.ts';
import { Meter } from './meter.ts';
import { NatTable } from './nat-table.ts';
import { StepNotes } from './notes.ts';

/** Its port to the external switch, as people find it. */
const EXTERNAL_PORT = 'br-ex';

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
  readonly #arp: GatewayArp;
  readonly #untranslated: StepNotes;
  #held: ReadonlySet<Ipv4Address> = new Set();

  constructor(options: GatewayRouterOptions) {
    const { scheduler, random, database, member, drops, release } = options;
    const name = gatewayRouter(member.name);
    this.name = name;
    this.#options = options;
    this.#arp = new GatewayArp(name, options);
    this.zone = new CtZone(scheduler, random.fork('zone 0'), options.datapath);
    this.rows = new NatTable(name, database, () => this.#hold());
    this.bindings = new MacBindings({
      scheduler,
      drops,
      router: name,
      threshold: seconds(options.bindingAge),
      ageing: release.ageing,
      queueLimit: release.queueLimit,
      ask: (address) => this.#arp.ask(address),
      send: (frame, mac) => this.#send(frame, mac),
    });
    this.announcer = new Announcer({
      scheduler,
      times: release.announcements,
      knowsMaxTimeout: release.knowsMaxTimeout,
      announce: (address) => this.#arp.announce(address),
    });
    this.#questions = new Meter(scheduler);
    this.#errors = new Meter(scheduler);
    this.setMeters(options.meterRate);
    this.#untranslated = new StepNotes(`${name}: no port is free, left as it came`);
    this.#hold();
  }

  addresses(): readonly Ipv4Address[] {
    return [...this.#held];
  }

  claims(address: Ipv4Address): readonly Claim[] {
    if (!this.#held.has(address) || !this.#arp.running) return [];
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
    this.#arp.running = false;
    this.zone.flush();
    this.bindings.dropWaiting();
    this.announcer.stop();
  }

  /** The node boots: ovn-controller starts, and announces all that its rows say. */
  powerOn(): void {
    this.#arp.running = true;
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
    const out: NextStage = (answer, at) => this.#toExternal(answer, at);
    const back: NextStage = (error, at) => this.#backToSender(error, at, ethernet.source(sealed));
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
  #refuse(frame: Frame, l3: number, source: Ipv4Address, kind: ErrorKind, route: NextStage): void {
    this.#count(kind === TTL_EXCEEDED ? OvnDrop.LogicalTtlExceeded : OvnDrop.LogicalMtu, frame);
    if (!this.#errors.pass()) return;
    const error = icmpError(this.#options.arena, frame, l3, source, kind);
    if (error !== null) route(error, error.start + ethernet.HEADER_LENGTH);
  }

  /** Routes what the router says itself. */
  #return(frame: Frame, route: NextStage): void {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    ipv4.decrementTtl(frame, l3);
    route(frame, l3);
  }

  /** To the router's own address: only echo requests are answered. */
  #deliver(frame: Frame, l3: number, route: NextStage): void {
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
    this.#arp.answer(frame, at);
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
