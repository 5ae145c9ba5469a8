// `partition: [worker01, db]` and `heal: lan`: machines on a segment that no longer hear each other.

import type { StepBase } from './step.ts';

export interface PartitionStep extends StepBase {
  readonly kind: 'partition';
  readonly segment: string;
  /**
   * Machines attached to the segment; frames between different groups are lost. Who is in no group
   * hears everybody (with one group written, the rest of the segment is the second one here).
   */
  readonly groups: readonly (readonly string[])[];
}

export interface HealStep extends StepBase {
  readonly kind: 'heal';
  readonly segment: string;
}
