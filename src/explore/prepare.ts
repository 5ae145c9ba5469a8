// From a topology as it is written to one that is explored: expectations out, flows stretched, the end set,
// properties expected at the end. And what is told of the plain run before anything is varied.

import { EgressLabError } from '../base/errors.ts';
import { formatDuration } from '../base/quantity.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { runScenario } from '../scenario/run.ts';
import { ScenarioSession } from '../scenario/session.ts';
import { emptyMap, isMap, type PlainMap, type PlainValue } from '../schema/plain-value.ts';
import { formatPosition } from '../schema/position.ts';
import { type Nanos, seconds } from '../sim/time.ts';
import type { FaultWindow } from '../topology/explore.ts';
import { PROPERTY_NAMES } from '../topology/properties/words.ts';
import type { Topology } from '../topology/topology.ts';
import { DECI, ExploreBase, listAt, mapAt } from './base.ts';
import { type Decis, PLAIN } from './genome.ts';
import type { NamedChange } from './kinds/kind.ts';
import { runGenome } from './run.ts';

/** What an exploration is asked to be; null: as the file says, or as usual. */
export interface PrepareOptions {
  readonly fabrics?: readonly Fabric[];
  readonly window: FaultWindow | null;
  readonly until: Nanos | null;
  /** As they are written: texts, or maps of the file. */
  readonly properties: readonly PlainValue[] | null;
  /** The least time between two requests of a flow. */
  readonly every: Nanos;
}

/** A topology that is ready to be varied. */
export interface Prepared {
  readonly base: ExploreBase;
  /** When faults may begin. */
  readonly window: { readonly from: Decis; readonly to: Decis };
  /** Runs of this lab are judged after so long a rest. */
  readonly settle: Decis;
}

/** How long after the last sign of the control plane the plain run counts as settled. */
const REST: Nanos = seconds(5);
/** From the end of the window to the end of the run. */
const SETTLE: Nanos = seconds(40);
const USUAL_WINDOW: Nanos = seconds(40);

/** Events of a control plane that is at work. */
const AT_WORK = /^(egress-ip-|namespace-egress|node-o|peer-o)/;

/**
 * Plays the plain run first: one that fails is no base for anything.
 * @throws EgressLabError EGL_EXPLORE_BASE, EGL_EXPLORE_SPACE, EGL_TOPOLOGY_INVALID
 */
export async function prepare(
  document: PlainMap,
  topology: Topology,
  options: PrepareOptions,
): Promise<Prepared> {
  const { fabrics = FABRICS } = options;
  refuseAttachments(topology);
  await holdExpectations(topology, fabrics);
  const { changes, settled } = lookAround(topology, fabrics);
  const given = options.window ?? topology.explore?.window ?? null;
  const from = given?.from ?? Math.ceil((settled + REST) / seconds(1)) * seconds(1);
  const to = given?.to ?? from + USUAL_WINDOW;
  const end = options.until ?? topology.explore?.until ?? to + SETTLE;
  if (to >= end) {
    throw new EgressLabError(
      'EGL_EXPLORE_SPACE',
      `the run ends at ${formatDuration(end)}, before the faults do, ${formatDuration(to)}`,
      { hint: 'Give a later end with --until, or an earlier window.' },
    );
  }
  const properties =
    options.properties ?? propertiesOf(document) ?? PROPERTY_NAMES.map((name): PlainValue => name);
  const explored = exploredDocument(document, topology, end, options.every, properties);
  const base = new ExploreBase(explored, changes, fabrics, topology.file);
  const plain = runGenome(base, PLAIN);
  const [broken] = plain.broke;
  if (broken !== undefined) {
    throw new EgressLabError(
      'EGL_EXPLORE_BASE',
      `without any fault, ${topology.name} breaks ${broken.property}: ${broken.saw}`,
      {
        hint: 'Mend the topology, give the property another bound, or leave it out with --properties.',
      },
    );
  }
  const window = { from: Math.round(from / DECI), to: Math.round(to / DECI) };
  return { base, window, settle: Math.round(SETTLE / DECI) };
}

function refuseAttachments({ attachments, name }: Topology): void {
  if (attachments.length === 0) return;
  throw new EgressLabError('EGL_EXPLORE_SPACE', `${name} is attached to a kernel`, {
    hint: 'Explore a topology without "attach": what is explored runs in virtual time.',
  });
}

async function holdExpectations(topology: Topology, fabrics: readonly Fabric[]): Promise<void> {
  const { expectations, problems } = await runScenario(topology, { fabrics });
  const failed = expectations.find(({ verdict }) => verdict !== 'held');
  const [problem] = problems;
  if (failed === undefined && problem === undefined) return;
  const what =
    failed === undefined
      ? `${problem?.code}: ${problem?.message}`
      : `"${failed.text}" fails (${formatPosition(failed.position)}): ${failed.saw.join('; ')}`;
  throw new EgressLabError(
    'EGL_EXPLORE_BASE',
    `the run of ${topology.name} itself fails: ${what}`,
    {
      hint: 'Explore what passes: `egresslab run` shows the whole run.',
    },
  );
}

/** Plays the run once more, to see when the control plane rests and what an administrator might change. */
function lookAround(
  topology: Topology,
  fabrics: readonly Fabric[],
): { readonly changes: readonly NamedChange[]; readonly settled: Nanos } {
  const steps = topology.scenario.steps.filter(({ kind }) => !LEFT_OUT.includes(kind));
  const quiet = { ...topology, scenario: { ...topology.scenario, steps } };
  const session = new ScenarioSession(quiet, { fabrics });
  try {
    let settled: Nanos = steps.at(-1)?.at ?? 0;
    session.lab.events.subscribe(({ at, kind }) => {
      if (AT_WORK.test(kind)) settled = at;
    });
    session.begin();
    session.lab.scheduler.advanceTo(Math.max(settled + seconds(10), seconds(15)));
    const { cluster } = session.lab;
    return { changes: cluster?.fabric.changes(cluster.store) ?? [], settled };
  } finally {
    session.dispose();
  }
}

/** What the file says under `explore.properties`, as it stands there; null when it says nothing. */
export function propertiesOf(document: PlainMap): readonly PlainValue[] | null {
  const found = listAt(mapAt(document, 'explore'), 'properties');
  return found.length === 0 ? null : found;
}

/** What checks, and what breaks: an exploration brings its own. */
const LEFT_OUT = [
  'expect',
  'arping',
  'ping',
  'fail',
  'restore',
  'link',
  'impair',
  'partition',
  'heal',
];

/** The scenario's own faults stay out: what is varied is a lab at rest. All other steps stay. */
function exploredDocument(
  document: PlainMap,
  { scenario: given }: Topology,
  end: Nanos,
  every: Nanos,
  properties: readonly PlainValue[],
): PlainMap {
  const { explore: _explore, defaults: _defaults, include: _include, ...rest } = document;
  const scenario = mapAt(document, 'scenario');
  const { stop: _stop, ...kept } = scenario;
  const flows = Object.entries(mapAt(scenario, 'flows')).map(([name, flow]) => {
    const own = given.flows.find((each) => each.name === name);
    const stretched = formatDuration(Math.max(every, own?.every ?? every));
    return [
      name,
      Object.assign(emptyMap(), isMap(flow) ? flow : {}, { every: stretched }),
    ] as const;
  });
  const steps = listAt(scenario, 'steps').filter(
    (step) => isMap(step) && !LEFT_OUT.some((key) => key in step),
  );
  const expect = properties.map((property) => Object.assign(emptyMap(), { property }));
  const last = Object.assign(emptyMap(), { at: formatDuration(end), expect });
  return Object.assign(emptyMap(), rest, {
    scenario: Object.assign(emptyMap(), kept, {
      duration: formatDuration(end),
      flows: Object.assign(emptyMap(), Object.fromEntries(flows)),
      steps: [...steps, last],
    }),
  });
}
