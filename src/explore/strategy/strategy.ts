// Which run comes next. Run i is a pure function of the campaign's seed, i, and the results up to i - lag:
// whoever runs what, one machine or forty, the runs are the same for the same lag.

import type { Genome } from '../genome.ts';
import type { ExploreResult } from '../run.ts';

/** How runs are chosen. */
export interface Strategy {
  /** How many runs there are in all; null: as many as one likes. */
  readonly size: number | null;
  /** The next runs to be drawn have seen this result; called in the order of runs. */
  tell(result: ExploreResult): void;
  /** Run `index`; called in the order of runs. */
  draw(index: number): Genome;
}

/** The strategies by name. */
export const STRATEGY_NAMES = ['guided', 'random', 'systematic'] as const;
/** The name of a strategy. */
export type StrategyName = (typeof STRATEGY_NAMES)[number];
