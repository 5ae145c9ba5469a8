// `start: web-to-db` and `stop: web-to-db`: sets a flow going, or ends it.

import type { StepBase } from './step.ts';

export interface StartStep extends StepBase {
  readonly kind: 'start';
  readonly flow: string;
}

export interface StopStep extends StepBase {
  readonly kind: 'stop';
  readonly flow: string;
}
