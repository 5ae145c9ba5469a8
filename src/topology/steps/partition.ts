// `partition: [worker01, db]` and `heal: lan`: machines on a segment that no longer hear each other.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Context } from '../context.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Splits a segment into groups of machines that do not hear one another. */
export interface PartitionStep extends StepBase {
  readonly kind: 'partition';
  readonly segment: string;
  /**
   * Machines attached to the segment; frames between different groups are lost. Who is in no group
   * hears everybody (with one group written, the rest of the segment is the second one here).
   */
  readonly groups: readonly (readonly string[])[];
}

/** Makes a segment whole again. */
export interface HealStep extends StepBase {
  readonly kind: 'heal';
  readonly segment: string;
}

const machineName = z.string({ error: 'expected the name of a host or node' });
const segmentName = z
  .string({ error: 'expected the name of a segment' })
  .exactOptional()
  .describe('The segment; may be left out in a lab with one segment');

/** A list that is not empty. */
function atLeastOne<T>(value: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(value).min(1, { error: 'expected at least one machine' });
}

/** `partition:` as a scenario writes it. */
export const partition: StepDefinition<PartitionStep> = defineStep(
  'partition',
  z
    .strictObject({
      ...stepShape,
      partition: z
        .union([atLeastOne(machineName), atLeastOne(atLeastOne(machineName))])
        .describe('Machines that are cut off from the rest, or a list of groups'),
      segment: segmentName,
    })
    .meta({ id: 'partitionStep' }),
  (context, raw, base, path) => {
    const segment = whichSegment(context, raw.segment, [...path, 'segment'], path);
    if (segment === null) return null;
    const groups = raw.partition.map((group) => (typeof group === 'string' ? [group] : group));
    const single = raw.partition.every((group) => typeof group === 'string');
    const sound = checkMembers(context, groups, single, segment, [...path, 'partition']);
    if (!sound) return null;
    const written = single ? [groups.flat()] : groups;
    const rest = attached(context, segment).filter((name) => !written.flat().includes(name));
    const complete = written.length === 1 ? [...written, rest] : written;
    return { ...base, kind: 'partition', segment, groups: complete };
  },
);

/** `heal:` as a scenario writes it. */
export const heal: StepDefinition<HealStep> = defineStep(
  'heal',
  z
    .strictObject({
      ...stepShape,
      heal: z.string({ error: 'expected the name of a segment' }).describe('The segment'),
    })
    .meta({ id: 'healStep' }),
  (context, { heal: segment }, base, path) =>
    context.known(segment, [...path, 'heal'], 'segment')
      ? { ...base, kind: 'heal', segment }
      : null,
);

function whichSegment(
  context: Context,
  given: string | undefined,
  at: Path,
  path: Path,
): string | null {
  if (given !== undefined) return context.known(given, at, 'segment') ? given : null;
  const [only, ...others] = context.declared.names('segment');
  if (only !== undefined && others.length === 0) return only;
  const list = [only, ...others].join(', ');
  context.report(path, 'this needs a "segment", for the lab has several', `one of ${list}`, 'key');
  return null;
}

/** Hosts and nodes with an interface on the segment, in the order of the file. */
function attached(context: Context, segment: string): string[] {
  return [...context.machines.values()]
    .filter(({ interfaces }) => interfaces.some((own) => own.segment === segment))
    .map(({ name }) => name);
}

function checkMembers(
  context: Context,
  groups: readonly (readonly string[])[],
  single: boolean,
  segment: string,
  path: Path,
): boolean {
  const here = attached(context, segment);
  const seen = new Set<string>();
  let sound = true;
  for (const [index, group] of groups.entries()) {
    for (const [member, machine] of group.entries()) {
      const at = single ? [...path, index] : [...path, index, member];
      if (!context.known(machine, at, 'host', 'node')) sound = false;
      else if (seen.has(machine)) {
        context.report(at, `"${machine}" is in the partition twice`);
        sound = false;
      } else if (context.machines.has(machine) && !here.includes(machine)) {
        const message = `"${machine}" is not on segment "${segment}"`;
        context.report(at, message, `there are: ${here.join(', ')}`);
        sound = false;
      }
      seen.add(machine);
    }
  }
  return sound;
}
