// A scenario under way: the lab and what the scenario itself keeps beside it. Steps act on it,
// expectations read it, the session owns it.

import type { Lab } from '../lab/lab.ts';
import type { ArpingStatistics } from '../stack/arp/arping.ts';
import type { FrameExpectation } from '../topology/expectations/frame.ts';
import type { Flow } from './flows/flow.ts';
import type { FlowSources } from './flows/flow-sources.ts';
import type { FrameWatch } from './frame-watch.ts';

/** What an `arping` step has found so far; the statistics are null while it runs. */
export interface ArpingProgress {
  statistics: ArpingStatistics | null;
}

/** What a `ping` step has counted so far. */
export interface PingProgress {
  sent: number;
  answered: number;
  lost: number;
}

/** What steps and expectations of one scenario find. */
export interface ScenarioState {
  readonly lab: Lab;
  /** By name, in the order of the file. */
  readonly flows: ReadonlyMap<string, Flow>;
  /** From which addresses requests were seen. */
  readonly sources: FlowSources;
  /** By the name of the step, once it has begun. */
  readonly arpings: Map<string, ArpingProgress>;
  /** By the name of the step, once it has begun. */
  readonly pings: Map<string, PingProgress>;
  /** One counter per `frame` expectation, from time zero on. */
  readonly frameWatches: ReadonlyMap<FrameExpectation, FrameWatch>;
}
