// What whoever runs a part of a campaign does: makes the base of a header once, then runs and findings of it.

import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import type { PlainMap } from '../schema/plain-value.ts';
import { ExploreBase } from './base.ts';
import type { CampaignHeader, PlannedRun } from './campaign.ts';
import { confirm, type ExploreFinding } from './finding.ts';
import { type ExploreResult, runGenome } from './run.ts';
import { type ShrinkRequest, shrink } from './shrink.ts';

/** What a part of a campaign is made of. */
export interface WorkPlan {
  readonly header: CampaignHeader;
  /** As the user wrote them, by name. */
  readonly flows: PlainMap;
}

/** Runs and findings of one campaign. */
export class Work {
  readonly base: ExploreBase;
  readonly #flows: PlainMap;

  constructor({ flows, header }: WorkPlan, fabrics: readonly Fabric[] = FABRICS) {
    this.base = new ExploreBase(header.document, header.changes, fabrics, header.name);
    this.#flows = flows;
  }

  /** `isLate`: asked now and then while a run lasts. */
  run({ genome }: PlannedRun, isLate: () => boolean): ExploreResult {
    return runGenome(this.base, genome, isLate);
  }

  /** Shrinks and confirms; null when it does not fail again. */
  find(request: ShrinkRequest, isLate: () => boolean): ExploreFinding | null {
    const shrunk = shrink(this.base, request, isLate);
    return shrunk === null ? null : confirm(this.base, shrunk, this.#flows);
  }
}
