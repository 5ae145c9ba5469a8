// The segments of a lab and the cables of everything: with the machines, the graph that one draws.

import type { Lab } from '../lab/lab.ts';
import type { Channel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import type { Nanos } from '../sim/time.ts';

/** One broadcast domain. */
export interface SegmentRow {
  readonly name: string;
  /** Machines and other segments at the far ends of its cables, in the order of its ports. */
  readonly members: readonly string[];
  /** The groups that do not hear each other; null when it is not partitioned. */
  readonly partition: readonly (readonly string[])[] | null;
}

/** One cable. */
export interface CableRow {
  /** 'worker01/enp1s0', or the name of a cable between segments. */
  readonly name: string;
  /** The machine, or the first segment. */
  readonly from: string;
  /** The segment; null for a cable to the kernel. */
  readonly to: string | null;
  /** Plugged in, and both ends enabled. */
  readonly carrier: boolean;
  /** What `from` sends. */
  readonly out: ChannelRow;
  /** What comes to `from`. */
  readonly in: ChannelRow;
}

/** What one direction of a cable does to frames. Probabilities are 0 to 1. */
export interface ChannelRow {
  readonly up: boolean;
  readonly latency: Nanos;
  readonly jitter: Nanos;
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly corrupt: number;
  /** Bits per second; null is unlimited. */
  readonly bandwidth: number | null;
}

/** One segment or (null) all, in the order of the topology. @throws EgressLabError EGL_UNKNOWN_SEGMENT */
export function segmentRows(lab: Lab, of: string | null): SegmentRow[] {
  const segments = of === null ? [...lab.segments.values()] : [lab.segment(of)];
  return segments.map((segment) => ({
    name: segment.spec.name,
    members: [...new Set(segment.behind.values())],
    partition: lab.faults.partitionOf(segment),
  }));
}

/**
 * The cables of one machine or (null) all: those of machines first, then those between segments.
 * @throws EgressLabError EGL_UNKNOWN_MACHINE
 */
export function cableRows(lab: Lab, of: string | null): CableRow[] {
  const machines = of === null ? [...lab.machines.values()] : [lab.machine(of)];
  const rows = machines.flatMap(({ cables, name }) =>
    [...cables].map(([iface, { link, segment }]) =>
      cableRow(`${name}/${iface}`, name, segment?.spec.name ?? null, link),
    ),
  );
  if (of !== null) return rows;
  const between = [...lab.links.values()].map(({ link, spec }) =>
    cableRow(spec.name, spec.a, spec.b, link),
  );
  return [...rows, ...between];
}

function cableRow(name: string, from: string, to: string | null, link: Link): CableRow {
  const { ab, ba, carrier } = link;
  return { name, from, to, carrier, out: channelRow(ab), in: channelRow(ba) };
}

function channelRow({ settings, up }: Channel): ChannelRow {
  const { bandwidth, corrupt, duplicate, jitter, latency, loss, reorder } = settings;
  return { up, latency, jitter, loss, duplicate, reorder, corrupt, bandwidth };
}
