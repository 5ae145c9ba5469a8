// The topology that an exploration starts from: the file as plain values and as it is read, what of it faults
// can be aimed at, and how one variant of it is made. Only steps are read again for a variant, and each once.

import { EgressLabError } from '../base/errors.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { formatDiagnostics } from '../schema/diagnostic.ts';
import { emptyMap, isMap, type PlainMap, type PlainValue } from '../schema/plain-value.ts';
import type { Nanos } from '../sim/time.ts';
import { topologyFromObject } from '../topology/parse.ts';
import type { Step } from '../topology/steps/index.ts';
import type { Topology } from '../topology/topology.ts';
import { TypedSteps } from '../topology/typed-step.ts';
import { stepsOf, type TimedWords, type Words } from './effects.ts';
import { type Decis, digestOf, type Genome } from './genome.ts';
import { FAULT_KINDS } from './kinds/index.ts';
import type { FaultPlace, NamedChange } from './kinds/kind.ts';

/** A tenth of a second. */
export const DECI: Nanos = 100_000_000;

/** A topology to be varied. */
export class ExploreBase {
  readonly topology: Topology;
  readonly document: PlainMap;
  readonly place: FaultPlace;
  readonly fabrics: readonly Fabric[];
  /** Two bases with one digest are the same. */
  readonly digest: string;
  readonly #typed: TypedSteps;
  readonly #steps = new Map<string, Step>();

  /**
   * `document` is a sound topology as plain values.
   * @throws EgressLabError EGL_TOPOLOGY_INVALID for one that is not
   */
  constructor(
    document: PlainMap,
    changes: readonly NamedChange[],
    fabrics: readonly Fabric[] = FABRICS,
    file = 'topology',
  ) {
    const { diagnostics, topology } = topologyFromObject(document, file, fabrics);
    if (topology === null) {
      throw new EgressLabError('EGL_TOPOLOGY_INVALID', formatDiagnostics(diagnostics).trimEnd());
    }
    this.topology = topology;
    this.document = document;
    this.fabrics = fabrics;
    this.place = placeOf(topology, changes);
    this.digest = digestOf(JSON.stringify([document, changes]));
    const kind = topology.cluster?.fabric.kind;
    this.#typed = new TypedSteps(
      topology,
      fabrics.find((fabric) => fabric.kind === kind),
    );
  }

  /** When a run ends. */
  get end(): Decis {
    return Math.floor(this.topology.scenario.duration / DECI);
  }

  /** The steps that a genome adds. */
  added({ items }: Genome): readonly TimedWords[] {
    const effects = items.flatMap((item) => FAULT_KINDS[item.kind].effects(item, this.place));
    return stepsOf(effects, this.place.changes, this.end);
  }

  /** The variant that a genome means. */
  variant(genome: Genome): Topology {
    const { topology } = this;
    const { duration, flows } = topology.scenario;
    const moved = topology.scenario.steps.map((step, index) =>
      moveStep(step, index, genome, duration),
    );
    const added = this.added(genome).map(({ at, words }) => this.#step(words, at * DECI));
    const steps = [...moved, ...added]
      .map((step, index) => ({ step, index }))
      .sort((a, b) => a.step.at - b.step.at || a.index - b.index)
      .map(({ step }) => step);
    return {
      ...topology,
      seed: genome.seed ?? topology.seed,
      scenario: { duration, flows, steps },
    };
  }

  /** The variant as a document, which reads as `variant` does. */
  documentOf(genome: Genome): PlainMap {
    const scenario = mapAt(this.document, 'scenario');
    const own = this.topology.scenario.steps.map(
      (step, index) => moveStep(step, index, genome, this.topology.scenario.duration).at,
    );
    const steps = [
      ...listAt(scenario, 'steps').map((value, index) => {
        const at = own[index] ?? 0;
        const text =
          isMap(value) && this.topology.scenario.steps[index]?.at === at ? value.at : null;
        return { at, value: withTime(value, text ?? `${at / 1e9}s`) };
      }),
      ...this.added(genome).map(({ at, words }) => ({
        at: at * DECI,
        value: withTime(Object.assign(emptyMap(), words), `${at / 10}s`),
      })),
    ]
      .map((step, index) => ({ ...step, index }))
      .sort((a, b) => a.at - b.at || a.index - b.index)
      .map(({ value }) => value);
    return Object.assign(emptyMap(), this.document, {
      seed: genome.seed ?? this.topology.seed,
      scenario: Object.assign(emptyMap(), scenario, { steps }),
    });
  }

  #step(words: Words, at: Nanos): Step {
    const key = JSON.stringify(words);
    let step = this.#steps.get(key);
    if (step === undefined) {
      step = this.#typed.read(words, 0);
      this.#steps.set(key, step);
    }
    return { ...step, at };
  }
}

function moveStep(step: Step, index: number, { moves }: Genome, duration: Nanos): Step {
  const by = (moves[index] ?? 0) * DECI;
  // What is expected is expected at its time.
  if (by === 0 || step.kind === 'expect') return step;
  return { ...step, at: Math.min(Math.max(0, step.at + by), duration) };
}

function withTime(value: PlainValue, at: PlainValue): PlainMap {
  const own = isMap(value) ? value : emptyMap();
  return Object.assign(emptyMap(), { at }, own, { at });
}

/** The map at a key; an empty one where there is none. */
export function mapAt(value: PlainValue | undefined, key: string): PlainMap {
  const inner = isMap(value) ? value[key] : undefined;
  return isMap(inner) ? inner : emptyMap();
}

/** The list at a key; an empty one where there is none. */
export function listAt(value: PlainValue | undefined, key: string): readonly PlainValue[] {
  const inner = isMap(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner : [];
}

function placeOf(topology: Topology, changes: readonly NamedChange[]): FaultPlace {
  const nodes = topology.cluster?.nodes ?? [];
  const machines = [...topology.hosts, ...nodes.map(({ machine }) => machine)];
  const cables = new Map(
    machines.map(({ interfaces, name }) => [
      name,
      interfaces.flatMap((own) => (own.segment === null ? [] : [`${name}/${own.name}`])),
    ]),
  );
  const segments = new Map(
    topology.segments.map(({ name }) => [
      name,
      machines
        .filter(({ interfaces }) => interfaces.some(({ segment }) => segment === name))
        .map((machine) => machine.name),
    ]),
  );
  const pods = topology.cluster?.pods ?? [];
  const settings: unknown = topology.cluster?.fabric.settings;
  const alike = new Map(
    machines.map(({ name }) => {
      const node = nodes.find((each) => each.name === name);
      if (node === undefined) return [name, name];
      const own = pods.filter((pod) => pod.node === name).map((pod) => pod.namespace);
      const words = [node.role, node.labels, own, settingsOf(settings, name)];
      return [name, JSON.stringify(words)];
    }),
  );
  const names = machines.map(({ name }) => name);
  return {
    machines: names,
    nodes: nodes.map(({ name }) => name),
    cables,
    segments,
    changes,
    alike,
  };
}

/** What a fabric's settings say of one node, whatever that is. */
function settingsOf(settings: unknown, node: string): unknown {
  if (typeof settings !== 'object' || settings === null || !('nodes' in settings)) return null;
  const { nodes } = settings;
  if (typeof nodes !== 'object' || nodes === null) return null;
  return Object.entries(nodes).find(([name]) => name === node)?.[1] ?? null;
}
