// What a page that watches a running lab is sent, a message a line: how the lab stands, then everything that
// changes. A page that reads too slowly misses batches and gets the rows anew.

import type { Nanos } from '../../sim/time.ts';
import type { ViewBatch, ViewSnapshot } from '../../view/changes.ts';
import type { TopologyGraph } from '../../view/graph.ts';
import type { RunReport } from '../report.ts';

/** One message. */
export type LiveMessage =
  /** The first one. */
  | {
      readonly kind: 'begin';
      /** 'egresslab 0.1.0'. */
      readonly application: string;
      /** As commands call the lab. */
      readonly lab: string;
      readonly graph: TopologyGraph;
    }
  /** All rows of all tables; what was known before is void. Frames are not among them. */
  | { readonly kind: 'rows'; readonly snapshot: ViewSnapshot }
  /** What changed, and the octets of the frames that it adds, one after the other, in base64. */
  | { readonly kind: 'batch'; readonly batch: ViewBatch; readonly octets: string }
  /** The report so far. */
  | { readonly kind: 'report'; readonly report: RunReport }
  /** The lab is there. `missed` counts frames that no page was shown; `lag` is how far the lab is behind. */
  | { readonly kind: 'pace'; readonly at: Nanos; readonly missed: number; readonly lag: Nanos }
  /** The last one, in an orderly end. */
  | { readonly kind: 'end' };
