// What captures tell, for people: the files, each address that moved or is contested over time, in lanes and sentences
// with frame numbers, then flows that were out, and what cannot be seen.

import { eventfulAddresses } from '../../explain/analysis.ts';
import type { Explanation, FlowRow } from '../../explain/model.ts';
import { formatSeconds } from '../../sim/time.ts';
import { renderLanes, type TextLane, type TextLaneSpan } from './lanes.ts';
import type { Style } from './style.ts';
import { formatSpan, plural, printable } from './text.ts';

const WIDTH_LIMIT = 100;
const ADDRESS_LIMIT = 12;
const SENTENCE_LIMIT = 40;
const FLOW_LIMIT = 20;
const NOTICE_LIMIT = 8;
const DISPLAY_FILTERS = 4;

/** Narrowed to one address, if it is not null. */
export function renderExplanation(
  found: Explanation,
  address: string | null,
  width: number,
  style: Style,
): string[] {
  const columns = Math.min(width, WIDTH_LIMIT);
  const addresses = address === null ? eventfulAddresses(found) : [address];
  const lines = filesOf(found, style);
  for (const each of addresses.slice(0, ADDRESS_LIMIT)) {
    lines.push('', style.bold(`${nameOf(found, each)} over time`));
    lines.push(...renderLanes(lanesOf(found, each), found.duration, columns).map(printable));
    const sentences = sentencesOn(found, each).sort((a, b) => a.at - b.at);
    for (const { at, text } of sentences.slice(0, SENTENCE_LIMIT)) {
      lines.push(`${formatSeconds(at).padStart(8)}  ${printable(text)}`);
    }
    const more = sentences.length - SENTENCE_LIMIT;
    if (more > 0) lines.push(`     ...  ${more} more: --json has them`);
  }
  if (addresses.length > ADDRESS_LIMIT) {
    lines.push('', `${addresses.length - ADDRESS_LIMIT} more addresses: --address shows one`);
  }
  if (addresses.length === 0) {
    lines.push('', 'No address moved, and no two machines had one at once.');
  }
  lines.push(...flowsOf(found, address, style), ...oddities(found), ...unseen(found, style));
  return lines;
}

function filesOf({ duration, files, frames, start }: Explanation, style: Style): string[] {
  const when = new Date(start * 1000).toISOString().slice(0, 19);
  const lines = [
    `${style.bold(plural(frames, 'frame'))} in ${formatSpan(duration)}, times count from ${when}Z`,
  ];
  for (const { frames: own, interfaces, notices, path } of files) {
    const points = interfaces.map(({ name }, index) => name ?? `interface ${index}`).slice(0, 6);
    const more = interfaces.length > points.length ? ', ...' : '';
    lines.push(printable(`${path}: ${plural(own, 'frame')} at ${points.join(', ')}${more}`));
    const lost = interfaces.reduce((sum, { dropped }) => sum + (dropped ?? 0), 0);
    if (lost > 0) lines.push(`  ${plural(lost, 'frame')} were dropped while it was recorded`);
    for (const { frame, text } of notices.slice(0, NOTICE_LIMIT)) {
      lines.push(printable(`  after frame ${frame}: ${text}`));
    }
  }
  return lines;
}

function nameOf({ names }: Explanation, address: string): string {
  const name = names[address];
  return name === undefined ? address : `${name} (${address})`;
}

interface Sentence {
  readonly at: number;
  readonly text: string;
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

function sentencesOn(found: Explanation, address: string): Sentence[] {
  const sentences: Sentence[] = [];
  const isIt = (each: { readonly address: string }): boolean => each.address === address;
  for (const { domain, evidence, frames, from, kind, macs, to } of found.conflicts.filter(isIt)) {
    const until = to === null ? 'to the end' : `until ${formatSeconds(to)}`;
    const what = kind === 'owners' ? 'conflict' : 'a proxy answers beside the owner';
    const text = `${what}${inDomain(domain)}: ${macs.join(' and ')} both have it, ${until}; ${evidence} (${filterOf(frames)})`;
    sentences.push({ at: from, text });
  }
  for (const { announced, frame, from, kind, lost, taken, to } of found.moves.filter(isIt)) {
    const how = announced ? 'announced' : 'not announced';
    const gap = formatSpan(Math.max(0, taken - lost));
    const what =
      kind === 'same machine' ? 'moves to another interface of one machine' : 'is handed over';
    const text = `${what}: ${from} to ${to}, ${how}, ${gap} after the last sign of the old one (frame ${frame}); no conflict`;
    sentences.push({ at: taken, text });
  }
  for (const { from, kind, macs } of found.contested.filter(isIt)) {
    const texts = {
      'announced only': `${macs.at(-1)} announces it and never answers for it`,
      'one machine': `${macs.join(' and ')} answer for several addresses alike: one machine, no conflict`,
      'still sends': `${macs.at(-1)} goes on to send as it after ${macs[0]} has taken it`,
      forged: `${macs.at(-1)} tells others that it has it; ${macs[0]} does`,
    };
    sentences.push({ at: from, text: texts[kind] });
  }
  for (const { at, form, frame, mac, series } of found.announcements.filter(isIt)) {
    if (series.startsWith('1 of')) {
      const text = `${mac} announces it (${form}; ${series}, frame ${frame})`;
      sentences.push({ at, text });
    }
  }
  for (const { at, by, frame, from, observer, proven, to } of found.flips.filter(isIt)) {
    const why = by === null ? '' : ` after the ${by} of ${to}`;
    const text = `${nameOf(found, observer)} goes over from ${from} to ${to}${why}, proven at ${formatSeconds(proven)} (frame ${frame})`;
    sentences.push({ at, text });
  }
  return sentences;
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
  return `${nameOf(found, client)} to ${nameOf(found, server)}, ${service}: ${answered} of ${sent} answered`;
}

function oddities(found: Explanation): string[] {
  const lines = [
    ...found.scans.map(
      ({ addresses, answered, by, from }) =>
        `${formatSeconds(from).padStart(8)}  ${by} asks for ${addresses} addresses, ${answered} answer: a scan`,
    ),
    ...found.storms.map(
      ({ at, by, copies, frame }) =>
        `${formatSeconds(at).padStart(8)}  one frame of ${by} comes ${copies} times: a loop (frame ${frame})`,
    ),
    ...found.spoofing.map(
      ({ addresses, answers, by }) =>
        `${' '.repeat(8)}  ${by} gave ${answers} unasked answers about ${addresses.join(', ')}: spoofing`,
    ),
    ...found.unanswered.map(
      ({ address, asker, at, frame, tries }) =>
        `${formatSeconds(at).padStart(8)}  ${asker} asks ${tries} times for ${address}: no answer (frame ${frame})`,
    ),
    ...found.releases.map(
      ({ address, at, frame, mac }) =>
        `${formatSeconds(at).padStart(8)}  ${mac} names no MAC address for ${address} (frame ${frame})`,
    ),
  ].map(printable);
  return lines.length === 0 ? [] : ['', ...lines.slice(0, SENTENCE_LIMIT)];
}

function unseen(found: Explanation, style: Style): string[] {
  if (found.unseen.length === 0) return [];
  return ['', style.bold('Cannot be seen from here'), ...found.unseen.map((text) => `  ${text}`)];
}

function filterOf(frames: readonly number[]): string {
  const shown = frames.slice(0, DISPLAY_FILTERS).join(', ');
  return frames.length === 1 ? `frame.number == ${shown}` : `frame.number in {${shown}}`;
}

function inDomain(domain: string): string {
  if (domain === '') return '';
  return /^\d/.test(domain) ? ` in VLAN ${domain}` : ` in ${domain}`;
}
