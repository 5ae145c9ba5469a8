// Faults as intervals, and intervals as steps. `restore` undoes every failure of a machine and `impair: clear`
// every impairment of a cable, so faults that overlap would cure each other: here each resource (a machine, a
// cable, a segment, an object) has its intervals, and only what changes at a boundary becomes a step.

import { emptyMap, type PlainMap } from '../schema/plain-value.ts';
import type { Decis } from './genome.ts';

/** What is wrong with one resource, from when to when. */
export interface Effect {
  /** 'machine worker02', 'cable worker02/eth0', 'impair worker02/eth0', 'segment lan', 'object 3'. */
  readonly resource: string;
  /** 'power', 'agent', 'carrier', 'in', 'out', 'split', 'change'. */
  readonly what: string;
  /** Loss in percent, or groups of machines, or the number of a change. */
  readonly value: EffectValue;
  readonly from: Decis;
  readonly to: Decis | null;
}

/** How much of it. */
export type EffectValue = number | readonly (readonly string[])[];

/** What is wrong with a resource at one time, by what. */
type Condition = ReadonlyMap<string, EffectValue>;

/** A step as a scenario would write it, without its time. */
export type Words = Readonly<Record<string, unknown>>;

/** What the commands of a change are. */
export interface ChangeWords {
  readonly does: readonly string[];
  readonly undoes: readonly string[];
}

/** A step with its time. */
export interface TimedWords {
  readonly at: Decis;
  readonly words: Words;
}

/** The steps that make these effects, in order of time; cures come before new faults of the same time. */
export function stepsOf(
  effects: readonly Effect[],
  changes: readonly ChangeWords[],
  end: Decis,
): readonly TimedWords[] {
  const resources = [...new Set(effects.map(({ resource }) => resource))].sort();
  const steps: { readonly at: Decis; readonly cures: boolean; readonly words: Words }[] = [];
  for (const resource of resources) {
    const own = effects.filter((effect) => effect.resource === resource);
    const times = new Set(own.flatMap(({ from, to }) => (to === null ? [from] : [from, to])));
    let before: Condition = new Map();
    for (const at of [...times].sort((a, b) => a - b)) {
      if (at >= end) break;
      const after = conditionAt(own, at);
      const cures = after.size < before.size;
      for (const words of transition(resource, before, after, changes)) {
        steps.push({ at, cures, words });
      }
      before = after;
    }
  }
  return steps
    .map((step, index) => ({ ...step, index }))
    .sort((a, b) => a.at - b.at || Number(b.cures) - Number(a.cures) || a.index - b.index)
    .map(({ at, words }) => ({ at, words }));
}

/** Of two losses the greater, of two partitions the later. */
function conditionAt(effects: readonly Effect[], at: Decis): Condition {
  const condition = new Map<string, EffectValue>();
  const active = effects
    .filter(({ from, to }) => from <= at && (to === null || at < to))
    .sort((a, b) => a.from - b.from);
  for (const { value, what } of active) {
    const known = condition.get(what);
    const isLess = typeof known === 'number' && typeof value === 'number' && value < known;
    if (!isLess) condition.set(what, value);
  }
  return condition;
}

function transition(
  resource: string,
  before: Condition,
  after: Condition,
  changes: readonly ChangeWords[],
): Words[] {
  const space = resource.indexOf(' ');
  const name = resource.slice(space + 1);
  switch (resource.slice(0, space)) {
    case 'machine':
      return ofMachine(name, before, after);
    case 'cable':
      return ofCable(name, before, after);
    case 'impair':
      return ofImpairment(name, before, after);
    case 'segment':
      return ofSegment(name, before, after);
    default:
      return ofObject(before, after, changes);
  }
}

function ofMachine(name: string, before: Condition, after: Condition): Words[] {
  const steps: Words[] = [];
  const wasOff = before.has('power');
  const isOff = after.has('power');
  const agentEnds = before.has('agent') && !after.has('agent');
  if ((wasOff && !isOff) || (agentEnds && !isOff)) steps.push({ restore: name });
  if (isOff && !wasOff) steps.push({ fail: name });
  const agentBegins = after.has('agent') && (!before.has('agent') || wasOff);
  if (agentBegins && !isOff) steps.push({ fail: name, how: 'agent-stopped' });
  return steps;
}

function ofCable(name: string, before: Condition, after: Condition): Words[] {
  const ended = [...before.keys()].some((what) => !after.has(what));
  const steps: Words[] = ended ? [{ link: name, state: 'up' }] : [];
  for (const what of ['in', 'out', 'carrier']) {
    if (!after.has(what) || (before.has(what) && !ended)) continue;
    const direction = what === 'carrier' ? {} : { direction: what };
    steps.push({ link: name, state: 'down', ...direction });
  }
  return steps;
}

function ofImpairment(name: string, before: Condition, after: Condition): Words[] {
  const steps: Words[] = before.size === 0 ? [] : [{ impair: name, clear: true }];
  for (const direction of ['in', 'out']) {
    const loss = after.get(direction);
    if (loss !== undefined) steps.push({ impair: name, direction, loss: `${loss}%` });
  }
  return steps;
}

function ofSegment(name: string, before: Condition, after: Condition): Words[] {
  const groups = after.get('split');
  if (groups === before.get('split')) return [];
  if (groups === undefined || typeof groups === 'number') return [{ heal: name }];
  return [{ partition: groups, segment: name }];
}

function ofObject(before: Condition, after: Condition, changes: readonly ChangeWords[]): Words[] {
  const lines: string[] = [];
  const was = before.get('change');
  const is = after.get('change');
  if (was === is) return [];
  if (typeof was === 'number') lines.push(...(changes[was]?.undoes ?? []));
  if (typeof is === 'number') lines.push(...(changes[is]?.does ?? []));
  return lines.map((oc) => ({ oc }));
}

/** A step as a plain value of a document. */
export function documentStep({ at, words }: TimedWords): PlainMap {
  return Object.assign(emptyMap(), { at: decisText(at) }, words);
}

/** 123 → '12.3s'. */
export function decisText(at: Decis): string {
  return `${at / 10}s`;
}
