// One broadcast domain: the addresses in it, who asked for whom, and whom each host believes by where it sends.

import type { Nanos } from '../sim/time.ts';
import { AddressLog, isOnLink } from './address-log.ts';
import { Segments } from './segments.ts';
import type { Sight } from './sight.ts';

const LOG_LIMIT = 65_536;
const BELIEF_LIMIT = 131_072;
const QUESTION_LIMIT = 65_536;
const SPAN_LIMIT = 4_096;
/** MAC addresses have 48 bits; numbers of them fit a key with an address. */
const ADDRESS_SPACE = 2 ** 33;
/** An answer belongs to a question of that age at most. */
export const ANSWER_WINDOW: Nanos = 3_000_000_000;

const MAC_LIMIT = 65_536;
const FORWARDED_LIMIT = 8;
const GROUP_BIT = 0x0100_0000_0000;
const VRRP = 0x00_005e_0001;
const VRRP6 = 0x00_005e_0002;
const HSRP = 0x00_000c_07ac;

/** A MAC address that goes from router to router: VRRP (RFC 9568), HSRP. */
export function isShared(mac: number): boolean {
  const prefix = Math.floor(mac / 256);
  return prefix === VRRP || prefix === VRRP6 || prefix === HSRP;
}

/** Broadcast or multicast. */
export function isGroup(mac: number): boolean {
  return Math.floor(mac / GROUP_BIT) % 2 === 1;
}

/** When and where a MAC address was seen. */
export interface MacSign {
  at: Nanos;
  point: number;
}

/** One MAC address that one host sent to for one address. */
export interface BeliefSpan {
  readonly mac: number;
  readonly from: Nanos;
  to: Nanos;
  readonly frame: number;
}

/** Where one host sends what is for one address. */
export interface BeliefLog {
  /** The host. */
  readonly observer: number;
  readonly address: number;
  readonly spans: BeliefSpan[];
}

/** One host's questions for one address since the last answer. */
export interface Question {
  readonly asker: number;
  readonly askerAddress: number;
  readonly target: number;
  from: Nanos;
  last: Nanos;
  readonly frame: number;
  tries: number;
  answered: boolean;
  /** It went to everybody. */
  isForAll: boolean;
  answeredBy: number[];
}

/** What was seen in one broadcast domain. */
export class Domain {
  readonly name: string;
  readonly logs: Map<number, AddressLog> = new Map();
  readonly beliefs: Map<number, BeliefLog> = new Map();
  readonly questions: Map<number, Question> = new Map();
  /** When and where each MAC address sent last. */
  readonly signs: Map<number, MacSign> = new Map();
  readonly segments: Segments = new Segments();
  readonly #macs = new Map<number, number>();
  /** The first addresses, by MAC address, that it was seen to forward packets of. */
  readonly #forwarded = new Map<number, number[]>();

  constructor(name: string) {
    this.name = name;
  }

  /** A frame of a MAC address. */
  saw(mac: number, at: Nanos, point: number): void {
    const sign = this.signs.get(mac);
    if (sign === undefined) {
      if (this.signs.size < MAC_LIMIT) this.signs.set(mac, { at, point });
      return;
    }
    sign.at = at;
    if (sign.point === point) return;
    // An address of a group of routers may be in many networks.
    if (!isShared(mac)) this.segments.join(sign.point, point);
    sign.point = point;
  }

  /** It sent a packet of an address with a TTL that shows a hop. */
  forwards(mac: number, address: number): void {
    let addresses = this.#forwarded.get(mac);
    if (addresses === undefined) {
      if (this.#forwarded.size >= MAC_LIMIT) return;
      addresses = [];
      this.#forwarded.set(mac, addresses);
    }
    if (addresses.length < FORWARDED_LIMIT && !addresses.includes(address)) addresses.push(address);
  }

  /** MAC addresses that forward packets of addresses that are not of this network. */
  routers(): Set<number> {
    const routers = new Set<number>();
    for (const [mac, addresses] of this.#forwarded) {
      const isForeign = (address: number): boolean => {
        const log = this.logs.get(address);
        return log === undefined || !isOnLink(log);
      };
      if (addresses.some(isForeign)) routers.add(mac);
    }
    return routers;
  }

  log(address: number): AddressLog | null {
    let log = this.logs.get(address);
    if (log === undefined) {
      if (this.logs.size >= LOG_LIMIT) return null;
      log = new AddressLog(address, this.name);
      this.logs.set(address, log);
    }
    return log;
  }

  believes(observer: number, address: number, mac: number, at: Nanos, frame: number): void {
    const key = this.#key(observer, address);
    let log = this.beliefs.get(key);
    if (log === undefined) {
      if (this.beliefs.size >= BELIEF_LIMIT) return;
      log = { observer, address, spans: [] };
      this.beliefs.set(key, log);
    }
    const last = log.spans.at(-1);
    if (last?.mac === mac) last.to = at;
    else if (log.spans.length < SPAN_LIMIT) log.spans.push({ mac, from: at, to: at, frame });
  }

  asks(
    asker: number,
    askerAddress: number,
    target: number,
    { at, destination, number: frame }: Sight,
  ): Question | null {
    const key = this.#key(asker, target);
    const open = this.questions.get(key);
    if (open !== undefined && !open.answered && at - open.last < ANSWER_WINDOW) {
      open.tries++;
      open.last = at;
      open.isForAll = isGroup(destination);
      return open;
    }
    if (open === undefined && this.questions.size >= QUESTION_LIMIT) return null;
    const times = { from: at, last: at, frame, tries: 1, answered: false, answeredBy: [] };
    const isForAll = isGroup(destination);
    const question: Question = { asker, askerAddress, target, isForAll, ...times };
    this.questions.set(key, question);
    return question;
  }

  /** The question of `asker` that an answer of now can belong to. */
  questionOf(asker: number, target: number, at: Nanos): Question | null {
    const question = this.questions.get(this.#key(asker, target));
    return question === undefined || at - question.last > ANSWER_WINDOW ? null : question;
  }

  #key(mac: number, address: number): number {
    let index = this.#macs.get(mac);
    if (index === undefined) {
      index = Math.min(this.#macs.size, 0xf_ffff);
      this.#macs.set(mac, index);
    }
    return index * ADDRESS_SPACE + address;
  }
}
