// What was seen of one address in one broadcast domain: which MAC addresses answered for it, announced it, used it.
// Signs of one MAC behind one another make a run; runs alternate, and the verdicts read them.

import type { Nanos } from '../sim/time.ts';
import type { Segments } from './segments.ts';

/** How a MAC address showed that it has an address. */
export type SignKind = 'answer' | 'question' | 'traffic' | 'announcement' | 'forwarded';

const RUN_LIMIT = 4_096;
const HEARD_LIMIT = 512;
/** An owner answers at once; Linux's proxies wait up to 0.8 s (proxy_delay). */
/** Who forwards a packet has it no longer. */
const RELAY: Nanos = 50_000_000;
const LATE: Nanos = 50_000_000;

/** When and where a frame was seen. */
export interface SeenAt {
  readonly at: Nanos;
  readonly number: number;
  readonly point: number;
}

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
  /** Its newest answer to a question that everybody heard. */
  answeredAll: Nanos;
  /** Where it was seen. */
  readonly points: Set<number>;
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
  sign(
    mac: number,
    kind: Exclude<SignKind, 'forwarded'>,
    { at, number: frame, point }: SeenAt,
  ): SeenClaimant {
    const claimant = this.#claimant(mac, at, frame);
    claimant.points.add(point);
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

  /** A packet from the address that has been forwarded, as SNAT does; routers forward those of others. */
  forwarded(mac: number, { at, number: frame, point }: SeenAt): void {
    const before = this.runs.at(-1);
    // Just sent by another one: relayed, as by the node of a pod.
    const isRelay = before !== undefined && before.mac !== mac && at - before.to < RELAY;
    if (isRelay && isForwarder(this.claimants.get(mac))) return;
    const claimant = this.#claimant(mac, at, frame);
    claimant.points.add(point);
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

  /** What concerns these MAC addresses. */
  of(macs: ReadonlySet<number>): AddressLog {
    const part = new AddressLog(this.address, this.domain);
    for (const mac of macs) {
      const claimant = this.claimants.get(mac);
      if (claimant !== undefined) part.claimants.set(mac, claimant);
    }
    part.runs.push(...this.runs.filter(({ mac }) => macs.has(mac)));
    part.rivals.push(...this.rivals.filter((rival) => rival.macs.every((mac) => macs.has(mac))));
    part.survivors = this.survivors;
    return part;
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
        answeredAll: Number.NEGATIVE_INFINITY,
        points: new Set(),
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

/** Somebody has announced it, asked as it or answered for it in this network. */
export function isOnLink({ claimants }: AddressLog): boolean {
  for (const { announcements, answers, questions } of claimants.values()) {
    if (announcements + answers + questions > 0) return true;
  }
  return false;
}

/** One log for each network that the capture points are in: what was seen in another one is of another address. */
export function bySegment(log: AddressLog, segments: Segments): AddressLog[] {
  const roots = new Map<number, Set<number>>();
  for (const { mac, points } of log.claimants.values()) {
    // All points of one MAC address are in one network.
    const [point = 0] = points;
    const root = segments.of(point);
    const macs = roots.get(root) ?? new Set();
    roots.set(root, macs.add(mac));
  }
  if (roots.size < 2) return [log];
  return [...roots.values()].map((macs) => log.of(macs));
}

/** Nothing was seen of it but packets that it forwarded. */
export function isForwarder(claimant: SeenClaimant | undefined): boolean {
  if (claimant === undefined) return true;
  const { announcements, answers, questions, traffic } = claimant;
  return announcements + answers + questions + traffic === 0;
}

/** It answers, asks or sends as the address, and is no mere announcer. */
export function isHolder({ answers, forwarded, questions, traffic }: SeenClaimant): boolean {
  return answers + questions + traffic + forwarded > 0;
}

/** It answers for others: late, and never sends as the address itself. */
export function isProxy({ answers, lateAnswers, questions, traffic }: SeenClaimant): boolean {
  return questions + traffic === 0 && answers > 0 && lateAnswers * 2 > answers;
}
