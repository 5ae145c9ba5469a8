// What captures tell, for people: the files, each address that moved or is contested over time, in lanes and sentences
// with frame numbers, then flows that were out, and what cannot be seen.

import { eventfulAddresses } from '../../explain/analysis.ts';
import type { ExplainedFile, Explanation, FlowRow } from '../../explain/model.ts';
import {
  addressFilter,
  addressSentences,
  frameFilter,
  inDomain,
  named,
  otherSentences,
  type Statement,
} from '../../explain/sentences.ts';
import { formatSeconds } from '../../sim/time.ts';
import { renderLanes, type TextLane, type TextLaneSpan } from './lanes.ts';
import type { Style } from './style.ts';
import { formatSpan, plural, printable } from './text.ts';

const WIDTH_LIMIT = 100;
const ADDRESS_LIMIT = 12;
const SENTENCE_LIMIT = 40;
const FLOW_LIMIT = 20;
const NOTICE_LIMIT = 8;

/** Narrowed to one address, if it is not null. */
export function renderExplanation(
  found: Explanation,
  address: string | null,
  width: number,
  style: Style,
): string[] {
  const columns = Math.min(width, WIDTH_LIMIT);
  const addresses = address === null ? eventfulAddresses(found) : [address];
  const all = addressSentences(found);
  const lines = filesOf(found, style);
  for (const each of addresses.slice(0, ADDRESS_LIMIT)) {
    lines.push('', style.bold(`${named(found, each)} over time`));
    lines.push(...renderLanes(lanesOf(found, each), found.duration, columns).map(printable));
    const sentences = all.filter((sentence) => sentence.address === each);
    lines.push(...sentences.slice(0, SENTENCE_LIMIT).map(lineOf));
    const more = sentences.length - SENTENCE_LIMIT;
    if (more > 0) lines.push(`     ...  ${more} more: --json has them`);
    lines.push(style.dim(`  Wireshark: ${addressFilter(each)}`));
  }
  if (addresses.length > ADDRESS_LIMIT) {
    lines.push('', `${addresses.length - ADDRESS_LIMIT} more addresses: --address shows one`);
  }
  if (addresses.length === 0) {
    lines.push('', 'No address moved, and no two machines had one at once.');
  }
  lines.push(
    ...flowsOf(found, address, style),
    ...oddities(found, address),
    ...unseen(found, style),
  );
  return lines;
}

function filesOf({ duration, files, frames, start }: Explanation, style: Style): string[] {
  const when = new Date(start * 1000).toISOString().slice(0, 19);
  const lines = [
    `${style.bold(plural(frames, 'frame'))} in ${formatSpan(duration)}, times count from ${when}Z`,
  ];
  for (const { clock, frames: own, interfaces, notices, path } of files) {
    const points = interfaces.map(({ name }, index) => name ?? `interface ${index}`).slice(0, 6);
    const more = interfaces.length > points.length ? ', ...' : '';
    lines.push(printable(`${path}: ${plural(own, 'frame')} at ${points.join(', ')}${more}`));
    if (clock !== null) lines.push(`  ${clockText(clock)}`);
    const lost = interfaces.reduce((sum, { dropped }) => sum + (dropped ?? 0), 0);
    if (lost > 0) lines.push(`  ${plural(lost, 'frame')} were dropped while it was recorded`);
    for (const { frame, text } of notices.slice(0, NOTICE_LIMIT)) {
      lines.push(printable(`  after frame ${frame}: ${text}`));
    }
  }
  return lines;
}

function lanesOf(found: Explanation, address: string): TextLane[] {
  const claims = found.claims.filter((claim) => claim.address === address);
  const macs = [...new Set(claims.map(({ domain, mac }) => `${mac}${inDomain(domain)}`))].slice(
    0,
    26,
  );
  const letterOf = (mac: string): string => {
    const index = macs.findIndex((each) => each.startsWith(mac));
    return index < 0 ? '?' : String.fromCharCode(97 + index);
  };
  const lanes = macs.map((mac, index): TextLane => {
    const letter = String.fromCharCode(97 + index);
    const held = claims
      .filter((claim) => `${claim.mac}${inDomain(claim.domain)}` === mac)
      .map(({ from, kind, to }): TextLaneSpan => {
        return { from: from ?? 0, to, mark: kind === 'owner' ? letter : '.' };
      });
    const announced = found.announcements
      .filter((each) => each.address === address && mac.startsWith(each.mac))
      .map(({ at }): TextLaneSpan => ({ from: at, to: at, mark: letter.toUpperCase() }));
    return { label: `${letter} = ${mac}`, spans: [...held, ...announced] };
  });
  const beliefs = found.beliefs
    .filter((belief) => belief.address === address)
    .slice(0, 8)
    .map(({ observer, spans }): TextLane => {
      const who = observer.addresses[0] ?? observer.mac;
      return {
        label: `${who} sends to`,
        spans: spans.map(({ from, mac, to }) => ({ from, to, mark: letterOf(mac) })),
      };
    });
  const conflicts = found.conflicts.filter((each) => each.address === address);
  const conflict: TextLane[] =
    conflicts.length === 0
      ? []
      : [{ label: 'conflict', spans: conflicts.map(({ from, to }) => ({ from, to, mark: '#' })) }];
  return [...lanes.slice(0, 8), ...beliefs, ...conflict];
}

function flowsOf(found: Explanation, address: string | null, style: Style): string[] {
  const out = found.flows.filter(
    ({ client, outages, server }) =>
      outages.length > 0 && (address === null || client === address || server === address),
  );
  if (found.flows.length === 0) return [];
  if (out.length === 0) return ['', `${plural(found.flows.length, 'flow')}, none of them out`];
  const lines: string[] = [];
  for (const flow of out.slice(0, FLOW_LIMIT)) {
    lines.push('', style.bold(printable(titleOf(found, flow))));
    for (const { from, frame, lost, text, to } of flow.outages.slice(0, SENTENCE_LIMIT)) {
      const length = to === null ? 'to the end' : formatSpan(to - from);
      const sentence = `${length}, ${plural(lost, 'request')} lost: ${text} (frame ${frame})`;
      lines.push(`${formatSeconds(from).padStart(8)}  ${printable(sentence)}`);
    }
  }
  if (out.length > FLOW_LIMIT)
    lines.push('', `${out.length - FLOW_LIMIT} more flows: --json has them`);
  return lines;
}

function titleOf(
  found: Explanation,
  { answered, client, port, protocol, sent, server }: FlowRow,
): string {
  const service = port === null ? protocol : `${protocol} ${port}`;
  return `${named(found, client)} to ${named(found, server)}, ${service}: ${answered} of ${sent} answered`;
}

function oddities(found: Explanation, address: string | null): string[] {
  const all = otherSentences(found).filter((each) => address === null || each.address === address);
  const lines = all.slice(0, SENTENCE_LIMIT).map(lineOf);
  return lines.length === 0 ? [] : ['', ...lines];
}

function lineOf({ at, frames, kind, text }: Statement): string {
  const filter = kind === 'conflict' ? frameFilter(frames) : `frame ${frames[0]}`;
  const where = frames.length === 0 ? '' : ` (${filter})`;
  return printable(`${formatSeconds(at).padStart(8)}  ${text}${where}`);
}

function unseen(found: Explanation, style: Style): string[] {
  if (found.unseen.length === 0) return [];
  return ['', style.bold('Cannot be seen from here'), ...found.unseen.map((text) => `  ${text}`)];
}

function clockText(clock: NonNullable<ExplainedFile['clock']>): string {
  const { drift, offset, oneWay, shared, spread, step, told, translated } = clock;
  const ahead = `${formatMillis(Math.abs(offset))} ${offset < 0 ? 'behind' : 'ahead'}`;
  if (told) return `its clock is ${ahead}, as --offset says, and is put right`;
  const fast =
    drift === 0 ? '' : `, ${Math.abs(drift).toFixed(1)} ppm ${drift < 0 ? 'slow' : 'fast'}`;
  const how = translated ? ' on the other side of address translation' : '';
  const set =
    step === null ? '' : `; it was set by ${formatMillis(step.by)} at ${formatSeconds(step.at)}`;
  const way = oneWay ? '; from one direction only, so that the delay of the way is in it' : '';
  const from = `from ${plural(shared, 'frame')} that both files have${how}`;
  return `its clock is ${ahead}${fast}${set}, ${from}, within ${formatMillis(spread)}${way}: it is put right`;
}

function formatMillis(nanos: number): string {
  return `${(nanos / 1e6).toFixed(3)} ms`;
}
