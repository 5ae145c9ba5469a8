// One line per flow: what was sent, what came back, how long it did not, and which address the server saw.

import type { FlowReport } from '../../scenario/report.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { formatCount, formatSpan, printable } from './text.ts';

/** Empty without flows. */
export function renderFlows(flows: readonly FlowReport[], width: number, style: Style): string[] {
  if (flows.length === 0) return [];
  const [header = '', ...rows] = renderTable(
    [
      { title: 'FLOW' },
      { title: 'PROTOCOL' },
      { title: 'SENT', align: 'right' },
      { title: 'ANSWERED', align: 'right' },
      { title: 'LOST', align: 'right' },
      { title: 'LONGEST OUTAGE' },
      { title: 'SEEN AS' },
    ],
    flows.map((flow) => [
      flow.name,
      flow.protocol,
      formatCount(flow.sent),
      formatCount(flow.answered),
      formatCount(flow.lost),
      formatSpan(flow.longestOutage),
      seenAs(flow),
    ]),
    width,
  );
  const troubles = flows
    .filter((flow) => flow.why !== null)
    .map((flow) => style.yellow(printable(`${flow.name}: ${flow.state}, ${flow.why ?? ''}`)));
  return [style.bold(header), ...rows, ...troubles];
}

/** Counts appear only where there is something to tell apart. */
function seenAs(flow: FlowReport): string | string[] {
  const [only, ...others] = flow.seenAs;
  if (only === undefined) return '-';
  if (others.length === 0) return only.address;
  return flow.seenAs.map((source) => `${source.address} (${formatCount(source.count)})`);
}
