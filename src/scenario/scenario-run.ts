// One scenario under way: the lab and what the scenario itself keeps beside it. Steps act on it,
// expectations read it, the runner drives it.

import type { Lab } from '../lab/lab.ts';
import type { ArpingVerdict } from '../stack/arp/arping.ts';
import type { FrameExpectation } from '../topology/expectations/frame.ts';
import type { Flow } from './flows/flow.ts';
import type { FlowSources } from './flows/flow-sources.ts';
import type { FrameWatch } from './frame-watch.ts';

/** What an `arping` step has found so far; the verdict is null while it runs. */
export interface ArpingRun {
  verdict: ArpingVerdict | null;
}

/** What a `ping` step has counted so far. */
export interface PingRun {
  sent: number;
  answered: number;
  lost: number;
}

export interface ScenarioRun {
  readonly lab: Lab;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly sources: FlowSources;
  readonly arpings: Map<string, ArpingRun>;
  readonly pings: Map<string, PingRun>;
  /** One counter per `frame` expectation, from time zero on. */
  readonly frameWatches: ReadonlyMap<FrameExpectation, FrameWatch>;
}
