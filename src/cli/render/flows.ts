// One line per flow: what was sent, what came back, how long it did not, and which address the server saw;
// below them who answered.

import type { FlowReport } from '../../scenario/report.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { formatCount, formatSpan, listed, printable } from './text.ts';

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
  return [style.bold(header), ...rows, ...answerLines(flows).map(printable), ...troubles];
}

/** Nobody reads more of them. */
const ANSWER_LINES = 10;

/** 'alice-web and bob-web: answered by web (02:00:cb:00:71:50)', one line for all with one answerer. */
function answerLines(flows: readonly FlowReport[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { answeredBy, name } of flows) {
    if (answeredBy.length === 0) continue;
    const isOne = answeredBy.length === 1;
    const who = answeredBy.map(({ count, mac, machine }) => {
      const facts = [mac ?? 'itself', ...(isOne ? [] : [formatCount(count)])];
      return `${machine} (${facts.join(', ')})`;
    });
    const key = listed(who);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const lines = [...groups].map(([who, names]) => `${listed(names)}: answered by ${who}`);
  const more = lines.length - ANSWER_LINES;
  return more > 0 ? [...lines.slice(0, ANSWER_LINES), `${more} more: --json has them`] : lines;
}

/** Counts appear only where there is something to tell apart. */
function seenAs(flow: FlowReport): string | string[] {
  const [only, ...others] = flow.seenAs;
  if (only === undefined) return '-';
  if (others.length === 0) return only.address;
  return flow.seenAs.map((source) => `${source.address} (${formatCount(source.count)})`);
}
