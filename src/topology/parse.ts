// YAML text, or a value built in code, to a topology: either it is whole and sound, or there are
// diagnostics that say all that is wrong with it. Pure, and throws on no input.
//
//   text → schema/source.ts → plain values with their places
//        → schema.ts → shape (keys, types, leaves); what is wrong is reported and cut out (schema/prune.ts)
//        → schema.ts → names resolved, defaults filled in, the rest of the problems

import { suggest } from '../base/suggest.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { Declared } from '../schema/declared.ts';
import {
  DIAGNOSTIC_LIMIT,
  type Diagnostic,
  hasErrors,
  orderDiagnostics,
} from '../schema/diagnostic.ts';
import { readObject } from '../schema/object-source.ts';
import { oneLine } from '../schema/one-line.ts';
import type { PlainValue } from '../schema/plain-value.ts';
import { formatPosition } from '../schema/position.ts';
import { Pruned } from '../schema/prune.ts';
import { explainIssues } from '../schema/shape.ts';
import { readSource, type Source, type SourceMap } from '../schema/source.ts';
import { Variables } from '../schema/variables.ts';
import { Context } from './context.ts';
import { dialectOf, fabricNamedIn } from './dialect.ts';
import { type IncludeReader, Includes } from './reuse/include.ts';
import { undoReuse } from './reuse/index.ts';
import { isPath, setPath } from './reuse/set-path.ts';
import { normalizeTopology, type TopologyOrigin, topologySchema } from './schema.ts';
import { standIns } from './stand-ins.ts';
import type { Topology } from './topology.ts';

/** A topology, or null and the reasons why not. */
export interface ParseResult {
  /** Null when there is an error among the diagnostics. */
  readonly topology: Topology | null;
  /** The file as plain values, with all that it reuses written out; null when it could not be read. */
  readonly document: PlainValue;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How a topology is read. */
export interface ParseOptions {
  /** What diagnostics call the file. */
  readonly file: string;
  /** The cluster networks that a topology may name; those that the lab ships when left out. */
  readonly fabrics?: readonly Fabric[];
  /** What `${NAME}` stands for; names with dots are paths of values that are replaced. */
  readonly set?: Readonly<Record<string, string>>;
  /** Reads the files that `include` names; without it there are none. */
  readonly include?: IncludeReader;
}

/** Reads a topology file's text. */
export function parseTopology(
  text: string,
  { fabrics = FABRICS, file, include, set = {} }: ParseOptions,
): ParseResult {
  const { paths, variables: values } = sorted(set);
  const variables = new Variables(values);
  const source = readSource(text, file, variables);
  const includes = new Includes(file, include ?? null, variables);
  const diagnostics = [...source.diagnostics, ...undoReuse(source, includes)];
  for (const [path, text] of Object.entries(paths)) {
    const problem = source.value === null ? null : setPath(source.value, path, typedText(text));
    if (problem === null) continue;
    const { message, remedy } = problem;
    diagnostics.push(source.map.diagnostic([], 'value', `--set ${path}: ${message}`, remedy));
  }
  for (const name of variables.unused) {
    const near = suggest(name, variables.asked);
    const remedy =
      near === null ? `no value in it is written \${${name}}` : `did you mean ${near}?`;
    const message = `"${name}" was given a value, and the file does not use it`;
    diagnostics.push(source.map.diagnostic([], 'value', message, remedy));
  }
  // Two runs are the same only when all of these are.
  const given = Object.entries(set).map(([name, value]) => `${name}=${value}`);
  const whole = [text, ...includes.texts, ...given].join('\0');
  return finish({ ...source, diagnostics }, { file, text: whole }, fabrics);
}

/** Values of variables, and values by their paths. */
function sorted(
  set: Readonly<Record<string, string>>,
): Record<'paths' | 'variables', Record<string, string>> {
  const entries = Object.entries(set);
  return {
    paths: Object.fromEntries(entries.filter(([name]) => isPath(name))),
    variables: Object.fromEntries(entries.filter(([name]) => !isPath(name))),
  };
}

/** What stands after the "=", as YAML reads it; what YAML does not read is a text. */
function typedText(text: string): PlainValue {
  const { diagnostics, value } = readSource(text, '--set');
  return diagnostics.length > 0 || value === null ? text : value;
}

/** Takes a topology as YAML would read it: maps, lists, texts, numbers. `label` names it in diagnostics. */
export function topologyFromObject(
  value: unknown,
  label = 'topology',
  fabrics: readonly Fabric[] = FABRICS,
): ParseResult {
  const source = readObject(value, label);
  const { value: plain, diagnostics: found } = source;
  const text = found.length > 0 ? '' : oneLine(plain, Number.POSITIVE_INFINITY);
  const includes = new Includes(label, null, new Variables());
  const diagnostics = [...found, ...undoReuse(source, includes)];
  return finish({ ...source, diagnostics }, { file: label, text }, fabrics);
}

function finish(
  { diagnostics: found, map, value }: Source,
  origin: TopologyOrigin,
  fabrics: readonly Fabric[],
): ParseResult {
  const diagnostics = [...found];
  const unread = new Set(found.map(({ position }) => formatPosition(position)));
  if (value === null) {
    if (diagnostics.length === 0) {
      const remedy = 'a topology begins with "name: ..." and "segments: ..."';
      diagnostics.push(map.diagnostic([], 'value', 'the topology is empty', remedy));
    }
    return { topology: null, document: value, diagnostics: orderDiagnostics(diagnostics) };
  }
  const topology = check(value, map, diagnostics, origin, fabrics);
  // What could not be read is not judged as well.
  const distinct = diagnostics.filter(
    (each, index) => index < found.length || !unread.has(formatPosition(each.position)),
  );
  const ordered = orderDiagnostics(distinct);
  return { document: value, topology: hasErrors(ordered) ? null : topology, diagnostics: ordered };
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
