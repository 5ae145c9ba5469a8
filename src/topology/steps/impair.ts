// `impair: db/eth0, loss: 10%`: changes what cables do to frames; `clear: true` puts back what the
// topology says.

import type { LinkProperties } from '../model.ts';
import type { CableTarget, Direction, StepBase } from './step.ts';

/** A segment means every cable on it. */
export type ImpairTarget = CableTarget | { readonly kind: 'segment'; readonly segment: string };

export interface ImpairStep extends StepBase {
  readonly kind: 'impair';
  readonly target: ImpairTarget;
  readonly direction: Direction;
  /** First return to what the topology says. */
  readonly clear: boolean;
  /** Then change these. */
  readonly change: Partial<LinkProperties>;
}
