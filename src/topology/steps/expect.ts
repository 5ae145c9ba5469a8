// `expect: {...}` or a list of them: checked at that moment, the run goes on either way.

import type { Expectation } from '../expectations/index.ts';
import type { StepBase } from './step.ts';

export interface ExpectStep extends StepBase {
  readonly kind: 'expect';
  readonly expectations: readonly Expectation[];
}
