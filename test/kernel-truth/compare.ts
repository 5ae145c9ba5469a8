// A case as the lab played it against the case as the kernel did: the rules of `gt.py compare`, plus
// facts, ranges of measured numbers, and that the same checks were made and held.

import { fieldDifferences, isApart } from '../../src/explain/comparison/sequences.ts';
import type { CaseRun } from './case-run.ts';
import { same } from './case-run.ts';
import type { FixtureCase, Json, JsonObject } from './fixture.ts';

export interface Comparison {
  readonly id: string;
  /** Empty when the lab does what the kernel does. */
  readonly differences: readonly string[];
  /** What is left out of the comparison, with the reason. */
  readonly remarks: readonly string[];
  /** Both sequences of events, the kernel's first. */
  readonly events: readonly [readonly JsonObject[], readonly JsonObject[]];
}

type Row = JsonObject & { readonly t: number };

export function compareCase(played: CaseRun): Comparison {
  const { truth } = played;
  const result = played.result();
  const differences: string[] = [];
  const events = [truth.events, result.events].map((list) => played.ordered(waived(played, list)));
  const [theirs = [], ours = []] = events;
  if (truth.variable !== true) {
    const tolerance = truth.tTolerance;
    compareRows('event', theirs, ours, tolerance, differences);
    compareRows('app', appRows(truth.app), appRows(result.app), tolerance, differences);
    const [before, after] = [neighborRows(truth.neigh), neighborRows(result.neigh)];
    compareRows('neighbor', before, after, tolerance, differences);
  }
  compareFacts(played, differences);
  compareMeasures(played, differences);
  compareChecks(played, differences);
  const remarks = played.waivers.map(({ what, reason }) => `without ${what}: ${reason}`);
  return { id: played.id, differences, remarks, events: [theirs, ours] };
}

function compareRows(
  what: string,
  theirs: readonly Row[],
  ours: readonly Row[],
  tolerance: number,
  differences: string[],
): void {
  if (theirs.length !== ours.length) {
    differences.push(`${theirs.length} ${what}s in the kernel, ${ours.length} in the lab`);
  }
  for (const [index, kernel] of theirs.entries()) {
    const lab = ours[index];
    if (lab === undefined) break;
    const wrong = fieldDifferences(kernel, lab, (a, b) => same(a as Json, b as Json));
    if (wrong.length > 0) {
      const pairs = wrong.map(
        ({ field, left, right }) => `${field} ${text(left as Json)} / ${text(right as Json)}`,
      );
      differences.push(`${what} ${index}: ${pairs.join(', ')} (kernel / lab)`);
    } else if (isApart(kernel, lab, tolerance)) {
      differences.push(
        `${what} ${index}: at ${kernel.t} s in the kernel, at ${lab.t} s in the lab (tolerance ${tolerance} s)`,
      );
    }
  }
}

function compareFacts({ truth, facts, waivers }: CaseRun, differences: string[]): void {
  const theirs = truth.facts ?? {};
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(facts)])) {
    if (waivers.some(({ what }) => what === `fact ${name}`)) continue;
    if (same(theirs[name], facts[name])) continue;
    differences.push(`fact ${name}: ${text(theirs[name])} / ${text(facts[name])} (kernel / lab)`);
  }
}

function compareMeasures({ truth, measures, waivers }: CaseRun, differences: string[]): void {
  for (const [name, { min, max }] of Object.entries(truth.measured ?? {})) {
    if (min === undefined && max === undefined) continue;
    if (waivers.some(({ what }) => what === `measured ${name}`)) continue;
    const value = measures[name]?.value;
    const fits =
      typeof value === 'number' &&
      value >= (min ?? Number.NEGATIVE_INFINITY) &&
      value <= (max ?? Number.POSITIVE_INFINITY);
    if (!fits) differences.push(`measured ${name}: ${text(value)} is not in ${min}..${max}`);
  }
}

/** gt.py counts the ranges of measured numbers as checks; here they are their own. */
const RANGE = / in \[[^\]]*\]$/;

function compareChecks({ truth, checks, waivers }: CaseRun, differences: string[]): void {
  const wanted = (truth.checks ?? []).map(({ check }) => check).filter((name) => !RANGE.test(name));
  for (const name of wanted) {
    if (waivers.some(({ what }) => what === `check ${name}`)) continue;
    if (!checks.some(({ check }) => check === name)) differences.push(`not checked: ${name}`);
  }
  for (const { check, ok, got } of checks) {
    if (!ok) differences.push(`check failed: ${check}${got === null ? '' : `, got ${text(got)}`}`);
    if (!wanted.includes(check)) differences.push(`the kernel was not asked: ${check}`);
  }
}

/** The events without the fields that a waiver names, 'inner.l4CsumOk'. */
function waived(played: CaseRun, events: readonly Row[]): Row[] {
  const paths = played.waivers.map(({ what }) => what.split('.'));
  return events.map((event) => paths.reduce(without, event as JsonObject) as Row);
}

function without(object: JsonObject, path: readonly string[]): JsonObject {
  const [key = '', ...rest] = path;
  if (!(key in object)) return object;
  const { [key]: inner, ...others } = object;
  if (rest.length === 0) return others;
  return { ...others, [key]: without(inner as JsonObject, rest) };
}

function appRows(app: FixtureCase['app']): Row[] {
  const hosts = Object.keys(app ?? {}).sort();
  return hosts.flatMap((host) => (app?.[host] ?? []).map((line) => ({ ...line, host })));
}

function neighborRows(lives: FixtureCase['neigh']): Row[] {
  return (lives ?? []).flatMap(({ host, dev, ip, before, timeline }) => [
    { t: 0, host, dev, ip, state: before?.state ?? null, lladdr: before?.lladdr ?? null },
    ...timeline.map((state) => ({ ...state, host, dev, ip })),
  ]);
}

function text(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
