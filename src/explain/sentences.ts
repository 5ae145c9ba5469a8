// The findings in words, each with its time and the frames that show it: for the terminal, for comments on frames, for a
// page, and for whoever follows a capture as it grows.

import { formatSeconds, type Nanos } from '../sim/time.ts';
import { nameOfFlow } from './analysis.ts';
import type { Explanation } from './model.ts';

/** One finding. */
export interface Statement {
  readonly at: Nanos;
  /** Numbers of frames that show it; empty where none does. */
  readonly frames: readonly number[];
  /** What it is about; null for none, or for several. */
  readonly address: string | null;
  /** For programs. */
  readonly kind:
    | 'conflict'
    | 'move'
    | 'contested'
    | 'announcement'
    | 'belief'
    | 'outage'
    | 'scan'
    | 'storm'
    | 'spoofing'
    | 'unanswered'
    | 'probe'
    | 'release'
    | 'master'
    | 'translation';
  /** Without time, frames and period. */
  readonly text: string;
}

/** On addresses: conflicts, moves, claims, announcements and beliefs; by time. */
export function addressSentences(found: Explanation): Statement[] {
  return [
    ...found.conflicts.map(({ address, domain, evidence, frames, from, kind, macs, to }) => {
      const until = to === null ? 'to the end' : `until ${formatSeconds(to)}`;
      const what = kind === 'owners' ? 'conflict' : 'a proxy answers beside the owner';
      const text = `${what}${inDomain(domain)}: ${macs.join(' and ')} both have it, ${until}; ${evidence}`;
      return { at: from, frames, address, kind: 'conflict', text } as const;
    }),
    ...found.moves.map(({ address, announced, frame, from, kind, lost, taken, to }) => {
      const how = announced ? 'announced' : 'not announced';
      const gap = formatLength(Math.max(0, taken - lost));
      const what =
        kind === 'same machine' ? 'moves to another interface of one machine' : 'is handed over';
      const text = `${what}: ${from} to ${to}, ${how}, ${gap} after the last sign of the old one; no conflict`;
      return { at: taken, frames: [frame], address, kind: 'move', text } as const;
    }),
    ...found.contested.map(({ address, from, kind, macs }) => {
      const texts = {
        'announced only': `${macs.at(-1)} announces it and never answers for it`,
        'one machine': `${macs.join(' and ')} answer for several addresses alike: one machine, no conflict`,
        'still sends': `${macs.at(-1)} goes on to send as it after ${macs[0]} has taken it`,
        forged: `${macs.at(-1)} tells others that it has it; ${macs[0]} does`,
      };
      return { at: from, frames: [], address, kind: 'contested', text: texts[kind] } as const;
    }),
    ...found.announcements
      .filter(({ series }) => series.startsWith('1 of'))
      .map(({ address, at, form, frame, mac, series }) => {
        const text = `${mac} announces it: ${form}; ${series}`;
        return { at, frames: [frame], address, kind: 'announcement', text } as const;
      }),
    ...found.flips.map(({ address, at, by, frame, from, observer, proven, to }) => {
      const why = by === null ? '' : ` after the ${by} of ${to}`;
      const who = named(found, observer);
      const text = `${who} goes over from ${from} to ${to}${why}, proven at ${formatSeconds(proven)}`;
      return { at, frames: [frame], address, kind: 'belief', text } as const;
    }),
  ].sort(byTime);
}

/** On everything else: scans, storms, forgeries, probes, groups of routers; by time. */
export function otherSentences(found: Explanation): Statement[] {
  const none = { address: null } as const;
  return [
    ...found.scans.map(({ addresses, answered, by, from: at }) => {
      const text = `${by} asks for ${addresses} addresses, ${answered} answer: a scan`;
      return { at, frames: [], ...none, kind: 'scan', text } as const;
    }),
    ...found.storms.map(({ at, by, copies, frame, kind }) => {
      const what =
        kind === 'loop'
          ? `one frame of ${by} comes ${copies} times: a loop`
          : `${by} asks ${copies} times within 100 ms: a storm`;
      return { at, frames: [frame], ...none, kind: 'storm', text: what } as const;
    }),
    ...found.spoofing.map(({ addresses, answers, by, from: at }) => {
      const text = `${by} gave ${answers} unasked answers about ${addresses.join(', ')}: spoofing`;
      return { at, frames: [], ...none, kind: 'spoofing', text } as const;
    }),
    ...found.unanswered.map(({ address, asker, at, frame, tries }) => {
      const text = `${asker} asks ${tries} times for ${address}: no answer`;
      return { at, frames: [frame], address, kind: 'unanswered', text } as const;
    }),
    ...found.probes.map(({ address, at, defendedBy, frame, mac }) => {
      const what = defendedBy === null ? 'nobody answers' : `${defendedBy} has it and says so`;
      const text = `${mac} asks whether ${address} is free: ${what}`;
      return { at, frames: [frame], address, kind: 'probe', text } as const;
    }),
    ...found.releases.map(({ address, at, frame, mac }) => {
      const text = `${mac} names no MAC address for ${address}`;
      return { at, frames: [frame], address, kind: 'release', text } as const;
    }),
    ...found.routerGroups.flatMap(({ addresses, domain, id, masters, split }) =>
      masters.map(({ by, frame, from: at, resigned }, index) => {
        const group = `VRRP group ${id}${inDomain(domain)} (${addresses.join(', ')})`;
        const before = masters[index - 1];
        const why = before === undefined ? '' : before.resigned ? ', which gave way' : '';
        const after = before === undefined ? '' : ` after ${before.by}${why}`;
        const end = resigned && index === masters.length - 1 ? ', and gives way' : '';
        const turn = split ? '; two advertise by turns and do not hear one another' : '';
        const text = `${by} is master of ${group}${after}${end}${turn}`;
        return { at, frames: [frame], ...none, kind: 'master', text } as const;
      }),
    ),
    ...found.translations.map(({ asClient, asServer, at, client, frame, protocol, server }) => {
      const end = server === asServer ? '' : `, and ${server} is ${asServer}`;
      const start = client === asClient ? client : `${client} goes out as ${asClient}`;
      const text = `${protocol}: ${start} to ${server}${end}`;
      return { at, frames: [frame], ...none, kind: 'translation', text } as const;
    }),
  ].sort(byTime);
}

/** On flows that were not answered; by time. */
export function outageSentences(found: Explanation): Statement[] {
  return found.flows
    .flatMap((flow) =>
      flow.outages.map(({ frame, from: at, lost, text: why, to }) => {
        const length = to === null ? 'to the end' : formatLength(to - at);
        const text = `${nameOfFlow(flow)} is out, ${length}, ${lost} lost: ${why}`;
        return { at, frames: [frame], address: null, kind: 'outage', text } as const;
      }),
    )
    .sort(byTime);
}

/** A display filter for the frames; empty for none. */
export function frameFilter(frames: readonly number[]): string {
  const [first, ...more] = frames;
  if (first === undefined) return '';
  return more.length === 0
    ? `frame.number == ${first}`
    : `frame.number in {${frames.slice(0, 8).join(', ')}}`;
}

/** A display filter for all that an address resolves to and carries. */
export function addressFilter(address: string): string {
  return address.includes(':')
    ? `ipv6.addr == ${address} || icmpv6.nd.ns.target_address == ${address} || icmpv6.nd.na.target_address == ${address}`
    : `arp.src.proto_ipv4 == ${address} || arp.dst.proto_ipv4 == ${address} || ip.addr == ${address}`;
}

/** 'printer (192.168.50.120)', or the address without a name. */
export function named({ names }: Pick<Explanation, 'names'>, address: string): string {
  const name = names[address];
  return name === undefined ? address : `${name} (${address})`;
}

/** ' in VLAN 20'; empty for what is untagged. */
export function inDomain(domain: string): string {
  if (domain === '') return '';
  return /^\d/.test(domain) ? ` in VLAN ${domain}` : ` in ${domain}`;
}

function byTime(a: Statement, b: Statement): number {
  return a.at - b.at;
}

function formatLength(nanos: Nanos): string {
  if (nanos >= 1e9) return `${Number((nanos / 1e9).toFixed(1))} s`;
  return nanos >= 1e6 ? `${Math.round(nanos / 1e6)} ms` : `${Math.round(nanos / 1e3)} us`;
}
