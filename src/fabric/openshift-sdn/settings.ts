// What a topology says of OpenShift SDN, as plain data: `ClusterPlan.fabric.settings`.

import type { FabricSettings } from '../plan.ts';
import type { ProfileName } from './control/profile.ts';

/** Of one node: what its HostSubnet starts with. */
export type NodeSettings = {
  readonly egressIps: readonly string[];
  /** As written: whether host bits matter is up to the profile. */
  readonly egressCidrs: readonly string[];
};

/** Of one namespace: what its NetNamespace starts with. */
export type NamespaceSettings = {
  /** The VNID. */
  readonly netid: number;
  readonly egressIps: readonly string[];
};

/** What a topology says of OpenShift SDN, validated. */
export type SdnSettings = {
  /** The era whose behavior and log lines are wanted. */
  readonly profile: ProfileName;
  /** Quirks of the original, switched on or off by name; only what was given. */
  readonly quirks: Readonly<Record<string, boolean>>;
  /** The addresses of services, in CIDR notation. */
  readonly serviceNetwork: string;
  /** By node. */
  readonly nodes: Readonly<Record<string, NodeSettings>>;
  /** By namespace. */
  readonly namespaces: Readonly<Record<string, NamespaceSettings>>;
};

/** The settings of a plan whose kind is this fabric's: `section.ts` has made them. */
export function sdnSettings(settings: FabricSettings): SdnSettings {
  return settings as SdnSettings;
}
