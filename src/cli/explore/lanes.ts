// Who held each address of a finding, and when its flows were not answered, as lanes of text.

import type { RunReport } from '../../scenario/report.ts';
import { renderLanes, type TextLane } from '../render/lanes.ts';

const WIDTH = 100;

/** No lines when there is no report. */
export function lanesOf(report: RunReport | null): readonly string[] {
  if (report === null) return [];
  const addresses = report.analysis?.addresses ?? [];
  const holders = addresses.flatMap(({ address, holdings }): TextLane[] => {
    const machines = [...new Set(holdings.map(({ machine }) => machine))];
    return machines.map((machine) => ({
      label: `${address} ${machine}`,
      spans: holdings
        .filter((each) => each.machine === machine)
        .map(({ from, to }) => ({ from, to, mark: '#' })),
    }));
  });
  const flows = report.flows.map(
    ({ name, outages }): TextLane => ({
      label: `${name} out`,
      spans: outages.map(({ from, to }) => ({ from, to, mark: 'x' })),
    }),
  );
  return renderLanes([...holders, ...flows], report.labDuration, WIDTH);
}
