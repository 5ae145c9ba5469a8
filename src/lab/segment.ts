// The segments of a topology as switches, and the cables between them.

import { present } from '../base/assert.ts';
import { Drops } from '../link/drops.ts';
import { Link } from '../link/link.ts';
import type { Port } from '../link/port.ts';
import { Switch } from '../link/switch.ts';
import type { SegmentLinkSpec, SegmentSpec } from '../topology/model.ts';
import type { LabContext } from './context.ts';

/** A running segment: its switch, and who is behind which port. */
export interface Segment {
  readonly spec: SegmentSpec;
  readonly bridge: Switch;
  /** switch port → the machine, or the other segment, at the far end of its cable. */
  readonly behind: Map<Port, string>;
}

/** A running cable between two segments. */
export interface SegmentLink {
  readonly spec: SegmentLinkSpec;
  readonly link: Link;
  readonly drops: Drops;
}

/** A switch for each segment, by name. */
export function buildSegments(
  specs: readonly SegmentSpec[],
  context: LabContext,
): Map<string, Segment> {
  const segments = new Map<string, Segment>();
  for (const spec of specs) {
    const { scheduler, events } = context;
    const { name, fdbAgeing, fdbLimit } = spec;
    const floodsUnknown = spec.unknownUnicast === 'flood';
    const bridge = new Switch({ name, scheduler, events, fdbAgeing, fdbLimit, floodsUnknown });
    segments.set(name, { spec, bridge, behind: new Map() });
  }
  return segments;
}

/** The cables between segments, plugged in, by name. */
export function buildSegmentLinks(
  specs: readonly SegmentLinkSpec[],
  segments: ReadonlyMap<string, Segment>,
  context: LabContext,
): Map<string, SegmentLink> {
  const links = new Map<string, SegmentLink>();
  for (const spec of specs) {
    const a = present(segments.get(spec.a), 'a link names a segment');
    const b = present(segments.get(spec.b), 'a link names a segment');
    const portA = a.bridge.addPort(spec.name);
    const portB = b.bridge.addPort(spec.name);
    a.behind.set(portA, spec.b);
    b.behind.set(portB, spec.a);
    const drops = new Drops(spec.name);
    const link = new Link(portA, portB, {
      scheduler: context.scheduler,
      arena: context.arena,
      random: context.random.fork(`link:${spec.name}`),
      drops,
    });
    link.configure(spec.link);
    links.set(spec.name, { spec, link, drops });
  }
  return links;
}
