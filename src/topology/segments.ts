// `segments:` and `links:`: the shared switches, and the cables between them.

import { z } from 'zod';
import { defaultLinkName } from '../schema/declared.ts';
import type { Path } from '../schema/position.ts';
import { integer, name, network, positiveDuration } from '../schema/values.ts';
import type { Nanos } from '../sim/time.ts';
import { DEFAULT_MTU } from '../wire/ethernet.ts';
import type { Ipv4Cidr } from '../wire/ipv4-address.ts';
import { linkProperties, linkShape, type RawLinkProperties } from './cable.ts';
import type { Context } from './context.ts';
import type { SegmentLinkSpec, SegmentSpec, UnknownUnicast } from './model.ts';

/** A segment as it is written. */
export interface RawSegment extends RawLinkProperties {
  readonly subnet?: Ipv4Cidr;
  readonly mtu?: number;
  readonly fdbAgeing: Nanos;
  readonly fdbLimit: number;
  readonly unknownUnicast: UnknownUnicast;
}

/** The smallest IPv4 MTU (RFC 791 3.2) to what the largest jumbo frames carry. */
export const mtu: z.ZodType<number> = integer(68, 65_535, 'an MTU');

const unknownUnicast: z.ZodType<UnknownUnicast> = z.enum(['flood', 'drop']);

/** A segment. */
export const segmentSchema: z.ZodType<RawSegment> = z
  .strictObject({
    subnet: network
      .exactOptional()
      .describe('Interface addresses must be within it; without it any address is allowed'),
    mtu: mtu.exactOptional().describe('Initial MTU of the interfaces (1500)'),
    fdbAgeing: positiveDuration
      .prefault('300s')
      .describe('How long the switch remembers where a MAC address is'),
    fdbLimit: integer(1, 1_000_000, 'a number of entries')
      .prefault(8192)
      .describe('How many MAC addresses the switch can remember'),
    unknownUnicast: unknownUnicast
      .prefault('flood')
      .describe('What happens to frames for a MAC address that the switch has not seen'),
    ...linkShape,
  })
  .meta({
    id: 'segment',
    description: 'A shared software switch; link properties are those of each cable',
  });

/** A cable between segments as it is written. */
export interface RawLink extends RawLinkProperties {
  readonly name?: string;
  readonly segments: readonly string[];
}

/** A cable between two segments. */
export const linkSchema: z.ZodType<RawLink> = z
  .strictObject({
    name: name.exactOptional().describe('Name for steps; by default the two segments: "a-b"'),
    segments: z
      .array(name, { error: 'expected a list of two segments' })
      .length(2, { error: 'expected a list of two segments' }),
    ...linkShape,
  })
  .meta({ id: 'link', description: 'A cable between two segments' });

/** A segment with every default filled in. */
export function normalizeSegment(
  context: Context,
  segmentName: string,
  raw: RawSegment,
  path: Path,
): SegmentSpec {
  return {
    name: segmentName,
    position: context.position(path, 'key'),
    subnet: raw.subnet ?? null,
    fdbAgeing: raw.fdbAgeing,
    fdbLimit: raw.fdbLimit,
    unknownUnicast: raw.unknownUnicast,
    mtu: raw.mtu ?? DEFAULT_MTU,
    link: linkProperties(raw),
  };
}

/** A cable with its segments resolved; null when one is unknown. */
export function normalizeLink(context: Context, raw: RawLink, path: Path): SegmentLinkSpec | null {
  const known = raw.segments.map((segment, index) =>
    context.known(segment, [...path, 'segments', index], 'segment'),
  );
  const [a, b] = raw.segments;
  if (a === undefined || b === undefined || known.includes(false)) return null;
  return {
    name: raw.name ?? defaultLinkName([a, b]),
    position: context.position(path),
    a,
    b,
    link: linkProperties(raw),
  };
}
