// Where a switch believes a MAC to be: `fdb: lan, mac: worker02, behind: worker02`.

import type { ExpectationBase, MacReference } from './expectation.ts';

export interface FdbExpectation extends ExpectationBase {
  readonly kind: 'fdb';
  readonly segment: string;
  readonly mac: MacReference;
  /** The machine, or the other segment of a link, at the other end of that port's cable; null: no entry. */
  readonly behind: string | null;
}
