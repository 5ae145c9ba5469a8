// `start` and `stop`: sets a flow going, or ends it.

import type { StartStep, StopStep } from '../../topology/steps/traffic.ts';
import type { ScenarioRun } from '../scenario-run.ts';

export function start({ flows }: ScenarioRun, step: StartStep): void {
  flows.get(step.flow)?.start();
}

export function stop({ flows }: ScenarioRun, step: StopStep): void {
  flows.get(step.flow)?.stop();
}
