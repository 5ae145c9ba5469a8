// A whole scenario from time zero to its end, as `egresslab run` does it.

import type { ByteSink } from '../capture/sink.ts';
import type { RunReport, TimelineEntry } from '../scenario/report.ts';
import { runScenario as runSession } from '../scenario/run.ts';
import { optionsArgument, seedOption } from './arguments.ts';
import { type Topology, type TopologySource, topologyOf } from './topology.ts';

/** What you may decide about a run. */
export interface RunOptions {
  /** Takes the place of the topology's seed: an integer from 0 to 2^32 - 1. */
  readonly seed?: number;
  /**
   * Opens the capture file of the run; `fileName` is bare ('automatic.pcapng'), in the format that the topology
   * names. Without it nothing is captured. The sink is closed in every case.
   */
  readonly openCapture?: (fileName: string) => ByteSink;
  /** Called for each line of the timeline as it happens. */
  readonly onTimeline?: (entry: TimelineEntry) => void;
  /** Aborting ends the run soon; the outcome is 'interrupted'. An AbortSignal is one. */
  readonly signal?: { readonly aborted: boolean };
}

/**
 * Plays a topology's scenario in virtual time and reports: timeline, tables, flows, expectations, and who held
 * which address and why. Labs that stop themselves (a storm, say) report so and do not throw.
 * @throws {@link TopologyError} with all that is wrong with a topology that is not one
 * @throws {@link EgressLabError} EGL_SEED; EGL_ATTACH_NEEDS_REALTIME for a topology that is joined to a kernel
 *
 * @example
 * ```ts
 * import { runScenario } from 'egresslab';
 *
 * const report = await runScenario(`
 * name: pair
 * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
 * hosts:
 *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
 *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
 * scenario:
 *   duration: 5s
 *   steps:
 *     - { at: 1s, ping: b, from: a, count: 3, name: check }
 *     - { at: 5s, expect: { ping: check, answered: 3 } }
 * `);
 * console.log(report.outcome); // passed
 * ```
 */
export async function runScenario(
  topology: Topology | TopologySource,
  options: RunOptions = {},
): Promise<RunReport> {
  const { seed, openCapture, onTimeline, signal } = optionsArgument(options, RUN_OPTIONS);
  return runSession(topologyOf(topology).model, {
    ...seedOption(seed),
    ...(onTimeline === undefined ? {} : { onTimeline }),
    ...(signal === undefined ? {} : { signal }),
    ...(openCapture === undefined
      ? {}
      : { openCapture: ({ fileName }) => ({ path: fileName, sink: openCapture(fileName) }) }),
  });
}

const RUN_OPTIONS: readonly string[] = ['seed', 'openCapture', 'onTimeline', 'signal'];
