// `defaults: { host: {...}, node: {...} }`: what all machines of a kind share unless they say otherwise.
// Maps are joined key by key; any other value of a machine's own takes the place of the default.

import { suggest } from '../../base/suggest.ts';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { SourceMap } from '../../schema/places.ts';
import {
  emptyMap,
  isMap,
  type PlainMap,
  type PlainValue,
  valueAt,
} from '../../schema/plain-value.ts';
import type { Path } from '../../schema/position.ts';

/** Where the things of each kind stand; `interface` is within hosts and nodes. */
const PLACES: Readonly<Record<string, readonly Path[]>> = {
  segment: [['segments']],
  host: [['hosts']],
  node: [['cluster', 'nodes']],
  namespace: [['cluster', 'namespaces']],
  pod: [['cluster', 'pods']],
  flow: [['scenario', 'flows']],
};

/** What `defaults` can be about. */
export const DEFAULT_KINDS: readonly string[] = [...Object.keys(PLACES), 'interface'];

/** Takes `defaults` out of the root and gives each thing what it leaves out; changes the root in place. */
export function applyDefaults(root: PlainMap, map: SourceMap): Diagnostic[] {
  const { defaults } = root;
  if (defaults === undefined) return [];
  delete root.defaults;
  if (!isMap(defaults)) {
    return [map.diagnostic(['defaults'], 'value', 'expected a mapping of kinds', KINDS)];
  }
  const diagnostics: Diagnostic[] = [];
  for (const [kind, given] of Object.entries(defaults)) {
    const at: Path = ['defaults', kind];
    if (!DEFAULT_KINDS.includes(kind)) {
      const near = suggest(kind, DEFAULT_KINDS);
      const remedy = near === null ? KINDS : `did you mean "${near}"?`;
      diagnostics.push(map.diagnostic(at, 'key', `there are no defaults for "${kind}"`, remedy));
    } else if (!isMap(given)) {
      const message = `expected a mapping, as a ${kind} has`;
      diagnostics.push(map.diagnostic(at, 'value', message, null));
    } else {
      for (const path of placesOf(root, kind)) fill(root, map, given, at, path);
    }
  }
  return diagnostics;
}

const KINDS = `the kinds are ${DEFAULT_KINDS.join(', ')}`;

/** The paths of all things of a kind that are mappings, or say nothing at all. */
function placesOf(root: PlainMap, kind: string): Path[] {
  if (kind === 'interface') {
    return placesOf(root, 'host').flatMap((host) => entriesAt(root, [...host, 'interfaces']));
  }
  return (PLACES[kind] ?? []).flatMap((path) => entriesAt(root, path));
}

function entriesAt(root: PlainMap, path: Path): Path[] {
  const section = valueAt(root, path);
  return isMap(section) ? Object.keys(section).map((name) => [...path, name]) : [];
}

/** Joins `given`, which stands at `from`, into what stands at `to`. */
function fill(root: PlainMap, map: SourceMap, given: PlainMap, from: Path, to: Path): void {
  const own = valueAt(root, to);
  if (own === null) {
    const parent = valueAt(root, to.slice(0, -1));
    const name = to.at(-1);
    if (isMap(parent) && name !== undefined) parent[name] = emptyMap();
  }
  const target = valueAt(root, to);
  if (!isMap(target)) return;
  for (const [key, value] of Object.entries(given)) {
    const there = target[key];
    if (there === undefined) {
      target[key] = clone(value);
      map.graft([...to, key], [...from, key]);
    } else if (isMap(there) && isMap(value)) {
      fill(root, map, value, [...from, key], [...to, key]);
    }
  }
}

/** A copy: what is cut out of one machine must stay with the others. */
export function clone(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(clone);
  if (!isMap(value)) return value;
  const copy = emptyMap();
  for (const [key, inner] of Object.entries(value)) copy[key] = clone(inner);
  return copy;
}
