// A table of a fabric's objects, as `oc get` prints them.

import type { Kind } from '../kube/kinds/kind.ts';

/** One table that a run's report carries. */
export interface FabricTable {
  readonly kind: Kind;
  /** `egresslab run` prints it before and after; the others are in the JSON report only. */
  readonly printed: boolean;
}
