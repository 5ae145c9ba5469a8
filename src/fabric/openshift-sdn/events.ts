// What the processes of OpenShift SDN say in the event log: the words of all cluster networks, some of
// them with the VNID of the namespace.

import type { EgressEvents } from '../egress-events.ts';

/** By the name of the node where an sdn pod runs, or by `controller`. */
export interface OpenshiftSdnEvents extends EgressEvents {
  readonly 'egress-ip-claimed': {
    readonly ip: string;
    readonly vnid: number;
    readonly interface: string;
  };
  readonly 'egress-ip-claim-failed': {
    readonly ip: string;
    readonly vnid: number;
    readonly error: string;
  };
  readonly 'egress-ip-released': {
    readonly ip: string;
    readonly vnid: number;
    readonly interface: string;
  };
  readonly 'namespace-egress': {
    readonly vnid: number;
    readonly namespace: string;
    readonly pods: readonly string[];
    readonly outcome: 'via' | 'dropped' | 'normal';
    readonly ips: readonly string[];
    readonly nodes: readonly string[];
  };
}
