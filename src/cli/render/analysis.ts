// The conflict analysis: for each contested address who held it, who believed whom, when flows were not
// answered, drawn over time, and then in sentences. A letter stands for a machine, in capitals where it
// announces itself.

import type { AddressAnalysis, Analysis, FlowAnalysis } from '../../scenario/analysis/model.ts';
import { reasonOf } from '../../scenario/analysis/refusals.ts';
import type { RunReport } from '../../scenario/report.ts';
import { formatSeconds } from '../../sim/time.ts';
import { renderLanes, type TextLane, type TextLaneSpan } from './lanes.ts';
import type { Style } from './style.ts';
import { formatSpan, listed, plural, printable } from './text.ts';

/** No eye follows a lane wider than this. */
const WIDTH_LIMIT = 100;
const LEGEND =
  '  capitals: announces itself; #: several have it; x: not answered; ?: a MAC that no machine has';
const ADDRESS_LIMIT = 4;
const LANE_LIMIT = 8;
const SENTENCE_LIMIT = 12;

/** Empty where there is nothing to tell. */
export function renderAnalysis(
  { analysis, flows: reports, labDuration }: RunReport,
  width: number,
  style: Style,
): string[] {
  if (analysis === null) return [];
  const columns = Math.min(width, WIDTH_LIMIT);
  const eventful = analysis.addresses.filter(isEventful);
  const shown = eventful.slice(0, ADDRESS_LIMIT);
  const lines: string[] = [];
  for (const address of shown) {
    const flows = shown.length === 1 ? analysis.flows.map(({ flow }) => flow) : flowsOf(address);
    const lanes = [
      ...addressLanes(address),
      ...reports.filter(({ name }) => flows.includes(name)).map(flowLane),
    ];
    lines.push(
      style.bold(`${address.address} over time`),
      ...renderLanes(lanes, labDuration, columns).map(printable),
      ...(lines.length === 0 ? [style.dim(LEGEND)] : []),
      ...addressSentences(address).flatMap((text) => wrap(text, columns)),
      '',
    );
  }
  const told = analysis.flows;
  for (const flows of alike(told.slice(0, LANE_LIMIT))) {
    lines.push(...flowStory(flows, columns, style), '');
  }
  const rest = restOf(analysis, eventful.length - shown.length, told.length - LANE_LIMIT);
  if (rest !== null) lines.push(rest, '');
  lines.pop();
  return lines;
}

function isEventful({ announcements, beliefs, holdings }: AddressAnalysis): boolean {
  return holdings.length + announcements.length + beliefs.length > 0;
}

function flowsOf({ blackHoles }: AddressAnalysis): string[] {
  return [...new Set(blackHoles.flatMap(({ flows }) => flows))];
}

function restOf({ omitted }: Analysis, addresses: number, flows: number): string | null {
  const parts: string[] = [];
  if (addresses + omitted > 0) parts.push(`${addresses + omitted} more addresses`);
  if (flows > 0) parts.push(`${plural(flows, 'more flow')}`);
  return parts.length === 0 ? null : `${parts.join(' and ')}: --json has them`;
}

/** Machines by letters: a for the first that held the address. */
function lettersOf({ announcements, beliefs, holdings }: AddressAnalysis): Map<string, string> {
  const names = [
    ...holdings.map(({ machine }) => machine),
    ...announcements.flatMap(({ machine }) => machine ?? []),
    ...beliefs.flatMap(({ spans }) => spans.flatMap(({ machine }) => machine ?? [])),
  ];
  const unique = [...new Set(names)].slice(0, 26);
  return new Map(unique.map((name, at) => [name, String.fromCharCode(97 + at)]));
}

function addressLanes(address: AddressAnalysis): TextLane[] {
  const letters = lettersOf(address);
  const lanes: TextLane[] = [];
  for (const [machine, letter] of letters) {
    const held = address.holdings
      .filter((holding) => holding.machine === machine)
      .map(({ from, to }): TextLaneSpan => ({ from, to, mark: letter }));
    const announced = address.announcements
      .filter((announcement) => announcement.machine === machine)
      .map(({ at }): TextLaneSpan => ({ from: at, to: at, mark: letter.toUpperCase() }));
    lanes.push({ label: `${letter} = ${machine}`, spans: [...held, ...announced] });
  }
  const observers = address.beliefs.slice(0, LANE_LIMIT).map(({ observer, spans }): TextLane => {
    const believed = spans.map(({ from, machine, to }): TextLaneSpan => {
      return { from, to, mark: letters.get(machine ?? '') ?? '?' };
    });
    return { label: `${observer} believes`, spans: believed };
  });
  const conflicts = address.duplicates
    .filter(({ kind }) => kind === 'conflict')
    .map(({ from, to }): TextLaneSpan => ({ from, to, mark: '#' }));
  const conflict = conflicts.length === 0 ? [] : [{ label: 'conflict', spans: conflicts }];
  return [...lanes.slice(0, LANE_LIMIT), ...observers, ...conflict];
}

function flowLane({ name, outages }: RunReport['flows'][number]): TextLane {
  const lost = outages.map(({ from, to }): TextLaneSpan => ({ from, to, mark: 'x' }));
  return { label: name, spans: [{ from: 0, to: null, mark: '-' }, ...lost] };
}

function addressSentences(address: AddressAnalysis): string[] {
  const { announcements, duplicates, holdings, moves } = address;
  const sentences: string[] = [];
  for (const [index, move] of moves.entries()) {
    const { from, lost, taken, to } = move;
    const before = lost === null || lost > taken ? null : formatSpan(taken - lost);
    const when = before === null ? `while ${from} had it too` : `${before} after ${from} was gone`;
    const moment = before === '-' ? `the moment ${from} was gone` : when;
    const verdict = verdictOn(address, move, moves[index + 1]?.taken ?? Number.POSITIVE_INFINITY);
    sentences.push(`${formatSeconds(taken)}  ${to} took it, ${moment}: ${verdict}`);
  }
  for (const { answers, flips, from, kind, machines, macs, to } of duplicates) {
    if (kind !== 'conflict') continue;
    const until = to === null ? 'the end' : formatSeconds(to);
    const who = machines.map(
      (name, at) => `${name} (${macs[at]}, ${plural(answers[at] ?? 0, 'answer')})`,
    );
    const times = flips === 1 ? 'once' : `${flips} times`;
    sentences.push(
      `${formatSeconds(from)}  until ${until} ${listed(who)} both had it; entries changed over ${times}`,
    );
  }
  for (const { machine, overstayed } of holdings) {
    if (overstayed === null) continue;
    const { answers, from } = overstayed;
    sentences.push(
      `${formatSeconds(from)}  ${machine} kept it after another node had claimed it, and gave ${plural(answers, 'answer')} since`,
    );
  }
  for (const { at, ignoredBy, machine } of announcements) {
    for (const refusal of ignoredBy) {
      const what = `heard the announcement of ${machine ?? '?'} ${reasonOf(refusal)}`;
      sentences.push(`${formatSeconds(at)}  ${refusal.machine} ${what}`);
    }
  }
  const sorted = sentences.sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b));
  const more = sorted.length - SENTENCE_LIMIT;
  const kept = sorted.slice(0, SENTENCE_LIMIT);
  return more > 0 ? [...kept, `...  ${more} more`] : kept;
}

/** What the frames say about a change of holder, up to the next one. */
function verdictOn(
  { announcements, beliefs }: AddressAnalysis,
  { clean, from, taken, to }: AddressAnalysis['moves'][number],
  until: number,
): string {
  if (!clean) return 'a conflict';
  const since = announcements.filter(({ at }) => at >= taken && at < until);
  const foreign = since.find(({ machine }) => machine !== to);
  if (foreign !== undefined) {
    return `no conflict, but it was announced as ${foreign.mac ?? '?'}, which is not its MAC address`;
  }
  if (since.length === 0) return 'no conflict, and no announcement';
  const late = beliefs.flatMap(({ observer, spans }) =>
    spans
      .filter((span) => span.machine === from && span.from < taken)
      .filter((span) => (span.to ?? until) - taken > PROMPT)
      .map(() => observer),
  );
  return late.length === 0
    ? 'a clean failover'
    : `announced, and ${listed([...new Set(late)])} went on to send to ${from}`;
}

/** An announcement is believed within this time, or it was not. */
const PROMPT = 1e9;

/** Flows with the same outage, listed once. */
function alike(flows: readonly FlowAnalysis[]): FlowAnalysis[][] {
  const groups = new Map<string, FlowAnalysis[]>();
  for (const flow of flows) {
    const { flow: _name, ...story } = flow;
    const key = JSON.stringify(story);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [flow]);
    else group.push(flow);
  }
  return [...groups.values()];
}

function flowStory(flows: readonly FlowAnalysis[], width: number, style: Style): string[] {
  const [first] = flows;
  if (first === undefined) return [];
  const { ended, from, longestOutage, stages, to } = first;
  const names = listed(flows.map(({ flow }) => flow));
  const until = to === null ? 'on' : `to ${formatSeconds(to)}`;
  const title = `${names} ${flows.length === 1 ? 'was' : 'were'} not answered for ${formatSpan(longestOutage)}, from ${formatSeconds(from)} ${until}`;
  const told = stages.map((stage) => {
    return `${formatSeconds(stage.from)}  ${stage.text} (${formatSpan(stage.to - stage.from)})`;
  });
  const last = `${to === null ? '' : formatSeconds(to)}  ${ended}`;
  return [style.bold(printable(title)), ...[...told, last].flatMap((text) => wrap(text, width))];
}

/** '12.000  text' as a time in its column and text broken at blanks beside it. */
function wrap(sentence: string, width: number): string[] {
  const split = sentence.indexOf('  ');
  const time = sentence.slice(0, split).padStart(TIME_WIDTH);
  const room = width - TIME_WIDTH - 2;
  const lines: string[] = [];
  let line = '';
  for (const word of printable(sentence.slice(split + 2)).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((text, at) => `${at === 0 ? time : ' '.repeat(TIME_WIDTH)}  ${text}`);
}

const TIME_WIDTH = 8;
