// `fail: worker02` and `restore: worker02`: the ways in which a machine can die.

import type { StepBase } from './step.ts';

/** power-off: says nothing more. unplugged: lives, every cable out. agent-stopped: its SDN agent is gone, the datapath stays. */
export type FailureKind = 'power-off' | 'unplugged' | 'agent-stopped';

export interface FailStep extends StepBase {
  readonly kind: 'fail';
  /** A host or node; a node when `how` is agent-stopped. */
  readonly machine: string;
  readonly how: FailureKind;
}

/** Undoes every failure of the machine; what was powered off boots with a clean slate. */
export interface RestoreStep extends StepBase {
  readonly kind: 'restore';
  readonly machine: string;
}
