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
  const told = [...answerLines(flows), ...transferLines(flows), ...connectionLines(flows)];
  return [style.bold(header), ...rows, ...told.map(printable), ...troubles];
}

/** 'backup: 93.4 Mbit/s' */
function transferLines(flows: readonly FlowReport[]): string[] {
  return flows.flatMap(({ name, throughput }) => {
    if (throughput === null) return [];
    return `${name}: ${((throughput * BITS) / 1e6).toFixed(1)} Mbit/s`;
  });
}

const BITS = 8;

/** 'sql: its connection of 1.004 s ended at 17.9 s (ETIMEDOUT)', for those that did not end in peace. */
function connectionLines(flows: readonly FlowReport[]): string[] {
  const lines = flows.flatMap(({ name, connections }) =>
    connections.flatMap(({ openedAt, endedAt, why }) => {
      if (endedAt === null || why === null || why === 'closed by the client') return [];
      return `${name}: its connection of ${seconds(openedAt)} ended at ${seconds(endedAt)} (${why})`;
    }),
  );
  const more = lines.length - ANSWER_LINES;
  return more > 0 ? [...lines.slice(0, ANSWER_LINES), `${more} more: --json has them`] : lines;
}

function seconds(at: number): string {
  return `${(at / 1e9).toFixed(3)} s`;
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
