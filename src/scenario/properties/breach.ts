// How a property was broken: about what, since when, and what was seen.

import type { Nanos } from '../../sim/time.ts';

/** What a property was broken about. */
export interface Subject {
  readonly kind: 'address' | 'flow' | 'machine' | 'lab';
  readonly name: string;
}

/** One broken promise. */
export interface Breach {
  readonly subject: Subject;
  /** When the bad state began. */
  readonly since: Nanos;
  /** When it had lasted too long. */
  readonly at: Nanos;
  /** What was seen, in one line without a period. */
  readonly saw: string;
}

/** Tells of a bad state that is there now. `since`, where it is known to have begun earlier than it is seen. */
export type TellBreach = (subject: Subject, saw: string, since?: Nanos) => void;
