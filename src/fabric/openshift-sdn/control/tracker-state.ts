// What one tracker believes: nodes by HostSubnet uid, namespaces by VNID, egress IPs by their text,
// and who hosts and who requests each. Plain records; tracker.ts changes them, allocator.ts reads them.

import type { Ipv4Address, Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import type { LogEntry } from './messages.ts';

/** A node that hosts egress IPs or offers ranges. */
export interface NodeRecord {
  readonly uid: string;
  readonly name: string;
  nodeIp: string;
  sdnIp: string;
  requested: ReadonlySet<string>;
  cidrTexts: ReadonlySet<string>;
  cidrs: readonly Ipv4Cidr[];
  /** The verdict of a health monitor. */
  offline: boolean;
  /** How many egress IPs the node can take. */
  readonly capacity: number;
}

/** A namespace that requests egress IPs. */
export interface NamespaceRecord {
  readonly vnid: number;
  /** In order of preference; what is listed twice is kept twice. */
  requested: readonly string[];
  /** What was reported last; null before the first report. */
  outcome: NamespaceOutcome | null;
}

/** An egress IP that a node hosts or a namespace requests. */
export interface EgressIpRecord {
  readonly ip: string;
  /** Null when the text is no address, which only profile v4.3 lets through. */
  readonly address: Ipv4Address | null;
  /** In the order in which they began to list it. */
  readonly nodes: NodeRecord[];
  /** In the order in which they began to request it. */
  readonly namespaces: NamespaceRecord[];
  /** Where it is active; null when it is nowhere. */
  assignedNodeIp: string | null;
}

/** One way out of the cluster. */
export interface Assignment {
  readonly egressIp: string;
  readonly nodeIp: string;
}

/** What becomes of a namespace's external traffic. */
export type NamespaceOutcome =
  | { readonly kind: 'normal' }
  | { readonly kind: 'dropped' }
  /** In the order of the NetNamespace; never empty. */
  | { readonly kind: 'via'; readonly assignments: readonly Assignment[] };

/** Pods leave with the node's address. */
export const NORMAL: NamespaceOutcome = { kind: 'normal' };
/** What pods send is dropped. */
export const DROPPED: NamespaceOutcome = { kind: 'dropped' };

/** Not on a cloud platform: as good as unlimited (2^31 - 1). */
export const UNLIMITED_CAPACITY = 2_147_483_647;

/** The tables of one tracker. Maps keep the order of arrival, so that iterating them is repeatable. */
export interface TrackerState {
  readonly nodesByUid: Map<string, NodeRecord>;
  readonly nodesByIp: Map<string, NodeRecord>;
  readonly namespaces: Map<number, NamespaceRecord>;
  readonly egressIps: Map<string, EgressIpRecord>;
}

/** What should be done because of an event. */
export type TrackerEffect =
  /** An egress IP became active on a node. */
  | {
      readonly kind: 'claim';
      readonly vnid: number;
      readonly egressIp: string;
      readonly nodeIp: string;
      readonly sdnIp: string;
      readonly nodeOffline: boolean;
    }
  /** It is no longer active there. */
  | { readonly kind: 'release'; readonly egressIp: string; readonly nodeIp: string }
  | { readonly kind: 'namespace'; readonly vnid: number; readonly outcome: NamespaceOutcome }
  /** The automatic allocation may have to change. */
  | { readonly kind: 'reallocate' }
  | { readonly kind: 'log'; readonly entry: LogEntry };
