// What every step has, whatever it does.

import type { Position } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';

/** When, where it stands in the file, and how the user wrote it. */
export interface StepBase {
  readonly at: Nanos;
  readonly position: Position;
  /** As written, on one line; for reports. */
  readonly text: string;
}

/** Which way frames go, seen from the machine whose cable it is (for a link: from its `a` end). */
export type CableDirection = 'both' | 'out' | 'in';

/** An interface of a host or node. */
export interface InterfaceReference {
  readonly machine: string;
  readonly interface: string;
}

/** What a cable fault can be aimed at. */
export type CableTarget =
  | { readonly kind: 'interface'; readonly machine: string; readonly interface: string }
  | { readonly kind: 'link'; readonly link: string }
  /** A device of the kernel, and the cable that joins it to the lab. */
  | { readonly kind: 'attachment'; readonly attachment: string };
