// What the containers of the cluster's pods have logged, line by line.

import type { Lab } from '../lab/lab.ts';
import type { Nanos } from '../sim/time.ts';

/** One line of a pod's log. */
export interface PodLogRow {
  /** 'openshift-sdn/sdn-qx8fz': namespace and name. */
  readonly pod: string;
  /** Counts the lines since the container started. */
  readonly sequence: number;
  readonly at: Nanos;
  readonly text: string;
}

/** Older lines of a pod are not shown: whoever looks again and again compares them all. */
const LINES_PER_POD = 1_000;

/** The last lines of every pod, oldest first; none in a lab without a cluster. */
export function logRows({ cluster }: Lab): PodLogRow[] {
  if (cluster === null) return [];
  return [...cluster.controlPlane.logs.entries()].flatMap(([pod, log]) => {
    const lines = log.lines();
    const first = Math.max(0, lines.length - LINES_PER_POD);
    return lines
      .slice(first)
      .map(({ at, text }, index) => ({ pod, sequence: log.forgotten + first + index, at, text }));
  });
}
