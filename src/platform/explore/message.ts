// What a thread that runs a part of a campaign is told, and what it says.

import type { PlannedRun } from '../../explore/campaign.ts';
import type { ExploreFinding } from '../../explore/finding.ts';
import type { ExploreResult } from '../../explore/run.ts';
import type { ShrinkRequest } from '../../explore/shrink.ts';

/** A piece of work. */
export type ThreadTask =
  | { readonly id: number; readonly kind: 'run'; readonly runs: readonly PlannedRun[] }
  | { readonly id: number; readonly kind: 'find'; readonly request: ShrinkRequest };

/** What came of it. */
export type ThreadAnswer =
  | { readonly id: number; readonly kind: 'run'; readonly results: readonly ExploreResult[] }
  | { readonly id: number; readonly kind: 'find'; readonly finding: ExploreFinding | null }
  | { readonly id: number; readonly kind: 'failed'; readonly problem: string };
