// ARP and Neighbor Discovery, taken apart into what each packet says: a question, an answer, an announcement, a probe, a
// release. RFC 826, RFC 5227, RFC 4861. Copies of one frame at several capture points count once.

import type { Nanos } from '../sim/time.ts';
import { EtherType } from '../wire/numbers.ts';
import type { Domain, Question } from './domain.ts';
import type { AddressBook, SeenPacket } from './packet.ts';
import type { Sight } from './sight.ts';

const BROADCAST = 0xffff_ffff_ffff;
const ARP_LENGTH = 28;
const EVENT_LIMIT = 20_000;
const COPY_WINDOW: Nanos = 50_000_000;
const Nd = { Solicitation: 135, Advertisement: 136 } as const;
const TARGET_LINK_LAYER = 2;

/** One gratuitous packet. */
export interface SeenAnnouncement {
  readonly at: Nanos;
  readonly frame: number;
  readonly domain: string;
  readonly address: number;
  readonly mac: number;
  readonly operation: 'request' | 'reply' | 'advertisement';
  /** 'sender', '0', or the target MAC address. */
  readonly target: string;
}

/** Somebody asks before using an address. */
export interface SeenProbe {
  readonly at: Nanos;
  readonly frame: number;
  readonly domain: string;
  readonly address: number;
  readonly mac: number;
}

/** A stretch of questions of one host. */
export interface Burst {
  readonly by: number;
  readonly domain: string;
  readonly from: Nanos;
  last: Nanos;
  readonly targets: Set<number>;
  readonly answered: Set<number>;
  requests: number;
  readonly frame: number;
  /** Questions since `windowFrom`, and the most of a window. */
  window: number;
  windowFrom: Nanos;
  peak: number;
}

interface Instances {
  last: Nanos;
  readonly points: Map<number, number>;
  count: number;
}

/** Questions of one host with longer gaps are two bursts. */
const BURST_GAP: Nanos = 1_200_000_000;
const TARGET_LIMIT = 65_536;
const RATE_WINDOW: Nanos = 100_000_000;

/** Reads address resolution. */
export class ArpWatch {
  readonly announcements: SeenAnnouncement[] = [];
  readonly probes: SeenProbe[] = [];
  readonly releases: SeenProbe[] = [];
  /** Frames of each kind beyond the bound. */
  omitted = 0;
  /** Equal frames at one point, by the second in which they came: a loop. */
  readonly loops: {
    readonly at: Nanos;
    readonly frame: number;
    readonly by: number;
    copies: number;
  }[] = [];
  readonly #addresses: AddressBook;
  readonly #bursts: Burst[] = [];
  readonly #open = new Map<number, Burst>();
  readonly #instances = new Map<string, Instances>();

  constructor(addresses: AddressBook) {
    this.#addresses = addresses;
  }

  /** An ARP packet. */
  arp(sight: Sight, domain: Domain): void {
    const { end, l3, view } = sight;
    if (l3 + ARP_LENGTH > end || view.getUint16(l3 + 2) !== EtherType.Ipv4) return;
    if (view.getUint16(l3 + 4) !== 0x0604) return;
    const operation = view.getUint16(l3 + 6);
    const senderMac = view.getUint16(l3 + 8) * 0x1_0000_0000 + view.getUint32(l3 + 10);
    const sender = view.getUint32(l3 + 14);
    const targetMac = view.getUint16(l3 + 18) * 0x1_0000_0000 + view.getUint32(l3 + 20);
    const target = view.getUint32(l3 + 24);
    if (operation !== 1 && operation !== 2) return;
    const key = `${domain.name}|${operation}|${senderMac}|${sender}|${targetMac}|${target}|${sight.destination}`;
    if (this.#isCopy(key, sight, senderMac)) return;
    if (sender === 0) {
      if (operation === 1 && target !== 0) this.#probe(sight, domain, senderMac, target);
      return;
    }
    if (senderMac === 0 || senderMac === BROADCAST) {
      this.#keep(this.releases, { ...stamp(sight, domain), address: sender, mac: sight.source });
      const name = operation === 1 ? 'request' : 'reply';
      const text = formatNumber(targetMac);
      if (sender === target) this.#announce(sight, domain, sender, senderMac, name, text);
      return;
    }
    const log = domain.log(sender);
    if (log === null) return;
    if (sender === target) {
      log.sign(senderMac, 'announcement', sight);
      const text =
        targetMac === senderMac ? 'sender' : targetMac === 0 ? '0' : formatNumber(targetMac);
      const name = operation === 1 ? 'request' : 'reply';
      this.#announce(sight, domain, sender, senderMac, name, text);
      if (operation === 1) this.#burst(domain, senderMac, target, sight);
    } else if (operation === 1) {
      log.sign(senderMac, 'question', sight);
      domain.asks(senderMac, sender, target, sight);
      this.#burst(domain, senderMac, target, sight);
    } else {
      this.#answer(sight, domain, sender, senderMac, this.#askerOf(sight, targetMac));
    }
  }

  /** An ICMPv6 packet. */
  neighborDiscovery(sight: Sight, packet: SeenPacket, domain: Domain): void {
    const { end, view } = sight;
    const { l4 } = packet;
    if (l4 < 0 || l4 + 24 > end) return;
    const type = view.getUint8(l4);
    if (type !== Nd.Solicitation && type !== Nd.Advertisement) return;
    const target = this.#addresses.ipv6(view, l4 + 8);
    const key = `${domain.name}|${type}|${sight.source}|${packet.source}|${target}|${sight.destination}`;
    if (this.#isCopy(key, sight, sight.source)) return;
    if (type === Nd.Solicitation) {
      if (this.#addresses.format(packet.source) === '::') {
        this.#probe(sight, domain, sight.source, target);
        return;
      }
      domain.log(packet.source)?.sign(sight.source, 'question', sight);
      domain.asks(sight.source, packet.source, target, sight);
      return;
    }
    const isSolicited = (view.getUint8(l4 + 4) & 0x40) !== 0;
    const hasOption = l4 + 32 <= end && view.getUint8(l4 + 24) === TARGET_LINK_LAYER;
    const mac = hasOption
      ? view.getUint16(l4 + 26) * 0x1_0000_0000 + view.getUint32(l4 + 28)
      : sight.source;
    if (isSolicited) {
      this.#answer(sight, domain, target, mac, sight.destination);
      return;
    }
    domain.log(target)?.sign(mac, 'announcement', sight);
    this.#announce(sight, domain, target, mac, 'advertisement', 'all nodes');
  }

  /** Stretches of questions, those that are not over yet too. */
  allBursts(): Burst[] {
    return [...this.#bursts, ...this.#open.values()];
  }

  #askerOf(sight: Sight, targetMac: number): number {
    return sight.destination >= 0 && sight.destination !== BROADCAST
      ? sight.destination
      : targetMac;
  }

  #answer(sight: Sight, domain: Domain, address: number, mac: number, asker: number): void {
    const log = domain.log(address);
    if (log === null) return;
    const question = domain.questionOf(asker, address, sight.at);
    const claimant = log.sign(mac, 'answer', sight);
    if (question === null) {
      claimant.unsolicited++;
      return;
    }
    log.answeredAfter(claimant, sight.at - question.last);
    question.answered = true;
    if (question.isForAll) claimant.answeredAll = sight.at;
    this.#open.get(asker)?.answered.add(address);
    this.#rival(question, mac, sight, log);
  }

  #rival(
    question: Question,
    mac: number,
    { at, number }: Sight,
    log: { rivals: { macs: readonly number[]; at: Nanos; frame: number }[] },
  ): void {
    if (question.answeredBy.includes(mac)) return;
    question.answeredBy.push(mac);
    if (question.answeredBy.length > 1) {
      log.rivals.push({ macs: [...question.answeredBy], at, frame: number });
    }
  }

  #probe(sight: Sight, domain: Domain, mac: number, address: number): void {
    this.#keep(this.probes, { ...stamp(sight, domain), address, mac });
  }

  #announce(
    sight: Sight,
    domain: Domain,
    address: number,
    mac: number,
    operation: SeenAnnouncement['operation'],
    target: string,
  ): void {
    this.#keep(this.announcements, { ...stamp(sight, domain), address, mac, operation, target });
  }

  #keep<T>(list: T[], item: T): void {
    if (list.length < EVENT_LIMIT) list.push(item);
    else this.omitted++;
  }

  #burst(domain: Domain, by: number, target: number, { at, number: frame }: Sight): void {
    let burst = this.#open.get(by);
    if (burst === undefined || at - burst.last > BURST_GAP) {
      if (burst !== undefined && burst.requests > 8) this.#keep(this.#bursts, burst);
      const seen = { targets: new Set<number>(), answered: new Set<number>() };
      const rate = { requests: 0, window: 0, windowFrom: at, peak: 0 };
      burst = { by, domain: domain.name, from: at, last: at, frame, ...rate, ...seen };
      this.#open.set(by, burst);
    }
    burst.last = at;
    burst.requests++;
    if (at - burst.windowFrom > RATE_WINDOW) {
      burst.window = 0;
      burst.windowFrom = at;
    }
    burst.window++;
    burst.peak = Math.max(burst.peak, burst.window);
    if (burst.targets.size < TARGET_LIMIT) burst.targets.add(target);
  }

  /** Per point the same frame may come as often as it was seen at another point. */
  #isCopy(key: string, { at, number, point }: Sight, by: number): boolean {
    let known = this.#instances.get(key);
    if (known === undefined || at - known.last > COPY_WINDOW) {
      known = { last: at, points: new Map(), count: 0 };
      this.#instances.delete(key);
      this.#instances.set(key, known);
      if (this.#instances.size > TARGET_LIMIT) {
        for (const [oldest] of this.#instances) {
          this.#instances.delete(oldest);
          break;
        }
      }
    }
    known.last = at;
    const here = (known.points.get(point) ?? 0) + 1;
    known.points.set(point, here);
    if (here <= known.count) return true;
    known.count = here;
    if (here <= LOOP) return false;
    const loop = this.loops.at(-1);
    if (loop?.by === by && at - loop.at < 1e9) loop.copies = here;
    else if (this.loops.length < EVENT_LIMIT)
      this.loops.push({ at, frame: number, by, copies: here });
    return true;
  }
}

/** More equal frames at one point within the window are a loop; keepalived sends five. */
const LOOP = 10;

function stamp(
  { at, number }: Sight,
  { name }: Domain,
): { at: Nanos; frame: number; domain: string } {
  return { at, frame: number, domain: name };
}

/** '52:54:00:50:00:11'; '?' for none. */
export function formatNumber(mac: number): string {
  if (mac < 0) return '?';
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/(..)(?!$)/g, '$1:');
}
