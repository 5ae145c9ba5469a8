// One run of an exploration: a variant is built and played, properties are judged, and no report is made.
// Bounded by the scheduler's guard against storms and by whoever watches the clock; both are findings.

import { EgressLabError } from '../base/errors.ts';
import type { Breach } from '../scenario/properties/breach.ts';
import { ScenarioSession } from '../scenario/session.ts';
import { hashName } from '../sim/random.ts';
import { type Nanos, seconds } from '../sim/time.ts';
import { propertyText } from '../topology/properties/property.ts';
import type { Topology } from '../topology/topology.ts';
import { DECI, type ExploreBase } from './base.ts';
import { Behavior } from './behavior.ts';
import { type Decis, digestOf, type Genome, genomeId } from './genome.ts';

/** A property that a run broke. */
export interface BrokenProperty extends Breach {
  /** 'outage<45s', or the name of one of the user's own. */
  readonly property: string;
}

/** `storm`: it fed itself; `hang`: it took too long; `error`: the lab failed. Else `ok`. */
export type ExploreOutcome = 'ok' | 'storm' | 'hang' | 'error';

/** What became of one run: plain data of bounded size. */
export interface ExploreResult {
  readonly id: string;
  readonly genome: Genome;
  readonly outcome: ExploreOutcome;
  /** What was thrown, when it did not end by itself. */
  readonly problem: string | null;
  readonly broke: readonly BrokenProperty[];
  /** Abstract states, in the order of first sight. */
  readonly states: readonly number[];
  /** When something of the control plane happened: where further faults are well aimed. */
  readonly instants: readonly Decis[];
  /** Names of properties that were judged at least once. */
  readonly judged: readonly string[];
  /** Two runs of one genome have the same. */
  readonly digest: string;
}

/** More say nothing new, and results have to stay small. */
const STATES_LIMIT = 400;
const INSTANTS_LIMIT = 60;
const BROKE_LIMIT = 20;
const SLICE: Nanos = seconds(2);

/** Events at which the cluster decides something. */
const NOTABLE = new Set([
  'egress-ip-assigned',
  'egress-ip-unassigned',
  'egress-ip-claimed',
  'egress-ip-released',
  'egress-ip-announced',
  'node-offline',
  'node-online',
  'peer-offline',
  'peer-online',
]);

/** `isLate`: asked now and then; true ends the run as one that hangs. */
export function runGenome(
  base: ExploreBase,
  genome: Genome,
  isLate: () => boolean = () => false,
): ExploreResult {
  return runTopology(base.variant(genome), base, genome, isLate);
}

function runTopology(
  topology: Topology,
  base: ExploreBase,
  genome: Genome,
  isLate: () => boolean,
): ExploreResult {
  const behavior = new Behavior();
  const instants = new Set<Decis>();
  let digest = 0;
  let outcome: ExploreOutcome = 'ok';
  let problem: string | null = null;
  const session = new ScenarioSession(topology, { fabrics: base.fabrics });
  try {
    const { judge, lab } = session;
    judge?.onLook((world) => behavior.look(world));
    lab.events.subscribe(({ at, kind, source }) => {
      digest = hashName(`${digest} ${at} ${source} ${kind}`);
      if (NOTABLE.has(kind) && instants.size < INSTANTS_LIMIT) instants.add(Math.round(at / DECI));
    });
    session.begin();
    const { duration } = topology.scenario;
    while (lab.now < duration && outcome === 'ok') {
      lab.scheduler.advanceTo(Math.min(lab.now + SLICE, duration));
      if (isLate()) outcome = 'hang';
    }
  } catch (error) {
    const isStorm = error instanceof EgressLabError && error.code === 'EGL_EVENT_STORM';
    outcome = isStorm ? 'storm' : 'error';
    problem = error instanceof Error ? error.message : String(error);
  } finally {
    session.dispose();
  }
  const watches = [...(session.judge?.watches.values() ?? [])];
  const broke = watches.flatMap((watch) =>
    watch.breaches.map((breach) => ({ ...breach, property: propertyText(watch.property) })),
  );
  return {
    id: genomeId(genome),
    genome,
    outcome,
    problem,
    broke: [...broke, ...unended(outcome, problem, session.lab.now)].slice(0, BROKE_LIMIT),
    states: behavior.states.slice(0, STATES_LIMIT),
    instants: [...instants],
    judged: watches
      .filter(({ judged }) => judged > 0)
      .map(({ property }) => propertyText(property)),
    digest: digestOf(`${digest} ${outcome} ${JSON.stringify(broke)}`),
  };
}

/** A run that does not end by itself is a finding of its own. */
function unended(outcome: ExploreOutcome, problem: string | null, at: Nanos): BrokenProperty[] {
  if (outcome === 'ok') return [];
  const saw = problem ?? 'the run took too long';
  return [{ property: `no-${outcome}`, subject: { kind: 'lab', name: 'run' }, since: at, at, saw }];
}
