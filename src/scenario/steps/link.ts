// `link`: a cable's carrier, or one direction of it.

import type { LinkStep } from '../../topology/steps/link.ts';
import type { ScenarioRun } from '../scenario-run.ts';

export function link({ lab }: ScenarioRun, step: LinkStep): void {
  lab.setLink(step.target, step.up, step.direction);
}
