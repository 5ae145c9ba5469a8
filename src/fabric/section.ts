// The part of a topology's `cluster:` that belongs to one fabric: keys of the cluster itself, and of its
// nodes, namespaces and pods. The reader of topologies mixes them with the keys that every cluster has.

import type { z } from 'zod';
import type { NameKind } from '../schema/declared.ts';
import type { Path } from '../schema/position.ts';
import type { Reporter } from '../schema/reporter.ts';
import type { FabricSettings } from './plan.ts';

/** Keys with the schemas of their values, to be spread into a strict object. */
export type SectionShape = Readonly<Record<string, z.ZodType>>;

/** What the schemas made of the section; leaves are parsed, names are not resolved. */
export interface GivenSection {
  /** Of `cluster.fabric` beside `kind`; empty when only the kind is named. */
  readonly options: unknown;
  readonly cluster: unknown;
  /** By name, in the order of the file. */
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly namespaces: Readonly<Record<string, unknown>>;
  readonly pods: Readonly<Record<string, unknown>>;
}

/** What a fabric adds to the topology file. */
export interface FabricSection {
  /** Keys of `cluster.fabric` beside `kind`. */
  readonly options: SectionShape;
  /** Further keys of `cluster`. */
  readonly cluster: SectionShape;
  readonly node: SectionShape;
  readonly namespace: SectionShape;
  readonly pod: SectionShape;
  /** So many addresses at the beginning of a node's pod subnet are the node's own. */
  readonly nodeAddresses: number;
  /**
   * Resources (by plural) each of whose objects is called like something that the topology declares, so
   * that a misspelled name in an `oc` step is found: `{ nodepools: 'node' }`.
   */
  readonly namedAfter: Readonly<Record<string, NameKind>>;
  /** Fills in defaults and checks what no schema can; `path` is that of `cluster`. */
  normalize(reporter: Reporter, given: GivenSection, path: Path): FabricSettings;
}

type Shape = Readonly<Record<string, z.ZodType>>;
/** What a strict object of these keys becomes: a key that may be left out is missing or whole. */
type Output<S extends Shape> = z.output<z.ZodObject<S>>;

/** Declares a section; `normalize` sees what its own schemas make of the YAML. */
export function defineSection<
  Options extends Shape,
  Cluster extends Shape,
  Node extends Shape,
  Namespace extends Shape,
  Pod extends Shape,
>(definition: {
  readonly options: Options;
  readonly cluster: Cluster;
  readonly node: Node;
  readonly namespace: Namespace;
  readonly pod: Pod;
  readonly nodeAddresses: number;
  readonly namedAfter: Readonly<Record<string, NameKind>>;
  readonly normalize: (
    reporter: Reporter,
    given: {
      readonly options: Partial<Output<Options>>;
      readonly cluster: Output<Cluster>;
      readonly nodes: Readonly<Record<string, Output<Node>>>;
      readonly namespaces: Readonly<Record<string, Output<Namespace>>>;
      readonly pods: Readonly<Record<string, Output<Pod>>>;
    },
    path: Path,
  ) => FabricSettings;
}): FabricSection {
  const { normalize, ...rest } = definition;
  return {
    ...rest,
    // The reader of topologies knows no fabric's types; it hands back what these very schemas made.
    normalize: (reporter, given, path) =>
      normalize(reporter, given as Parameters<typeof normalize>[1], path),
  };
}
