// Looks at the frames of captures in the order of time and keeps what is news: address resolution, who sends as which
// address, where hosts send, and how flows fare. Bounded, whatever the size of the captures.

import type { FrameRecord } from '../capture/reading/record.ts';
import type { Nanos } from '../sim/time.ts';
import { EtherType, IpProtocol } from '../wire/numbers.ts';
import { ArpWatch } from './arp-watch.ts';
import { Copies } from './copies.ts';
import { Domain, isGroup } from './domain.ts';
import type { DomainName } from './domain-name.ts';
import { FlowWatch } from './flow-watch.ts';
import { AddressBook, SeenPacket } from './packet.ts';
import { RouterWatch, VRRP_PROTOCOL } from './routers.ts';
import { NO_MAC, Sight } from './sight.ts';
import { Translations } from './translations.ts';

const MAC_LIMIT = 65_536;
const ICMP6 = 58;
const REDIRECT = 5;

/** Keeps what was seen. */
export class Observer {
  readonly addresses: AddressBook = new AddressBook();
  readonly arp: ArpWatch = new ArpWatch(this.addresses);
  readonly flows: FlowWatch = new FlowWatch();
  readonly translations: Translations = new Translations();
  readonly routers: RouterWatch = new RouterWatch();
  readonly domains: Map<string, Domain> = new Map();
  /** MAC addresses that sent packets with a TTL that shows a hop. */
  readonly forwarders: Set<number> = new Set();
  /** Frames that could be read. */
  frames = 0;
  last: Nanos = 0;
  /** Frames without MAC addresses of both ends were among them. */
  hasCooked = false;
  hasRaw = false;
  /** By the index of their names. */
  readonly #domains: Domain[] = [];
  readonly #sight = new Sight();
  readonly #packet = new SeenPacket();
  readonly #copies = new Copies();

  /** `point` is the interface over all files, `number` what Wireshark calls the frame. */
  frame(frame: FrameRecord, at: Nanos, number: number, point: number): void {
    const sight = this.#sight;
    this.last = Math.max(this.last, at);
    this.frames++;
    if (!sight.read(frame, at, number, point)) return;
    this.#look(sight, true);
  }

  #look(sight: Sight, mayBeTunnel: boolean): void {
    const { at, destination, point, source } = sight;
    if (source === NO_MAC) this.hasRaw = true;
    else if (destination === NO_MAC) this.hasCooked = true;
    const domain = this.#domain(sight.domain);
    if (source > 0) domain.saw(source, at, point);
    if (sight.etherType === EtherType.Arp) {
      this.arp.arp(sight, domain);
      return;
    }
    const packet = this.#packet;
    if (!packet.read(sight, this.addresses)) return;
    const kind = this.#copies.classify(sight, packet);
    // In a loop a TTL comes by those that hosts begin with.
    const isFresh = packet.isFresh && kind !== 'forwarded';
    const log = this.#sign(sight, packet, domain, isFresh);
    const { l4 } = packet;
    if (packet.protocol === ICMP6) this.arp.neighborDiscovery(sight, packet, domain);
    if (packet.protocol === VRRP_PROTOCOL) this.routers.vrrp(sight, packet);
    if (kind === 'new') {
      this.flows.packet(sight, packet, log);
      if (packet.l4 >= 0) this.translations.packet(sight, packet);
    }
    if (mayBeTunnel && packet.protocol === IpProtocol.Udp && l4 >= 0 && sight.enterTunnel(l4)) {
      this.#look(sight, false);
    }
  }

  /** What an IP packet says of its sender's addresses, and whom its sender believes. */
  #sign(
    sight: Sight,
    packet: SeenPacket,
    domain: Domain,
    isFresh: boolean,
  ): ReturnType<Domain['log']> {
    const { at, destination, number, source } = sight;
    const isRedirect =
      packet.protocol === IpProtocol.Icmp &&
      packet.l4 >= 0 &&
      sight.view.getUint8(packet.l4) === REDIRECT;
    // Loopback interfaces have MAC addresses of zeros.
    if (source > 0 && destination > 0 && !isRedirect && !packet.isMulticast) {
      if (!isGroup(destination))
        domain.believes(source, packet.destination, destination, at, number);
    }
    if (source <= 0 || packet.source === 0) return null;
    if (!isFresh) {
      if (this.forwarders.size < MAC_LIMIT) this.forwarders.add(source);
      const log = domain.logs.get(packet.source) ?? null;
      // A cooked capture sees what this machine forwards to elsewhere, with the MAC address of that interface.
      const isHere = destination !== NO_MAC || log?.claimants.has(source) === true;
      if (isHere) log?.forwarded(source, sight);
      domain.forwards(source, packet.source);
      return log;
    }
    if (packet.source >= 0x1_0000_0000 && this.addresses.format(packet.source) === '::')
      return null;
    const log = domain.log(packet.source);
    // A cooked capture sees what this machine forwards with its own MAC address, TTL as it came.
    log?.sign(source, 'traffic', sight);
    return log;
  }

  #domain({ index, text }: DomainName): Domain {
    const known = this.#domains[index];
    if (known !== undefined) return known;
    const domain = new Domain(text);
    this.#domains[index] = domain;
    this.domains.set(text, domain);
    return domain;
  }

  /** When a MAC address sent last; null for one that never did. */
  lastSignOf(mac: number): Nanos | null {
    let last: Nanos | null = null;
    for (const { signs } of this.domains.values()) {
      const at = signs.get(mac)?.at;
      if (at !== undefined) last = Math.max(last ?? at, at);
    }
    return last;
  }
}
