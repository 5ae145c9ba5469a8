// Captures as a record of a run, for the page that shows one: the analysis, what is found as its timeline, flows, frames.
// What a run has and a capture has not (tables, objects, drops) is empty.

import { calendarTime, padded } from '../base/calendar.ts';
import { VERSION } from '../base/version.ts';
import { RECORD_FORMAT, type RunRecord } from '../scenario/recording/record.ts';
import {
  type ExpectationReport,
  type FlowReport,
  outcomeOf,
  REPORT_SCHEMA_VERSION,
  type RunReport,
  type TimelineEntry,
} from '../scenario/report.ts';
import type { GraphEdge, GraphNode, TopologyGraph } from '../view/graph.ts';
import { analysisOf, nameOfFlow, namesOfMachines } from './analysis.ts';
import type { KeptFrames } from './kept-frames.ts';
import type { Explanation } from './model.ts';
import { addressSentences, named, otherSentences, outageSentences } from './sentences.ts';

const MACHINE_LIMIT = 60;
const ENTRY_LIMIT = 20_000;

/** A property that was asked for, and what breaks it. */
export interface CheckedProperty {
  readonly name: string;
  readonly broken: readonly string[];
}

/** What the page shows. */
export function recordOf(
  found: Explanation,
  frames: KeptFrames,
  checked: readonly CheckedProperty[],
): RunRecord {
  return {
    format: RECORD_FORMAT,
    application: `egresslab ${VERSION}`,
    source: '',
    graph: graphOf(found),
    report: reportOf(found, checked),
    frames: frames.rows(namesOfMachines(found)),
    framesTotal: frames.total,
    changes: [],
    changesUntil: null,
    octets: frames.octets(),
  };
}

function reportOf(found: Explanation, checked: readonly CheckedProperty[]): RunReport {
  const files = found.files.map(({ path }) => path.split('/').at(-1) ?? path).join(', ');
  const expectations = checked.map(({ broken, name }): ExpectationReport => {
    const position = { file: files, path: '', line: 1, column: 1 };
    const verdict = broken.length === 0 ? 'held' : 'failed';
    return { at: found.duration, text: name, position, verdict, saw: broken };
  });
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    topology: {
      name: files,
      description: `What ${found.frames} captured frames tell`,
      file: files,
      digest: '00000000',
    },
    seed: 0,
    epoch: timestamp(found.start),
    labDuration: found.duration,
    outcome: outcomeOf(expectations),
    timeline: timelineOf(found),
    tables: null,
    flows: found.flows.map((flow) => flowOf(flow, found)),
    neighbors: [],
    fdb: [],
    conntrack: [],
    drops: [],
    expectations,
    captures: [],
    analysis: analysisOf(found),
    problems: [],
  };
}

/** ISO 8601. */
function timestamp(seconds: number): string {
  const { day, hour, minute, month, second, year } = calendarTime(seconds * 1e6);
  const date = [year, month, day].map((field) => padded(field, 2)).join('-');
  return `${date}T${[hour, minute, second].map((field) => padded(field, 2)).join(':')}Z`;
}

function timelineOf(found: Explanation): TimelineEntry[] {
  return [...addressSentences(found), ...outageSentences(found), ...otherSentences(found)]
    .sort((a, b) => a.at - b.at)
    .slice(0, ENTRY_LIMIT)
    .map(({ address, at, frames, kind, text }): TimelineEntry => {
      const where = frames.length === 0 ? '' : ` (frame ${frames[0]})`;
      const source = address === null ? 'captures' : named(found, address);
      const fields = { address: address ?? '', frame: frames[0] ?? 0 };
      return { at, source, kind, text: `${text}${where}`, fields };
    });
}

function flowOf(row: Explanation['flows'][number], found: Explanation): FlowReport {
  const { answered, client, outages, port, protocol, sent, server } = row;
  const spans = outages.map(({ cause, from, lost, to }) => {
    const duration = (to ?? found.duration) - from;
    return { from, to, duration, unanswered: lost, why: cause };
  });
  return {
    name: nameOfFlow(row),
    from: named(found, client),
    to: named(found, server),
    protocol: protocol === 'icmp' ? 'icmp echo' : `${protocol} ${port ?? ''}`,
    sent,
    answered,
    lost: Math.max(0, sent - answered),
    pending: 0,
    longestOutage: Math.max(0, ...spans.map(({ duration }) => duration)),
    outages: spans,
    seenAs: [{ address: client, count: sent }],
    answeredBy: [],
    state: outages.at(-1)?.to === null ? 'never answered' : 'stopped',
    why: outages.at(-1)?.text ?? null,
    throughput: null,
    connections: [],
  };
}

/** Machines at the networks that they were seen in. */
function graphOf(found: Explanation): TopologyGraph {
  const nameOf = namesOfMachines(found);
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const idOf = (kind: GraphNode['kind'], key: string, lines: readonly string[]): string => {
    const known = nodes.get(`${kind} ${key}`);
    if (known !== undefined) return known.id;
    const node = { id: `n${nodes.size}`, kind, lines };
    nodes.set(`${kind} ${key}`, node);
    return node.id;
  };
  for (const { address, domain, mac } of found.claims.slice(0, MACHINE_LIMIT)) {
    const network = idOf('segment', domain, [domain === '' ? 'the network' : domain]);
    const machine = idOf('host', mac, [nameOf(mac), mac]);
    const edge = { from: machine, to: network, lines: [address] };
    const before = edges.get(`${machine} ${network}`);
    const lines = [...(before?.lines ?? []), address];
    edges.set(`${machine} ${network}`, lines.length > 4 ? (before ?? edge) : { ...edge, lines });
  }
  return { title: 'captures', nodes: [...nodes.values()], edges: [...edges.values()] };
}
