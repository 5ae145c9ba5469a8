// `scenario:`: how long, what flows, and what happens when.

import { z } from 'zod';
import { formatDuration } from '../base/quantity.ts';
import type { Path } from '../schema/position.ts';
import { mapping, name, positiveDuration } from '../schema/values.ts';
import type { Nanos } from '../sim/time.ts';
import type { Context } from './context.ts';
import type { Dialect } from './dialect.ts';
import { flowSchema, normalizeFlow, type RawFlow } from './flows.ts';
import { normalizeStep, type RawStep, type Step, stepSchema } from './steps/index.ts';
import type { ScenarioSpec } from './topology.ts';

/** `scenario:` as it is written. */
export interface RawScenario {
  readonly duration: Nanos;
  readonly flows?: Readonly<Record<string, RawFlow>>;
  readonly steps?: readonly RawStep[];
}

/** `scenario:` in one dialect. */
export function scenarioSchema(dialect: Dialect): z.ZodType<RawScenario> {
  return z
    .strictObject({
      duration: positiveDuration.describe('When the run ends'),
      flows: mapping(name, flowSchema)
        .exactOptional()
        .describe('Traffic whose answers are counted'),
      steps: z
        .array(stepSchema(dialect), { error: 'expected a list of steps' })
        .exactOptional()
        .describe('What happens, in order of time'),
    })
    .meta({ id: 'scenario', description: 'What happens in the lab, and what is expected of it' });
}

/** Flows, then steps in the order of time; reports what they name and is not there. */
export function normalizeScenario(
  context: Context,
  raw: RawScenario | undefined,
  path: Path,
): ScenarioSpec {
  if (raw === undefined) return { duration: 0, flows: [], steps: [] };
  const stepsGiven = raw.steps ?? [];
  const end = raw.duration;
  const started = flowsThatSteps('start', stepsGiven);
  const flows = Object.entries(raw.flows ?? {}).flatMap(
    ([flow, given]) =>
      normalizeFlow(context, flow, given, started, raw.duration, [...path, 'flows', flow]) ?? [],
  );
  const steps: Step[] = [];
  // Each file has its steps in order; those of an included one come in between.
  const latest = new Map<string, Nanos>();
  for (const [index, given] of stepsGiven.entries()) {
    const at = [...path, 'steps', index];
    checkEnd(context, given.at, end, [...at, 'at']);
    const { file } = context.position(at);
    const before = latest.get(file) ?? 0;
    checkOrder(context, given.at, before, [...at, 'at']);
    latest.set(file, Math.max(before, given.at));
    const step = normalizeStep(context, given, at);
    if (step !== null) steps.push(step);
  }
  const ordered = latest.size > 1 ? steps.sort((a, b) => a.at - b.at) : steps;
  return { duration: raw.duration, flows, steps: ordered };
}

function checkEnd(context: Context, at: Nanos, duration: Nanos, path: Path): void {
  if (at <= duration) return;
  const message = `${formatDuration(at)} is after the end of the scenario, ${formatDuration(duration)}`;
  context.report(path, message, 'change the time, or the "duration"');
}

function checkOrder(context: Context, at: Nanos, latest: Nanos, path: Path): void {
  if (at >= latest) return;
  const message = `${formatDuration(at)} is before the step above, ${formatDuration(latest)}`;
  context.report(path, message, 'put the steps in order of time');
}

/** Flows whose first mention in a `start` or `stop` step is `verb`: who is started later does not start itself. */
function flowsThatSteps(verb: 'start' | 'stop', steps: readonly RawStep[]): ReadonlySet<string> {
  const first = new Map<unknown, 'start' | 'stop'>();
  for (const { start, stop } of steps) {
    if (start !== undefined && !first.has(start)) first.set(start, 'start');
    if (stop !== undefined && !first.has(stop)) first.set(stop, 'stop');
  }
  const names = [...first].filter(([, way]) => way === verb).map(([flow]) => String(flow));
  return new Set(names);
}
