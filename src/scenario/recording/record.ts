// What a finished run leaves behind for those who look at it later, frame by frame: the report, the picture,
// every frame with its octets, and what changed in the tables. Plain data and one block of octets, so that a
// file, a worker's message and a page can carry it.

import type { Nanos } from '../../sim/time.ts';
import type { TopologyGraph } from '../../view/graph.ts';
import type { LadderRow } from '../../view/ladder.ts';
import type { TableName, ViewRows } from '../../view/tables.ts';
import type { RunReport } from '../report.ts';

/** Raised when a reader of records would misread a new one. */
export const RECORD_FORMAT = 1;

/** A row that came, changed or went (then it is as it was last). */
export type RecordedChange = {
  [Name in TableName]: {
    readonly table: Name;
    readonly key: string;
    readonly row: ViewRows[Name];
    readonly change: 'added' | 'changed' | 'removed';
    /** Lab time of the look that found it. */
    readonly at: Nanos;
  };
}[TableName];

/** One run, whole. */
export interface RunRecord {
  readonly format: typeof RECORD_FORMAT;
  /** The egresslab that made it: 'egresslab 0.1.0'. */
  readonly application: string;
  /** The topology's text; empty when it was built in code. */
  readonly source: string;
  /** The topology as YAML calls it has this graph. */
  readonly graph: TopologyGraph;
  readonly report: RunReport;
  /** In the order of their sequence numbers, which have no gap. */
  readonly frames: readonly LadderRow[];
  /** How many frames there were; those before the first of `frames` were not kept. */
  readonly framesTotal: number;
  /** By time; those at zero are how the lab began. */
  readonly changes: readonly RecordedChange[];
  /** Lab time from which on changes of tables were not kept any more; null when all were. */
  readonly changesUntil: Nanos | null;
  /** The octets of `frames`, one after the other. */
  readonly octets: Uint8Array<ArrayBuffer>;
}
