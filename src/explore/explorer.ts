// Lets a campaign run: draws runs, hands them to a crew, takes what comes back, and makes findings of what
// broke. It knows neither threads nor files: the crew runs, the ledger keeps.

import type { Campaign, PlannedRun, Suspicion } from './campaign.ts';
import type { ExploreFinding } from './finding.ts';
import type { ExploreResult } from './run.ts';
import type { ShrinkRequest } from './shrink.ts';

/** Who makes the runs; in this thread, in others, or elsewhere. */
export interface Crew {
  /** How many batches it works on at once. */
  readonly width: number;
  /** Runs a batch may have. */
  readonly batch: number;
  run(runs: readonly PlannedRun[]): Promise<readonly ExploreResult[]>;
  /** Null when it does not fail again. */
  find(request: ShrinkRequest): Promise<ExploreFinding | null>;
}

/** Who keeps what is known, and hears how it goes. */
export interface Ledger {
  /** Results in the order of runs, each once. */
  results(results: readonly ExploreResult[]): void;
  /** A finding of an earlier life of the campaign; undefined when it has not been looked into. */
  known(request: ShrinkRequest): ExploreFinding | null | undefined;
  finding(request: ShrinkRequest, finding: ExploreFinding | null): void;
  progress(campaign: Campaign): void;
}

/** When to stop. */
export interface Limits {
  /** Null: no end. */
  readonly runs: number | null;
  /** Asked after each batch. */
  readonly isOver: () => boolean;
}

/** The smallest finding of a signature, and how often the like of it was seen. */
export interface GroupedFinding {
  readonly finding: ExploreFinding;
  /** The run that showed it first. */
  readonly first: number;
  readonly count: number;
}

/** Runs until a limit; what is under way is finished. */
export async function explore(
  campaign: Campaign,
  crew: Crew,
  ledger: Ledger,
  limits: Limits,
): Promise<readonly GroupedFinding[]> {
  const found = new Map<ShrinkRequest, ExploreFinding | null>();
  const looking = new Set<ShrinkRequest>();
  const under = new Set<Promise<void>>();
  let planned = campaign.runs;
  const start = (work: Promise<void>): void => {
    const tracked = work.finally(() => under.delete(tracked));
    under.add(tracked);
  };
  const takeResults = (): void => {
    const taken = campaign.take();
    if (taken.length === 0) return;
    ledger.results(taken);
    ledger.progress(campaign);
  };
  const look = async (request: ShrinkRequest): Promise<void> => {
    const finding = await crew.find(request);
    found.set(request, finding);
    ledger.finding(request, finding);
    ledger.progress(campaign);
  };
  const runBatch = async (batch: readonly PlannedRun[]): Promise<void> => {
    const results = await crew.run(batch);
    for (const [at, result] of results.entries()) {
      const run = batch[at];
      if (run !== undefined) campaign.accept(run.index, result);
    }
    takeResults();
  };
  for (;;) {
    for (const { request } of campaign.suspicions) {
      if (looking.has(request)) continue;
      const known = ledger.known(request);
      if (known !== undefined) {
        looking.add(request);
        found.set(request, known);
      } else if (under.size < crew.width + 1) {
        looking.add(request);
        start(look(request));
      }
    }
    const isOver = limits.isOver();
    while (!isOver && under.size < crew.width + 1) {
      const batch: PlannedRun[] = [];
      while (batch.length < crew.batch && (limits.runs === null || planned < limits.runs)) {
        const run = campaign.next();
        if (run === null) break;
        batch.push(run);
        planned++;
      }
      if (batch.length === 0) break;
      start(runBatch(batch));
    }
    const isDone = campaign.suspicions.every(({ request }) => looking.has(request));
    if (under.size === 0 && (isDone || isOver)) break;
    if (under.size === 0) continue;
    await Promise.race(under);
  }
  return grouped(campaign.suspicions, found);
}

/** By signature: the smallest, then the first. What did not fail again is left out. */
export function grouped(
  suspicions: readonly Suspicion[],
  found: ReadonlyMap<ShrinkRequest, ExploreFinding | null>,
): readonly GroupedFinding[] {
  const groups = new Map<string, GroupedFinding>();
  for (const { count, first, request } of suspicions) {
    const finding = found.get(request) ?? null;
    if (finding === null) continue;
    const known = groups.get(finding.signature);
    if (known === undefined) {
      groups.set(finding.signature, { finding, first, count });
      continue;
    }
    const smaller = finding.size < known.finding.size ? finding : known.finding;
    groups.set(finding.signature, {
      finding: smaller,
      first: Math.min(first, known.first),
      count: known.count + count,
    });
  }
  return [...groups.values()].sort((a, b) => a.first - b.first);
}
