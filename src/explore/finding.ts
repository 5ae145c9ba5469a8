// A finding: a small topology that breaks a property, and what can be said of it. Confirmed before it is reported:
// the same run again gives the same hash, and most small shifts of its times break the same.

import type { RunReport } from '../scenario/report.ts';
import { emptyMap, isMap, type PlainMap, type PlainValue } from '../schema/plain-value.ts';
import { formatSeconds } from '../sim/time.ts';
import { ExploreBase, listAt, mapAt } from './base.ts';
import { type Genome, itemText } from './genome.ts';
import { type BrokenProperty, runGenome } from './run.ts';
import { type Shrunk, shifted } from './shrink.ts';
import { signatureOf } from './signature.ts';

/** What was found, as plain data. */
export interface ExploreFinding {
  readonly property: string;
  readonly signature: string;
  /** Faults, machines and flows: the smaller, the sooner understood. */
  readonly size: number;
  readonly genome: Genome;
  /** The explored topology that is left; the genome's faults are not in it. */
  readonly explored: PlainMap;
  /** The topology with the faults as steps and the property as the one expectation, which fails. */
  readonly document: PlainMap;
  readonly broke: BrokenProperty;
  /** Shifts of the times that break the same, of so many. */
  readonly shifts: { readonly same: number; readonly of: number };
  /** The same run gave the same hash. */
  readonly reproducible: boolean;
  /** It breaks with the flows as the topology has them; else they are stretched in it. */
  readonly ownFlows: boolean;
  readonly runs: number;
}

/** In tenths of a second. */
const SHIFTS = [-11, -6, -2, 4, 9, 23];

/** `flows`: of the topology as the user wrote it, by name. */
export function confirm(base: ExploreBase, shrunk: Shrunk, flows: PlainMap): ExploreFinding {
  const { broke, document: explored, genome, runs } = shrunk;
  const own = new ExploreBase(explored, base.place.changes, base.fabrics);
  const isSame = (each: BrokenProperty): boolean =>
    each.property === broke.property && each.subject.name === broke.subject.name;
  const again = [runGenome(own, genome), runGenome(own, genome)];
  const same = SHIFTS.filter((by) => runGenome(own, shifted(genome, by)).broke.some(isSame)).length;
  const told = withOwnFlows(explored, flows);
  const written = new ExploreBase(told, base.place.changes, base.fabrics);
  const ownFlows = runGenome(written, genome).broke.some(isSame);
  const chosen = ownFlows ? written : own;
  const document = onlyProperty(chosen.documentOf(genome), broke.property);
  const { cluster, hosts } = own.topology;
  const machines = hosts.length + (cluster?.nodes.length ?? 0) + (cluster?.pods.length ?? 0);
  return {
    property: broke.property,
    signature: signatureOf(own.topology, broke, genome),
    size: genome.items.length * 100 + machines,
    genome,
    explored,
    document,
    broke,
    shifts: { same, of: SHIFTS.length },
    reproducible: again[0]?.digest === again[1]?.digest,
    ownFlows,
    runs: runs + SHIFTS.length + 3,
  };
}

/** The three sentences: what was done, what broke, and why as far as the analysis knows. */
export function story(finding: ExploreFinding, report: RunReport | null): readonly string[] {
  const { broke, genome, property } = finding;
  const faults = genome.items.map(itemText).join('; ');
  const done = faults === '' ? 'Nothing was done to the lab.' : `Done to the lab: ${faults}.`;
  const seen = `From ${formatSeconds(broke.since)} s on ${broke.saw}, which breaks ${property}.`;
  return [done, seen, why(finding, report)];
}

function why({ broke, shifts }: ExploreFinding, report: RunReport | null): string {
  const { kind, name } = broke.subject;
  const stage = report?.analysis?.flows.find(({ flow }) => flow === name)?.stages[0];
  if (kind === 'flow' && stage !== undefined) return `The analysis says: ${stage.text}.`;
  const about = report?.analysis?.addresses.find(({ address }) => address === name);
  const duplicate = about?.duplicates.find(({ kind: how }) => how === 'conflict');
  if (duplicate !== undefined) {
    return `The analysis says: ${duplicate.machines.join(' and ')} both answered from ${formatSeconds(duplicate.from)} s on.`;
  }
  const last = report?.timeline.findLast(({ at }) => at <= broke.since);
  const before = last === undefined ? '' : `Just before, ${last.source} ${last.text}. `;
  return `${before}${shifts.same} of ${shifts.of} shifts of its times break the same.`;
}

/** Flows ask as often as the user wrote. */
function withOwnFlows(document: PlainMap, flows: PlainMap): PlainMap {
  const scenario = mapAt(document, 'scenario');
  const own = Object.entries(mapAt(scenario, 'flows')).map(([name, flow]): [string, PlainValue] => {
    const original = flows[name];
    if (!isMap(flow) || !isMap(original)) return [name, flow];
    const { every: _every, ...rest } = flow;
    const every = original.every === undefined ? {} : { every: original.every };
    return [name, Object.assign(emptyMap(), rest, every)];
  });
  return Object.assign(emptyMap(), document, {
    scenario: Object.assign(emptyMap(), scenario, {
      flows: Object.assign(emptyMap(), Object.fromEntries(own)),
    }),
  });
}

/** Of the properties only the one that is broken is expected. */
function onlyProperty(document: PlainMap, property: string): PlainMap {
  const scenario = mapAt(document, 'scenario');
  const steps = listAt(scenario, 'steps').map((step): PlainValue => {
    if (!isMap(step) || !Array.isArray(step.expect)) return step;
    const expect = step.expect.filter((each) => isAbout(each, property));
    // A run that does not end by itself fails by that.
    return Object.assign(emptyMap(), step, { expect: expect.length === 0 ? step.expect : expect });
  });
  return Object.assign(emptyMap(), document, {
    scenario: Object.assign(emptyMap(), scenario, { steps }),
  });
}

function isAbout(expectation: PlainValue, property: string): boolean {
  const given = isMap(expectation) ? expectation.property : undefined;
  const text = isMap(given) ? given.name : given;
  return typeof text === 'string' && text.replace(/\s/g, '') === property;
}
