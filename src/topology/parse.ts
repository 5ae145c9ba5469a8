// YAML text, or a value built in code, to a topology: either it is whole and sound, or there are
// diagnostics that say all that is wrong with it. Pure, and throws on no input.
//
//   text → schema/source.ts → plain values with their places
//        → schema.ts → shape (keys, types, leaves); what is wrong is reported and cut out (schema/prune.ts)
//        → schema.ts → names resolved, defaults filled in, the rest of the problems

import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { Declared } from '../schema/declared.ts';
import { DIAGNOSTIC_LIMIT, type Diagnostic, orderDiagnostics } from '../schema/diagnostic.ts';
import { readObject } from '../schema/object-source.ts';
import { oneLine } from '../schema/one-line.ts';
import type { PlainValue } from '../schema/plain-value.ts';
import { Pruned } from '../schema/prune.ts';
import { explainIssues } from '../schema/shape.ts';
import { readSource, type SourceMap } from '../schema/source.ts';
import { Context } from './context.ts';
import { dialectOf, fabricNamedIn } from './dialect.ts';
import { normalizeTopology, type TopologyOrigin, topologySchema } from './schema.ts';
import { standIns } from './stand-ins.ts';
import type { Topology } from './topology.ts';

/** A topology, or null and the reasons why not. */
export interface ParseResult {
  /** Null when there is any diagnostic. */
  readonly topology: Topology | null;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParseOptions {
  /** What diagnostics call the file. */
  readonly file: string;
  /** The cluster networks that a topology may name; those that the lab ships when left out. */
  readonly fabrics?: readonly Fabric[];
}

/** Reads a topology file's text. */
export function parseTopology(
  text: string,
  { file, fabrics = FABRICS }: ParseOptions,
): ParseResult {
  const { value, map, diagnostics } = readSource(text, file);
  return finish(value, map, diagnostics, { file, text }, fabrics);
}

/** Takes a topology as YAML would read it: maps, lists, texts, numbers. `label` names it in diagnostics. */
export function topologyFromObject(
  value: unknown,
  label = 'topology',
  fabrics: readonly Fabric[] = FABRICS,
): ParseResult {
  const { value: plain, map, diagnostics } = readObject(value, label);
  const text = diagnostics.length > 0 ? '' : oneLine(plain, Number.POSITIVE_INFINITY);
  return finish(plain, map, diagnostics, { file: label, text }, fabrics);
}

function finish(
  value: PlainValue,
  map: SourceMap,
  found: readonly Diagnostic[],
  origin: TopologyOrigin,
  fabrics: readonly Fabric[],
): ParseResult {
  const diagnostics = [...found];
  if (value === null) {
    if (diagnostics.length === 0) {
      const remedy = 'a topology begins with "name: ..." and "segments: ..."';
      diagnostics.push(map.diagnostic([], 'value', 'the topology is empty', remedy));
    }
    return { topology: null, diagnostics: orderDiagnostics(diagnostics) };
  }
  const topology = check(value, map, diagnostics, origin, fabrics);
  const ordered = orderDiagnostics(diagnostics);
  return { topology: ordered.length === 0 ? topology : null, diagnostics: ordered };
}

/** Adds what is wrong to `diagnostics`; what it returns is only sound when that is nothing. */
function check(
  value: PlainValue,
  map: SourceMap,
  diagnostics: Diagnostic[],
  origin: TopologyOrigin,
  fabrics: readonly Fabric[],
): Topology | null {
  const fabric = fabricNamedIn(value, fabrics);
  const dialect = dialectOf(fabric, fabrics);
  const schema = topologySchema(dialect);
  // Before anything is cut out: a reference to something broken is a reference to something.
  const declared = new Declared(value);
  const pruned = new Pruned(value, standIns(fabric.kind));
  // What is required and was cut out takes along what requires it: as often as things are nested.
  for (let round = 0; round < 12; round++) {
    const parsed = schema.safeParse(pruned.root);
    if (parsed.success) {
      const context = new Context(declared, map, pruned, dialect);
      const topology = normalizeTopology(context, parsed.data, origin);
      diagnostics.push(...context.diagnostics);
      return topology;
    }
    const issues = parsed.error.issues.slice(0, DIAGNOSTIC_LIMIT + 1);
    const problems = explainIssues(issues, schema, pruned.root);
    if (round === 0) {
      for (const { path, part, message, remedy } of problems) {
        diagnostics.push(map.diagnostic(path, part, message, remedy));
      }
    }
    if (diagnostics.length > DIAGNOSTIC_LIMIT || !pruned.repair(problems)) return null;
  }
  return null;
}
