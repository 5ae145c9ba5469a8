// A topology, for people: read once from YAML or from an object, checked as a whole, and then good for
// any number of labs and runs. What it holds inside is not part of the package's face.

import { EgressLabError } from '../base/errors.ts';
import { type Diagnostic, formatDiagnostics } from '../schema/diagnostic.ts';
import type { PlainValue } from '../schema/plain-value.ts';
import { parseTopology as parseText, topologyFromObject } from '../topology/parse.ts';
import type { Topology as TopologyModel } from '../topology/topology.ts';

/** YAML text, or the same as an object: maps, lists, texts and numbers. */
export type TopologySource = string | object;

/** How a topology is called where something is said about it. */
export interface TopologyOptions {
  /** The file name in messages, reports and captures; 'topology' when left out. */
  readonly file?: string;
}

/** A topology, or null and the reasons why not. */
export interface ParsedTopology {
  /** Null when there is an error among the diagnostics. */
  readonly topology: Topology | null;
  /** All errors and warnings, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A checked topology. It never changes: make as many labs from it as you like.
 *
 * @example
 * ```ts
 * import { readTopology } from 'egresslab';
 *
 * const topology = readTopology(`
 * name: empty
 * segments: { lan: { subnet: 10.0.0.0/24 } }
 * `);
 * console.log(topology.name); // empty
 * ```
 */
export class Topology {
  /** The topology's `name`. */
  readonly name: string;
  /** The topology's `description`; empty when it has none. */
  readonly description: string;
  /** What messages, reports and captures call the file. */
  readonly file: string;
  /** 8 hex digits over the source: tells two versions of a topology apart. */
  readonly digest: string;
  /** The seed that it names, or the default of the file format. */
  readonly seed: number;
  /** @internal */
  readonly model: TopologyModel;
  /**
   * As plain values, with all that it reuses written out.
   * @internal
   */
  readonly document: PlainValue;

  private constructor(model: TopologyModel, document: PlainValue) {
    this.name = model.name;
    this.description = model.description;
    this.file = model.file;
    this.digest = model.digest;
    this.seed = model.seed;
    this.model = model;
    this.document = document;
  }

  /** @internal */
  static of(model: TopologyModel, document: PlainValue): Topology {
    return new Topology(model, document);
  }
}

/**
 * A topology that cannot be read: code EGL_TOPOLOGY_INVALID, and every problem with its place and its cure.
 * The message holds all of them, as a compiler would print them.
 */
export class TopologyError extends EgressLabError {
  /** All problems, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];

  /** @internal */
  constructor(file: string, diagnostics: readonly Diagnostic[]) {
    const count = diagnostics.length === 1 ? '1 problem' : `${diagnostics.length} problems`;
    super(
      'EGL_TOPOLOGY_INVALID',
      `${count} in ${file}\n${formatDiagnostics(diagnostics).trimEnd()}`,
    );
    this.diagnostics = diagnostics;
  }
}

/**
 * Reads a topology and says what is wrong with it, all at once. Never throws.
 *
 * @example
 * ```ts
 * import { parseTopology } from 'egresslab';
 *
 * const { topology, diagnostics } = parseTopology('name: x\nsegments: { lan: { subnet: 10.0.0.0/99 } }');
 * console.log(topology); // null
 * console.log(diagnostics[0]?.position.line); // 2
 * ```
 */
export function parseTopology(
  source: TopologySource,
  options: TopologyOptions = {},
): ParsedTopology {
  const { file = 'topology' } = options;
  const { topology, document, diagnostics } =
    typeof source === 'string' ? parseText(source, { file }) : topologyFromObject(source, file);
  return { topology: topology === null ? null : Topology.of(topology, document), diagnostics };
}

/**
 * Reads a topology, or throws all that is wrong with it.
 * @throws {@link TopologyError}
 *
 * @example
 * ```ts
 * import { readTopology } from 'egresslab';
 *
 * const topology = readTopology({ name: 'empty', segments: { lan: { subnet: '10.0.0.0/24' } } });
 * console.log(topology.seed); // 1
 * ```
 */
export function readTopology(source: TopologySource, options: TopologyOptions = {}): Topology {
  const { topology, diagnostics } = parseTopology(source, options);
  if (topology === null) throw new TopologyError(options.file ?? 'topology', diagnostics);
  return topology;
}

/** Whatever stands for a topology, as one. @throws TopologyError */
export function topologyOf(source: Topology | TopologySource): Topology {
  return source instanceof Topology ? source : readTopology(source);
}
