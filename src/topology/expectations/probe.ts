// What an earlier `arping` or `ping` step found.

import type { Comparisons, ExpectationBase, MacReference } from './expectation.ts';

/** duplicate/free answer -D; answered/unanswered the others. */
export type ArpingVerdict = 'duplicate' | 'free' | 'answered' | 'unanswered';

export interface ArpingExpectation extends ExpectationBase {
  readonly kind: 'arping';
  /** The step's name. */
  readonly arping: string;
  readonly verdict: ArpingVerdict | null;
  /** Every MAC that answered, in any order; null is not checked. */
  readonly answeredBy: readonly MacReference[] | null;
}

export interface PingExpectation extends ExpectationBase {
  readonly kind: 'ping';
  /** The step's name. */
  readonly ping: string;
  readonly sent: Comparisons | null;
  readonly answered: Comparisons | null;
  readonly lost: Comparisons | null;
}
