// `impair`: what cables do to frames from now on.

import type { ImpairStep } from '../../topology/steps/impair.ts';
import type { ScenarioRun } from '../scenario-run.ts';

export function impair({ lab }: ScenarioRun, step: ImpairStep): void {
  lab.impair(step.target, step.change, { direction: step.direction, clear: step.clear });
}
