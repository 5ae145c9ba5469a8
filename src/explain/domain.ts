// One broadcast domain: the addresses in it, who asked for whom, and whom each host believes by where it sends.

import type { Nanos } from '../sim/time.ts';
import { AddressLog } from './address-log.ts';

const LOG_LIMIT = 65_536;
const BELIEF_LIMIT = 131_072;
const QUESTION_LIMIT = 65_536;
const SPAN_LIMIT = 4_096;
/** MAC addresses have 48 bits; numbers of them fit a key with an address. */
const ADDRESS_SPACE = 2 ** 33;
/** An answer belongs to a question of that age at most. */
export const ANSWER_WINDOW: Nanos = 3_000_000_000;

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
  answeredBy: number[];
}

/** What was seen in one broadcast domain. */
export class Domain {
  readonly name: string;
  readonly logs: Map<number, AddressLog> = new Map();
  readonly beliefs: Map<number, BeliefLog> = new Map();
  readonly questions: Map<number, Question> = new Map();
  readonly #macs = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
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
    at: Nanos,
    frame: number,
  ): Question | null {
    const key = this.#key(asker, target);
    const open = this.questions.get(key);
    if (open !== undefined && !open.answered && at - open.last < ANSWER_WINDOW) {
      open.tries++;
      open.last = at;
      return open;
    }
    if (open === undefined && this.questions.size >= QUESTION_LIMIT) return null;
    const times = { from: at, last: at, frame, tries: 1, answered: false, answeredBy: [] };
    const question: Question = { asker, askerAddress, target, ...times };
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
