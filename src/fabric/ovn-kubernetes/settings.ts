// What a topology says of OVN-Kubernetes, as plain data: `ClusterPlan.fabric.settings`.

import type { FabricSettings } from '../plan.ts';
import type { ProfileName } from './profile-name.ts';

/** How ordinary pod traffic leaves a node; egress IPs of the primary network take the gateway router in both. */
export type GatewayMode = 'shared' | 'local';

/** A Kubernetes LabelSelector. */
export type SelectorSettings = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
};

/** An EgressIP object that stands in the API at time zero. */
export type EgressIpSettings = {
  readonly egressIps: readonly string[];
  readonly namespaceSelector: SelectorSettings;
  /** Null when it is left out: all pods of the namespaces. */
  readonly podSelector: SelectorSettings | null;
};

/** All of it. */
export type OvnSettings = {
  /** The section of the version matrix. */
  readonly profile: ProfileName;
  /** Quirks, switched on or off by name; only what was given. */
  readonly quirks: Readonly<Record<string, boolean>>;
  readonly gatewayMode: GatewayMode;
  /** Seconds that one health check may take, 0..60; 0 means that all nodes are reachable. */
  readonly reachabilityTimeout: number;
  /** How late the agent of a node hears of the API, by node, in nanoseconds. */
  readonly apiDelays: Readonly<Record<string, number>>;
  /** By name, in the order of the file. */
  readonly egressIPs: Readonly<Record<string, EgressIpSettings>>;
};

/** The settings of a plan whose kind is this fabric's: `section.ts` has made them. */
export function ovnSettings(settings: FabricSettings): OvnSettings {
  return settings as OvnSettings;
}
