// The reasons of all rooms in one table, one line a room.

import { FABRIC_DROPS } from '../fabric/drop-reasons.ts';
import { LinkDrop } from '../link/drop-reason.ts';
import { NatDrop } from '../nat/drop-reason.ts';
import { StackDrop } from '../stack/drop-reason.ts';

/** Every reason for which anything in a lab can be dropped, in the order of src/REFERENCE.md. */
export const DROP_REASONS: readonly LabDropReason[] = [
  ...Object.values(LinkDrop),
  ...Object.values(StackDrop),
  ...Object.values(NatDrop),
  ...FABRIC_DROPS,
];

/** One of them. */
export type LabDropReason =
  | (typeof LinkDrop)[keyof typeof LinkDrop]
  | (typeof StackDrop)[keyof typeof StackDrop]
  | (typeof NatDrop)[keyof typeof NatDrop]
  | (typeof FABRIC_DROPS)[number];
