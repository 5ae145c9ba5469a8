// A line that a component has, or has not, logged until now.

import type { Comparisons, ExpectationBase, Window } from './expectation.ts';

export interface LogExpectation extends ExpectationBase {
  readonly kind: 'log';
  /** A part of the line, case and all. */
  readonly contains: string;
  /** A node (its sdn pod), 'controller', a pod name, or null for anybody. */
  readonly from: string | null;
  readonly window: Window | null;
  /** By default at least one. */
  readonly count: Comparisons;
}
