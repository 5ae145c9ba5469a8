// `fail` and `restore`: the ways in which a machine dies and comes back.

import type { FailStep, RestoreStep } from '../../topology/steps/fail.ts';
import type { ScenarioRun } from '../scenario-run.ts';

export function fail({ lab }: ScenarioRun, step: FailStep): void {
  lab.fail(step.machine, step.how);
}

export function restore({ lab }: ScenarioRun, step: RestoreStep): void {
  lab.restore(step.machine);
}
