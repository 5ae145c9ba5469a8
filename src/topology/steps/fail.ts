// `fail: worker02` and `restore: worker02`: the ways in which a machine can die.

import { z } from 'zod';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** power-off: says nothing more. unplugged: lives, every cable out. agent-stopped: its SDN agent is gone, the datapath stays. */
export type FailureKind = 'power-off' | 'unplugged' | 'agent-stopped';

/** Makes a machine fail. */
export interface FailStep extends StepBase {
  readonly kind: 'fail';
  /** A host or node; a node when `how` is agent-stopped. */
  readonly machine: string;
  readonly how: FailureKind;
}

/** Undoes every failure of the machine; what was powered off boots with a clean slate. */
export interface RestoreStep extends StepBase {
  readonly kind: 'restore';
  readonly machine: string;
}

const machineName = z.string({ error: 'expected the name of a host or node' });
const how: z.ZodType<FailureKind> = z.enum(['power-off', 'unplugged', 'agent-stopped']);

/** `fail:` as a scenario writes it. */
export const fail: StepDefinition<FailStep> = defineStep(
  'fail',
  z
    .strictObject({
      ...stepShape,
      fail: machineName.describe('The host or node that fails'),
      how: how
        .exactOptional()
        .describe(
          'power-off (the default): silent from then on; unplugged: keeps running, its cables are pulled; ' +
            'agent-stopped: its SDN agent is gone, the datapath stays',
        ),
    })
    .meta({ id: 'failStep' }),
  (context, { fail: machine, how: given }, base, path) => {
    if (!context.known(machine, [...path, 'fail'], 'host', 'node')) return null;
    if (given === 'agent-stopped' && !context.declared.has('node', machine)) {
      const message = `"${machine}" is a host and runs no agent`;
      context.report([...path, 'how'], message, 'use power-off or unplugged');
    }
    return { ...base, kind: 'fail', machine, how: given ?? 'power-off' };
  },
);

/** `restore:` as a scenario writes it. */
export const restore: StepDefinition<RestoreStep> = defineStep(
  'restore',
  z
    .strictObject({
      ...stepShape,
      restore: machineName.describe('The host or node whose failures are undone'),
    })
    .meta({ id: 'restoreStep' }),
  (context, { restore: machine }, base, path) =>
    context.known(machine, [...path, 'restore'], 'host', 'node')
      ? { ...base, kind: 'restore', machine }
      : null,
);
