// The topology file as a whole: which sections it has, and how each becomes part of the model.

import { z } from 'zod';
import { epoch, integer, mapping, name } from '../schema/values.ts';
import type { Epoch } from '../sim/epoch.ts';
import { hashName } from '../sim/random.ts';
import type { AttachmentSpec } from './attachments/attachment.ts';
import { normalizeAttachments } from './attachments/normalize.ts';
import { attachmentSchema, type RawAttachmentEntry } from './attachments/schema.ts';
import { captureSchema, normalizeCapture, type RawCapture } from './capture.ts';
import { clusterSchema, fixedMacs, normalizeCluster, type RawCluster } from './cluster.ts';
import type { Context } from './context.ts';
import { DerivedMacs } from './derived-mac.ts';
import { type Dialect, perDialect } from './dialect.ts';
import { exploreSchema, normalizeExplore, type RawExplore } from './explore.ts';
import { hostSchema, normalizeHost, type RawHost } from './machines.ts';
import { reportReservedName } from './reserved-names.ts';
import { reuseShape } from './reuse/shape.ts';
import { normalizeScenario, type RawScenario, scenarioSchema } from './scenario.ts';
import {
  linkSchema,
  normalizeLink,
  normalizeSegment,
  type RawLink,
  type RawSegment,
  segmentSchema,
} from './segments.ts';
import type { Topology } from './topology.ts';

/** What the schema makes of a topology: leaves are parsed, names are not resolved. */
export interface RawTopology {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly epoch: Epoch;
  readonly segments: Readonly<Record<string, RawSegment>>;
  readonly links?: readonly RawLink[];
  readonly hosts?: Readonly<Record<string, RawHost>>;
  readonly cluster?: RawCluster;
  readonly attach?: readonly RawAttachmentEntry[];
  readonly capture?: RawCapture;
  readonly scenario?: RawScenario;
  readonly explore?: RawExplore;
}

/** A whole file, in one dialect. */
export const topologySchema: (dialect: Dialect) => z.ZodType<RawTopology> = perDialect((dialect) =>
  z
    .strictObject({
      name: name.describe('Name of the lab and of its captures'),
      description: z.string({ error: 'expected a text' }).prefault(''),
      seed: integer(0, 0xffff_ffff, 'a whole number')
        .prefault(1)
        .describe('Seed of all chance in the lab'),
      epoch: epoch
        .prefault('2020-05-09T08:00:00Z')
        .describe('Date and time of time zero in captures and logs'),
      ...reuseShape,
      segments: mapping(name, segmentSchema).describe('Shared software switches'),
      links: z
        .array(linkSchema, { error: 'expected a list of links' })
        .exactOptional()
        .describe('Cables between segments'),
      hosts: mapping(name, hostSchema).exactOptional().describe('Ordinary hosts and routers'),
      cluster: clusterSchema(dialect).exactOptional(),
      attach: z
        .array(attachmentSchema, { error: 'expected a list of attachments' })
        .exactOptional()
        .describe('Where the lab is connected to the real Linux kernel (egresslab up)'),
      capture: captureSchema.exactOptional(),
      scenario: scenarioSchema(dialect).exactOptional(),
      explore: exploreSchema(dialect).exactOptional(),
    })
    .meta({ title: 'egresslab topology', description: 'One virtual network lab and its scenario' }),
);

/** Resolves names, fills in defaults and checks what no schema can; problems are reported to `context`. */
export function normalizeTopology(
  context: Context,
  raw: RawTopology,
  origin: TopologyOrigin,
): Topology {
  reportSharedNames(context, raw);
  const segments = Object.entries(raw.segments).map(([segment, given]) =>
    normalizeSegment(context, segment, given, ['segments', segment]),
  );
  for (const segment of segments) {
    // Without the subnet that it should have, it is as good as not known.
    if (context.damaged(['segments', segment.name, 'subnet'])) continue;
    context.segments.set(segment.name, segment);
  }
  const links = (raw.links ?? []).flatMap(
    (given, index) => normalizeLink(context, given, ['links', index]) ?? [],
  );
  reportDuplicateLinks(context, links);
  const macs = new DerivedMacs(raw.name);
  for (const mac of allFixedMacs(raw)) macs.reserve(mac);
  const hosts = Object.entries(raw.hosts ?? {}).map(([host, given]) =>
    normalizeHost(context, macs, host, given, ['hosts', host]),
  );
  const cluster =
    raw.cluster === undefined ? null : normalizeCluster(context, macs, raw.cluster, ['cluster']);
  const attachments: AttachmentSpec[] = normalizeAttachments(context, macs, raw.attach ?? [], [
    'attach',
  ]);
  const scenario = normalizeScenario(context, raw.scenario, ['scenario']);
  return {
    name: raw.name,
    description: raw.description,
    file: origin.file,
    digest: hashName(origin.text).toString(16).padStart(8, '0'),
    seed: raw.seed,
    epoch: raw.epoch,
    segments,
    links,
    hosts,
    cluster,
    attachments,
    capture: normalizeCapture(context, raw.capture, attachments, ['capture']),
    scenario,
    explore: normalizeExplore(context, raw.explore, ['explore']),
  };
}

/** What the topology was read from. */
export interface TopologyOrigin {
  readonly file: string;
  readonly text: string;
}

/** A flow's `from: web` and a capture's `web/eth0` must mean one thing. */
function reportSharedNames(context: Context, raw: RawTopology): void {
  const sections = [
    { what: 'segment', path: ['segments'], names: Object.keys(raw.segments) },
    { what: 'host', path: ['hosts'], names: Object.keys(raw.hosts ?? {}) },
    { what: 'node', path: ['cluster', 'nodes'], names: Object.keys(raw.cluster?.nodes ?? {}) },
    { what: 'pod', path: ['cluster', 'pods'], names: Object.keys(raw.cluster?.pods ?? {}) },
  ];
  const owners = new Map<string, string>();
  for (const { what, path, names } of sections) {
    for (const given of names) {
      reportReservedName(context, what, given, [...path, given]);
      // A step names a cable by its machine or by its link.
      const isLink = path[0] !== 'segments' && context.declared.has('link', given);
      const owner = owners.get(given) ?? (isLink ? 'link' : undefined);
      if (owner === undefined) owners.set(given, what);
      else {
        const message = `there is already a ${owner} "${given}"`;
        context.report([...path, given], message, `rename the ${what}`, 'key');
      }
    }
  }
}

function reportDuplicateLinks(context: Context, links: Topology['links']): void {
  const seen = new Set<string>();
  for (const [index, { name: link }] of links.entries()) {
    if (seen.has(link)) {
      const message = `there is already a link "${link}"`;
      context.report(['links', index], message, 'give it a "name"');
    }
    seen.add(link);
  }
}

function allFixedMacs(raw: RawTopology): ReturnType<typeof fixedMacs> {
  const ofHosts = Object.values(raw.hosts ?? {}).flatMap(({ interfaces }) =>
    Object.values(interfaces).flatMap(({ mac }) => mac ?? []),
  );
  const ofTaps = (raw.attach ?? []).flatMap((each) => ('tap' in each ? (each.mac ?? []) : []));
  return [...ofHosts, ...ofTaps, ...(raw.cluster === undefined ? [] : fixedMacs(raw.cluster))];
}
