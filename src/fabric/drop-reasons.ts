// The drop reasons of all cluster networks, one line each.

import { SdnDrop } from './openshift-sdn/drop-reason.ts';
import { OvnDrop } from './ovn-kubernetes/drop-reason.ts';

/** Why the data path of any cluster network drops what it does. */
export const FABRIC_DROPS: readonly FabricDropReason[] = [
  ...Object.values(SdnDrop),
  ...Object.values(OvnDrop),
];

/** One of them. */
export type FabricDropReason =
  | (typeof SdnDrop)[keyof typeof SdnDrop]
  | (typeof OvnDrop)[keyof typeof OvnDrop];
