// Every kind of step, one line each.

import type { AddAddressStep, RemoveAddressStep } from './address.ts';
import type { ArpingStep } from './arping.ts';
import type { ExpectStep } from './expect.ts';
import type { FailStep, RestoreStep } from './fail.ts';
import type { ImpairStep } from './impair.ts';
import type { LinkStep } from './link.ts';
import type { OcStep } from './oc.ts';
import type { HealStep, PartitionStep } from './partition.ts';
import type { PingStep } from './ping.ts';
import type { StartStep, StopStep } from './traffic.ts';

export type Step =
  | AddAddressStep
  | ArpingStep
  | ExpectStep
  | FailStep
  | HealStep
  | ImpairStep
  | LinkStep
  | OcStep
  | PartitionStep
  | PingStep
  | RemoveAddressStep
  | RestoreStep
  | StartStep
  | StopStep;
