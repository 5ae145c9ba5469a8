// Every kind of fault, one line each, in the order in which they are told.

import type { FaultName } from '../../topology/explore.ts';
import { api } from './api.ts';
import { cable, deaf, flap, loss, mute, swizzle } from './cables.ts';
import type { FaultKind } from './kind.ts';
import { agent, power, rolling } from './machines.ts';
import { partial, split } from './partitions.ts';

/** By name. */
export const FAULT_KINDS: Readonly<Record<FaultName, FaultKind>> = {
  power,
  agent,
  cable,
  deaf,
  mute,
  loss,
  split,
  partial,
  flap,
  swizzle,
  rolling,
  api,
};
