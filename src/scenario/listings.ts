// The state of the lab as Linux's own tools would print it, and what was dropped where.

import { fdbLines, neighborLines } from '../lab/inspect.ts';
import type { Lab } from '../lab/lab.ts';
import type { DropCount, Listing, RunReport } from './report.ts';

type EndState = Pick<RunReport, 'neighbors' | 'fdb' | 'conntrack' | 'drops'>;

/** Everything a report says about how the lab stands now. */
export function describeEnd(lab: Lab): EndState {
  const machines = [...lab.machines.values()];
  return {
    neighbors: nonEmpty(machines.map(({ name, stack }) => listing(name, neighborLines(stack)))),
    fdb: [...lab.segments].map(([name, segment]) => listing(name, fdbLines(segment, lab.now))),
    conntrack: nonEmpty(machines.map((machine) => listing(machine.name, machine.netfilter.dump()))),
    drops: dropCounts(lab),
  };
}

function listing(device: string, lines: readonly string[]): Listing {
  return { device, lines };
}

function nonEmpty(listings: readonly Listing[]): Listing[] {
  return listings.filter(({ lines }) => lines.length > 0);
}

function dropCounts(lab: Lab): DropCount[] {
  const counts = lab
    .drops()
    .flatMap((drops) =>
      drops.entries().map(([reason, count]) => ({ device: drops.device, reason, count })),
    );
  return counts.sort((a, b) => compareText(a.device, b.device) || compareText(a.reason, b.reason));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
