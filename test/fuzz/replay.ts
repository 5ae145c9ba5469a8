// A fixture against the lab alone: what the kernel did is in the file.

import type { Fixture, Outcome } from './case.ts';
import { difference } from './compare.ts';
import { runInLab } from './lab-side.ts';
import { normalize } from './normalize.ts';

export function labOutcome(
  fixture: Pick<Fixture, 'origin' | 'config' | 'steps' | 'times'>,
): Outcome {
  return normalize(fixture.steps, runInLab(fixture, fixture.times));
}

/** Null when the lab does what the kernel did. */
export function replay(fixture: Fixture): string | null {
  return difference(fixture.expected, labOutcome(fixture));
}
