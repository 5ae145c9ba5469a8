// A line of `conntrack -L` as the fixtures have it.

import type { Roles } from './fixture.ts';

export interface TrackedTuple {
  readonly src: string;
  readonly dst: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
}

export interface Tracked {
  readonly proto: string;
  /** Seconds left, rounded down as the kernel prints it. */
  readonly timeout: number;
  readonly state?: string;
  readonly original: TrackedTuple;
  readonly reply: TrackedTuple;
  readonly flags: readonly string[];
}

const TUPLE = /\b(src|dst|sport|dport|type|code|id)=(\S+)/g;

/** Reads a line of `conntrack -L`. @throws when it is none */
export function readTracked(line: string, roles: Roles): Tracked {
  const [, proto = '', timeout = '', state] =
    /^(\w+)\s+\d+\s+(\d+)\s+(?:([A-Z_]+) )?/.exec(line) ?? fail(line);
  const tuples: Record<string, string | number>[] = [];
  for (const [, key = '', value = ''] of line.matchAll(TUPLE)) {
    if (key === 'src') tuples.push({});
    const tuple = tuples.at(-1) ?? fail(line);
    tuple[key] = key === 'src' || key === 'dst' ? roles.ip(value) : Number(value);
  }
  const [original, reply] = tuples as unknown as TrackedTuple[];
  return {
    proto,
    timeout: Number(timeout),
    ...(state === undefined ? {} : { state }),
    original: original ?? fail(line),
    reply: reply ?? fail(line),
    flags: [...line.matchAll(/\[(\w+)\]/g)].map(([, flag = '']) => flag),
  };
}

function fail(line: string): never {
  throw new Error(`not a line of conntrack -L: ${line}`);
}
