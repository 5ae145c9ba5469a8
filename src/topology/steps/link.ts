// `link: db/eth0, state: down`: a cable loses its carrier, or one direction goes dark silently.

import type { CableTarget, Direction, StepBase } from './step.ts';

export interface LinkStep extends StepBase {
  readonly kind: 'link';
  readonly target: CableTarget;
  readonly up: boolean;
  /** 'both' takes the carrier away; one direction alone loses frames while the carrier stays. */
  readonly direction: Direction;
}
