// The events of all cluster networks, one line each.

import type { EgressEvents } from './egress-events.ts';
import type { OpenshiftSdnEvents } from './openshift-sdn/events.ts';

/** What the processes of any cluster network may say in the log of a lab. */
export type FabricEvents = EgressEvents & OpenshiftSdnEvents;
