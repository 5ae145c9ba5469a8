// `partition` and `heal`: who hears whom on a segment.

import type { HealStep, PartitionStep } from '../../topology/steps/partition.ts';
import type { ScenarioRun } from '../scenario-run.ts';

export function partition({ lab }: ScenarioRun, step: PartitionStep): void {
  lab.partition(step.segment, step.groups);
}

export function heal({ lab }: ScenarioRun, step: HealStep): void {
  lab.heal(step.segment);
}
