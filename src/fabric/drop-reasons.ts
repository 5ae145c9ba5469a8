// The drop reasons of all cluster networks, one line each.

import { SdnDrop } from './openshift-sdn/drop-reason.ts';

/** Why the data path of any cluster network drops what it does. */
export const FABRIC_DROPS: readonly FabricDropReason[] = [...Object.values(SdnDrop)];

/** One of them. */
export type FabricDropReason = (typeof SdnDrop)[keyof typeof SdnDrop];
