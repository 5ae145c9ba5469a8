// A step typed at a running lab, read as a step of the scenario would be: same schema, same names,
// same complaints. There is no file around it, so the names come from the topology as it was built.

import { EgressLabError } from '../base/errors.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { Declared } from '../schema/declared.ts';
import { readObject } from '../schema/object-source.ts';
import { emptyMap, isMap, type PlainMap, type PlainValue } from '../schema/plain-value.ts';
import type { Path } from '../schema/position.ts';
import { Pruned } from '../schema/prune.ts';
import { explainIssues } from '../schema/shape.ts';
import type { Nanos } from '../sim/time.ts';
import { Context } from './context.ts';
import { type Dialect, dialectOf, firstOf } from './dialect.ts';
import type { MachineSpec } from './model.ts';
import { normalizeStep, type Step, stepSchema } from './steps/index.ts';
import type { Topology } from './topology.ts';

/** What diagnostics call a command line. */
const LABEL = 'command';
const AT: Path = ['scenario', 'steps', 0];

/** Reads typed steps for one lab; names of pings and arpings are not used twice. */
export class TypedSteps {
  readonly #topology: Topology;
  readonly #dialect: Dialect;
  readonly #pings: Set<string>;
  readonly #arpings: Set<string>;

  /** `fabric` is that of the topology's cluster; any will do where there is none. */
  constructor(topology: Topology, fabric: Fabric = firstOf(FABRICS)) {
    const { steps } = topology.scenario;
    this.#dialect = dialectOf(fabric, FABRICS);
    this.#topology = topology;
    this.#pings = new Set(steps.flatMap((step) => (step.kind === 'ping' ? [step.name] : [])));
    this.#arpings = new Set(steps.flatMap((step) => (step.kind === 'arping' ? [step.name] : [])));
  }

  /** `given` is a step without `at`, such as `{ fail: 'worker02' }`. @throws EgressLabError EGL_COMMAND */
  read(given: unknown, at: Nanos): Step {
    const written = typeof given === 'object' && given !== null ? given : {};
    const names = namesOf(this.#topology);
    const root = {
      ...names,
      scenario: { ...flowsOf(this.#topology), steps: [{ ...written, at: '0s' }] },
    };
    const { value, map, diagnostics } = readObject(root, LABEL);
    if (diagnostics[0] !== undefined) throw complaint(diagnostics[0].message, null);
    const pruned = new Pruned(value);
    const step = valueOfStep(value);
    const schema = stepSchema(this.#dialect);
    const parsed = schema.safeParse(step);
    if (!parsed.success) {
      const [problem] = explainIssues(parsed.error.issues, schema, step);
      throw complaint(problem?.message ?? 'this is not a valid command', problem?.remedy ?? null);
    }
    const context = new Context(new Declared(value), map, pruned, this.#dialect);
    this.#prepare(context);
    const found = normalizeStep(context, parsed.data, AT);
    const [first] = context.diagnostics;
    if (first !== undefined) throw complaint(first.message, first.remedy);
    if (found === null) throw complaint('this is not a valid command', null);
    if (found.kind === 'ping') this.#pings.add(found.name);
    if (found.kind === 'arping') this.#arpings.add(found.name);
    return { ...found, at };
  }

  #prepare(context: Context): void {
    const { cluster, hosts, scenario, segments } = this.#topology;
    for (const segment of segments) context.segments.set(segment.name, segment);
    for (const host of hosts) context.machines.set(host.name, host);
    for (const { machine } of cluster?.nodes ?? []) context.machines.set(machine.name, machine);
    for (const pod of cluster?.pods ?? []) context.pods.set(pod.name, pod);
    for (const flow of scenario.flows) context.flows.set(flow.name, flow);
    for (const name of this.#pings) context.pings.add(name);
    for (const name of this.#arpings) context.arpings.add(name);
  }
}

function complaint(message: string, remedy: string | null): EgressLabError {
  const hint = remedy === null ? {} : { hint: sentence(remedy) };
  return new EgressLabError('EGL_COMMAND', message, hint);
}

/** 'did you mean "lan"?' → 'Did you mean "lan"?' */
function sentence(remedy: string): string {
  const text = remedy.charAt(0).toUpperCase() + remedy.slice(1);
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function valueOfStep(root: PlainValue): PlainMap {
  const scenario = isMap(root) ? root.scenario : undefined;
  const steps = isMap(scenario) ? scenario.steps : undefined;
  const step = Array.isArray(steps) ? steps[0] : undefined;
  return isMap(step) ? step : emptyMap();
}

/** The names that a topology declares, in the shape in which a file would declare them. */
function namesOf({
  attachments,
  cluster,
  hosts,
  links,
  segments,
}: Topology): Record<string, unknown> {
  const named = (names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, {}]));
  const machine = ({ interfaces }: MachineSpec): unknown => ({
    interfaces: named(interfaces.map(({ name }) => name)),
  });
  const nodes = (cluster?.nodes ?? []).map((node) => {
    const { interfaces } = node.machine;
    const others = interfaces.map(({ name }) => name);
    return [node.name, { interface: node.primaryInterface, interfaces: named(others) }];
  });
  return {
    segments: named(segments.map(({ name }) => name)),
    links: links.map(({ name }) => ({ name })),
    attach: attachments.map(({ kind, name }) => ({ [kind]: name })),
    hosts: Object.fromEntries(hosts.map((host) => [host.name, machine(host)])),
    ...(cluster === null
      ? {}
      : {
          cluster: {
            nodes: Object.fromEntries(nodes),
            namespaces: named(cluster.namespaces.map(({ name }) => name)),
            pods: named(cluster.pods.map(({ name }) => name)),
          },
        }),
  };
}

function flowsOf({ scenario }: Topology): { readonly flows: Record<string, unknown> } {
  return { flows: Object.fromEntries(scenario.flows.map(({ name }) => [name, {}])) };
}
