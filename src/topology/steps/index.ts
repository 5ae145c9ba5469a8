// Every kind of step, one line each.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import {
  type AddAddressStep,
  addAddress,
  type RemoveAddressStep,
  removeAddress,
} from './address.ts';
import { type ArpingStep, arping } from './arping.ts';
import type { StepDefinition } from './definition.ts';
import { type ExpectStep, expect } from './expect.ts';
import { type FailStep, fail, type RestoreStep, restore } from './fail.ts';
import { type ImpairStep, impair } from './impair.ts';
import { type LinkStep, link } from './link.ts';
import {
  type AddNeighborStep,
  addNeighbor,
  type FlushNeighborsStep,
  flushNeighbors,
  type RemoveNeighborStep,
  removeNeighbor,
} from './neighbor.ts';
import { type OcStep, oc } from './oc.ts';
import { type HealStep, heal, type PartitionStep, partition } from './partition.ts';
import { type PingStep, ping } from './ping.ts';
import { type SendStep, send } from './send.ts';
import { type SysctlStep, sysctl } from './sysctl.ts';
import { type StartStep, type StopStep, start, stop } from './traffic.ts';

export type Step =
  | AddAddressStep
  | AddNeighborStep
  | ArpingStep
  | ExpectStep
  | FailStep
  | FlushNeighborsStep
  | HealStep
  | ImpairStep
  | LinkStep
  | OcStep
  | PartitionStep
  | PingStep
  | RemoveAddressStep
  | RemoveNeighborStep
  | RestoreStep
  | SendStep
  | StartStep
  | StopStep
  | SysctlStep;

const DEFINITIONS: readonly StepDefinition[] = [
  oc,
  expect,
  fail,
  restore,
  addAddress,
  removeAddress,
  addNeighbor,
  removeNeighbor,
  flushNeighbors,
  link,
  impair,
  partition,
  heal,
  arping,
  send,
  ping,
  start,
  stop,
  sysctl,
];

/** What every step is before it is known which one. */
export interface RawStep {
  readonly at: Nanos;
  readonly [key: string]: unknown;
}

export const stepSchema: z.ZodType<RawStep> = z
  .union(DEFINITIONS.map(({ schema }) => schema as z.ZodType<RawStep>))
  .meta({ id: 'step' });

/** Null when something was wrong, and reported. */
export function normalizeStep(context: Context, raw: RawStep, path: Path): Step | null {
  const definition = DEFINITIONS.find(({ keyword }) => Object.hasOwn(raw, keyword));
  if (definition === undefined) return null;
  const base = { at: raw.at, position: context.position(path), text: context.text(path, 'at') };
  return definition.normalize(context, raw, base, path);
}

/** The kind of step that this key marks, or null. */
export function stepDefinition(keyword: string): StepDefinition | null {
  return DEFINITIONS.find((definition) => definition.keyword === keyword) ?? null;
}
