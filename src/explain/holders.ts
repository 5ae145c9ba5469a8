// Who has an address: handovers told apart from conflicts, from one machine with two MAC addresses, from proxies and from
// mere announcers. A second MAC address alone proves nothing; what counts is whether the first one goes on.

import type { Nanos } from '../sim/time.ts';
import {
  type AddressLog,
  isForwarder,
  isHolder,
  isOnLink,
  isProxy,
  type Run,
  type SeenClaimant,
} from './address-log.ts';
import { formatNumber } from './arp-watch.ts';
import type { AddressConflict, Contested, MovedAddress, SeenClaim } from './model.ts';

/** A sign of the old holder so soon after the new one's first is still under way. */
const UNDER_WAY: Nanos = 20_000_000;
/** Both answered within so long and then no more: a change that two machines made at once. */
const CHANGEOVER: Nanos = 50_000_000;

/** It sends as an address so long while the holder before gives no sign: it has taken it. */
const LASTING: Nanos = 1_000_000_000;

/** What is said of one address. */
export interface AddressVerdict {
  readonly claims: readonly SeenClaim[];
  readonly conflicts: readonly AddressConflict[];
  readonly moves: readonly MovedAddress[];
  readonly contested: readonly Contested[];
}

interface Evidence {
  readonly text: string;
  readonly frames: readonly number[];
  /** The second owner has gone again. */
  readonly to: Nanos | null;
}

/** Judges one address; `twins` are pairs of MAC addresses that answer for several addresses alike. */
export function judge(
  log: AddressLog,
  address: string,
  twins: ReadonlySet<string>,
  forgers: ReadonlySet<number>,
  routers: ReadonlySet<number>,
): AddressVerdict {
  // A router forwards what others send; who has the address forwards it as its source, as SNAT does.
  const isPassing = (each: SeenClaimant): boolean =>
    isForwarder(each) && (routers.has(each.mac) || !isOnLink(log));
  const all = [...log.claimants.values()].filter((each) => !isPassing(each));
  const holders = all.filter((each) => isHolder(each) && !isForger(each, all, forgers));
  const macs = new Set(holders.map(({ mac }) => mac));
  const seen = merged(log.runs, macs);
  // Who only sends as the address, or only announces it, is no owner beside one who goes on.
  const runs = merged(
    seen.filter((_, index) => !isAside(seen, index)),
    macs,
  );
  const conflicts: AddressConflict[] = [];
  const contested: Contested[] = [];
  const isOneMachine = (a: number, b: number): boolean =>
    twins.has(pairOf(a, b)) || (log.survivors > 0 && holders.length === 2);
  for (const [index, a] of holders.entries()) {
    for (const b of holders.slice(index + 1)) {
      const evidence = conflictOf(log, runs, a, b);
      if (evidence === null) continue;
      const macs = [formatNumber(a.mac), formatNumber(b.mac)];
      const from = Math.max(a.first, b.first);
      if (isOneMachine(a.mac, b.mac)) {
        const to = Math.min(a.last, b.last);
        contested.push({ address, domain: log.domain, macs, kind: 'one machine', from, to });
        continue;
      }
      const kind = isProxy(a) || isProxy(b) ? 'proxy against owner' : 'owners';
      const { frames, text, to } = evidence;
      conflicts.push({ address, domain: log.domain, macs, from, to, kind, evidence: text, frames });
    }
  }
  const stray = seen.findLast(
    (run, index) => run.isOnlySource && isAside(seen, index) && run.mac !== runs.at(-1)?.mac,
  );
  const current = runs.at(-1);
  if (stray !== undefined && current !== undefined && stray.to > current.from + UNDER_WAY) {
    const macs = [formatNumber(current.mac), formatNumber(stray.mac)];
    const { from, to } = { from: current.from, to: stray.to };
    contested.push({ address, domain: log.domain, macs, kind: 'still sends', from, to });
  }
  const macsInConflict = new Set(conflicts.flatMap(({ macs }) => macs));
  const told = new Set(
    contested.filter(({ kind }) => kind === 'one machine').flatMap((each) => each.macs),
  );
  for (const each of all) {
    if (holders.includes(each) || holders.length === 0 || each.announcements === 0) continue;
    const rivals = [...holders.map(({ mac }) => mac), each.mac].map(formatNumber);
    const kind = isForger(each, all, forgers) ? 'forged' : 'announced only';
    contested.push({
      address,
      domain: log.domain,
      macs: rivals,
      kind,
      from: each.first,
      to: each.last,
    });
  }
  const moves = macsInConflict.size === 0 && told.size === 0 ? movesOf(log, runs, address) : [];
  const claims = [
    ...claimsOf(runs, holders, address, log.domain, moves.length > 0, conflicts),
    ...all
      .filter((each) => !holders.includes(each))
      .map((each): SeenClaim => claimOf(each, address, log.domain, all, forgers)),
  ];
  return { claims, conflicts, moves, contested };
}

/** Another MAC address went on before and after it, or it is too short to be a change at the end. */
function isAside(runs: readonly Run[], index: number): boolean {
  const run = runs[index];
  const before = runs[index - 1];
  if (run === undefined || before === undefined) return false;
  if (!run.isOnlySource && run.isStrong) return false;
  const after = runs[index + 1];
  if (after !== undefined) return after.mac === before.mac;
  return run.isOnlySource && (run.to - run.from < LASTING || hasStrong(runs, run.mac));
}

function hasStrong(runs: readonly Run[], mac: number): boolean {
  return runs.some((run) => run.mac === mac && run.isStrong);
}

/** Without the runs of others, neighbors of one MAC joined. */
function merged(runs: readonly Run[], macs: ReadonlySet<number>): Run[] {
  const kept: Run[] = [];
  for (const run of runs) {
    if (!macs.has(run.mac)) continue;
    const last = kept.at(-1);
    if (last?.mac !== run.mac) {
      kept.push({ ...run });
      continue;
    }
    last.to = run.to;
    last.lastFrame = run.lastFrame;
    last.isStrong ||= run.isStrong;
    last.isOnlySource &&= run.isOnlySource;
    last.refusals += run.refusals;
  }
  return kept;
}

function conflictOf(
  log: AddressLog,
  runs: readonly Run[],
  a: SeenClaimant,
  b: SeenClaimant,
): Evidence | null {
  const rival = log.rivals.find(({ macs }) => macs.includes(a.mac) && macs.includes(b.mac));
  if (rival !== undefined) {
    const frames = [rival.frame];
    return { text: 'both answered one question', frames, to: endOf(a, b) };
  }
  const own = runs.filter(({ mac }) => mac === a.mac || mac === b.mac);
  const silent = own.findIndex((run, index) => index >= 2 && goesOn(own, index, run));
  if (silent >= 0) {
    const [before, between, again] = own.slice(silent - 2, silent + 1);
    const frames = [before, between, again].map((run) => run?.frame ?? 0);
    const text = 'the first one went on after the second had begun';
    return { text, frames, to: endOf(a, b) };
  }
  if (own.length >= 4) {
    const last = own.at(-1);
    const frames = own.slice(0, 8).map(({ frame }) => frame);
    const back = last?.mac === firstOf(a, b).mac ? last.from : null;
    return { text: `they took it from one another ${own.length - 1} times`, frames, to: back };
  }
  const [first, second, third] = own;
  const refuses = second !== undefined && second.refusals > 0 && third !== undefined;
  if (first !== undefined && refuses && third !== undefined) {
    const frames = [first.frame, second.frame, third.frame];
    return { text: 'the second one refuses what the first one serves', frames, to: third.from };
  }
  return null;
}

/** The last sign of one after which the other alone answered a question that everybody heard. */
function endOf(a: SeenClaimant, b: SeenClaimant): Nanos | null {
  const [gone, left] = a.last <= b.last ? [a, b] : [b, a];
  return left.answeredAll > gone.last + LASTING ? gone.last : null;
}

/** The first of two came back without announcing itself, while the other one had given no way. */
function goesOn(runs: readonly Run[], index: number, run: Run): boolean {
  const between = runs[index - 1];
  const before = runs[index - 2];
  if (between === undefined || before === undefined) return false;
  if (run.begins === 'announcement' || !run.isStrong) return false;
  // What was on its way when the change came.
  return (
    run.to - between.from > UNDER_WAY && run.from - before.to > 0 && !isChangeover(between, run)
  );
}

function isChangeover(between: Run, run: Run): boolean {
  return run.to - between.from < CHANGEOVER;
}

function firstOf(a: SeenClaimant, b: SeenClaimant): SeenClaimant {
  return a.first <= b.first ? a : b;
}

function movesOf(log: AddressLog, runs: readonly Run[], address: string): MovedAddress[] {
  const moves: MovedAddress[] = [];
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before === undefined) continue;
    moves.push({
      address,
      domain: log.domain,
      from: formatNumber(before.mac),
      to: formatNumber(run.mac),
      lost: before.to,
      taken: run.from,
      frame: run.frame,
      kind: log.survivors > 0 ? 'same machine' : 'handover',
      announced: run.begins === 'announcement',
    });
  }
  return moves;
}

function claimsOf(
  runs: readonly Run[],
  holders: readonly SeenClaimant[],
  address: string,
  domain: string,
  moved: boolean,
  conflicts: readonly AddressConflict[],
): SeenClaim[] {
  const answers = (mac: number): number => holders.find((each) => each.mac === mac)?.answers ?? 0;
  const kindOf = (mac: number): SeenClaim['kind'] =>
    holders.some((each) => each.mac === mac && isProxy(each)) ? 'proxy' : 'owner';
  if (moved) {
    return runs.map((run, index) => ({
      address,
      domain,
      mac: formatNumber(run.mac),
      kind: kindOf(run.mac),
      from: index === 0 ? null : run.from,
      to: index === runs.length - 1 ? null : run.to,
      frame: run.frame,
      answers: answers(run.mac),
    }));
  }
  const [first] = runs;
  return holders.map(({ mac, first: since, firstFrame: frame, answers: count }) => {
    const text = formatNumber(mac);
    const ended = conflicts.find(({ macs, to }) => to !== null && macs.includes(text));
    const isLater = mac !== first?.mac;
    const to = isLater ? (ended?.to ?? null) : null;
    const kind = kindOf(mac);
    return {
      address,
      domain,
      mac: text,
      kind,
      from: isLater ? since : null,
      to,
      frame,
      answers: count,
    };
  });
}

function claimOf(
  each: SeenClaimant,
  address: string,
  domain: string,
  all: readonly SeenClaimant[],
  forgers: ReadonlySet<number>,
): SeenClaim {
  const { answers, first, firstFrame: frame, mac } = each;
  const kind = isForger(each, all, forgers)
    ? 'forged'
    : isHolder(each)
      ? 'owner'
      : 'announced only';
  return { address, domain, mac: formatNumber(mac), kind, from: first, to: null, frame, answers };
}

/** It tells what nobody asked, and somebody else has the address. */
function isForger(
  each: SeenClaimant,
  all: readonly SeenClaimant[],
  forgers: ReadonlySet<number>,
): boolean {
  if (!forgers.has(each.mac) || each.unsolicited === 0) return false;
  const isOwn = each.questions + each.traffic > 0;
  return !isOwn && all.some((other) => other !== each && isHolder(other));
}

/** A key for two MAC addresses in any order. */
export function pairOf(a: number, b: number): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}
