// Runs an exploration in this thread, with a breath between two runs: for one core, and for tests.

import type { PlannedRun } from '../../explore/campaign.ts';
import type { Crew } from '../../explore/explorer.ts';
import type { ExploreFinding } from '../../explore/finding.ts';
import type { ExploreResult } from '../../explore/run.ts';
import type { ShrinkRequest } from '../../explore/shrink.ts';
import { Work, type WorkPlan } from '../../explore/work.ts';
import { lateAfter, RUN_LIMIT_MILLISECONDS } from './clock.ts';

/** One after the other. */
export class LocalCrew implements Crew {
  readonly width = 1;
  readonly batch = 4;
  readonly #work: Work;

  constructor(plan: WorkPlan) {
    this.#work = new Work(plan);
  }

  async run(runs: readonly PlannedRun[]): Promise<readonly ExploreResult[]> {
    const results: ExploreResult[] = [];
    for (const run of runs) {
      await breath();
      results.push(this.#work.run(run, lateAfter(RUN_LIMIT_MILLISECONDS)));
    }
    return results;
  }

  async find(request: ShrinkRequest): Promise<ExploreFinding | null> {
    await breath();
    return this.#work.find(request, lateAfter(10 * RUN_LIMIT_MILLISECONDS));
  }
}

/** Signals and timers have their turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
