// How a flow fared: `flow: web-to-db, source: 192.168.50.120, longestOutage: "<25s"`.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Comparisons, ExpectationBase, Window } from './expectation.ts';

/** What is null is not checked. Only requests sent within `window` count. */
export interface FlowExpectation extends ExpectationBase {
  readonly kind: 'flow';
  readonly flow: string;
  readonly window: Window | null;
  readonly sent: Comparisons | null;
  readonly answered: Comparisons | null;
  readonly lost: Comparisons | null;
  /** lost / sent, 0..1. */
  readonly loss: Comparisons | null;
  readonly longestOutage: Comparisons | null;
  /** The source of the latest request that the server saw. */
  readonly source: Ipv4Address | null;
  /** Exactly the sources that the server saw, in any order. */
  readonly sources: readonly Ipv4Address[] | null;
  /** Whether the latest request that was answered or given up was answered. */
  readonly answering: boolean | null;
}
