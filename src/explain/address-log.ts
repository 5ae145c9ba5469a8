// What was seen of one address in one broadcast domain: which MAC addresses answered for it, announced it, used it.
// Signs of one MAC behind one another make a run; runs alternate, and the verdicts read them.

import type { Nanos } from '../sim/time.ts';

/** How a MAC address showed that it has an address. */
export type SignKind = 'answer' | 'question' | 'traffic' | 'announcement' | 'forwarded';

const RUN_LIMIT = 4_096;
const HEARD_LIMIT = 512;
/** An owner answers at once; Linux's proxies wait up to 0.8 s (proxy_delay). */
const LATE: Nanos = 50_000_000;

/** One MAC address and what it did with the address. */
export interface SeenClaimant {
  readonly mac: number;
  answers: number;
  lateAnswers: number;
  questions: number;
  announcements: number;
  /** Packets from the address that nobody had forwarded, and those that were. */
  traffic: number;
  forwarded: number;
  /** Refusals of services: TCP resets of a SYN, port unreachable. */
  refusals: number;
  /** Unicast answers that nobody had asked for. */
  unsolicited: number;
  readonly first: Nanos;
  last: Nanos;
  readonly firstFrame: number;
  /** The newest ARP or ND packet with the claim. */
  heardAt: Nanos;
  /** The latest claims, oldest first. */
  readonly heard: { readonly at: Nanos; readonly kind: 'answer' | 'question' | 'announcement' }[];
}

/** Signs of one MAC address without those of another in between. */
export interface Run {
  readonly mac: number;
  readonly from: Nanos;
  to: Nanos;
  readonly frame: number;
  lastFrame: number;
  readonly begins: SignKind;
  /** Something else than announcements. */
  isStrong: boolean;
  /** Nothing but packets that it forwarded with the address as their source, as SNAT does. */
  isOnlySource: boolean;
  refusals: number;
}

/** The signs of one address. */
export class AddressLog {
  readonly address: number;
  readonly domain: string;
  readonly claimants: Map<number, SeenClaimant> = new Map();
  readonly runs: Run[] = [];
  /** MAC addresses that answered one question of one host, and when. */
  readonly rivals: {
    readonly macs: readonly number[];
    readonly at: Nanos;
    readonly frame: number;
  }[] = [];
  /** Connections that went on over a change of MAC address. */
  survivors = 0;

  constructor(address: number, domain: string) {
    this.address = address;
    this.domain = domain;
  }

  /** Notes a sign. */
  sign(mac: number, kind: Exclude<SignKind, 'forwarded'>, at: Nanos, frame: number): SeenClaimant {
    const claimant = this.#claimant(mac, at, frame);
    claimant.last = at;
    if (kind === 'traffic') {
      claimant.traffic++;
    } else {
      if (kind === 'answer') claimant.answers++;
      else if (kind === 'question') claimant.questions++;
      else claimant.announcements++;
      claimant.heardAt = at;
      if (claimant.heard.push({ at, kind }) > HEARD_LIMIT) claimant.heard.shift();
    }
    this.#run(mac, kind, at, frame);
    return claimant;
  }

  /** A packet from the address that has been forwarded: a sign only of who has claimed the address before. */
  forwarded(mac: number, at: Nanos, frame: number): void {
    const claimant = this.claimants.get(mac);
    if (claimant === undefined) return;
    claimant.forwarded++;
    claimant.last = at;
    this.#run(mac, 'forwarded', at, frame);
  }

  /** The claimant refused a service. */
  refused(mac: number): void {
    const claimant = this.claimants.get(mac);
    if (claimant !== undefined) claimant.refusals++;
    const run = this.runs.at(-1);
    if (run?.mac === mac) run.refusals++;
  }

  /** How long the answer to a question took. */
  answeredAfter(claimant: SeenClaimant, delay: Nanos): void {
    if (delay > LATE) claimant.lateAnswers++;
  }

  #claimant(mac: number, at: Nanos, frame: number): SeenClaimant {
    let claimant = this.claimants.get(mac);
    if (claimant === undefined) {
      claimant = {
        mac,
        answers: 0,
        lateAnswers: 0,
        questions: 0,
        announcements: 0,
        traffic: 0,
        forwarded: 0,
        refusals: 0,
        unsolicited: 0,
        first: at,
        last: at,
        firstFrame: frame,
        heardAt: Number.NEGATIVE_INFINITY,
        heard: [],
      };
      this.claimants.set(mac, claimant);
    }
    return claimant;
  }

  #run(mac: number, kind: SignKind, at: Nanos, frame: number): void {
    const last = this.runs.at(-1);
    const isStrong = kind !== 'announcement' && kind !== 'forwarded';
    if (last?.mac === mac) {
      last.to = at;
      last.lastFrame = frame;
      if (isStrong) last.isStrong = true;
      if (kind !== 'forwarded') last.isOnlySource = false;
    } else if (this.runs.length < RUN_LIMIT) {
      const run = { mac, from: at, to: at, frame, lastFrame: frame, begins: kind, isStrong };
      this.runs.push({ ...run, isOnlySource: kind === 'forwarded', refusals: 0 });
    }
  }
}

/** It answers, asks or sends as the address, and is no mere announcer. */
export function isHolder({ answers, forwarded, questions, traffic }: SeenClaimant): boolean {
  return answers + questions + traffic + forwarded > 0;
}

/** It answers for others: late, and never sends as the address itself. */
export function isProxy({ answers, lateAnswers, questions, traffic }: SeenClaimant): boolean {
  return questions + traffic === 0 && answers > 0 && lateAnswers * 2 > answers;
}
