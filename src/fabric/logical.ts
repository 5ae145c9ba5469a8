// What a cluster network has besides the kernels of its nodes, for tables: rows of its logical routers and
// connections that its switches track. Plain data, in the words of who prints it.

import type { Nanos } from '../sim/time.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';

/** A policy of a logical router: `ovn-nbctl lr-policy-list`. */
export interface LogicalPolicy {
  /** Whose database has it: a node, or the one database of all. */
  readonly database: string;
  readonly router: string;
  readonly priority: number;
  /** `ip4.src == 10.128.2.5` */
  readonly match: string;
  readonly action: string;
  readonly nexthops: readonly string[];
  /** `pkt_mark=1008`; empty without any. */
  readonly options: string;
  /** The object that wants it; empty for rows that every cluster has. */
  readonly owner: string;
}

/** A NAT row of a logical router: `ovn-nbctl lr-nat-list`. */
export interface LogicalNat {
  readonly database: string;
  readonly router: string;
  /** `snat` */
  readonly type: string;
  readonly externalIp: string;
  readonly logicalIp: string;
  /** Null when it is bound to none. */
  readonly logicalPort: string | null;
  readonly owner: string;
}

/** One direction of a tracked connection. */
export interface ZoneTuple {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** A connection that a switch tracks. */
export interface ZoneEntry {
  readonly zone: number;
  /** Counts the connections of the zone. */
  readonly sequence: number;
  readonly protocol: number;
  /** `ESTABLISHED`; null for protocols without states. */
  readonly state: string | null;
  readonly original: ZoneTuple;
  readonly reply: ZoneTuple;
  readonly replied: boolean;
  readonly translated: boolean;
  readonly mark: number;
  readonly since: Nanos;
  readonly deadline: Nanos;
}

/** How its databases look to people. */
export interface LogicalTables {
  /** How wide `lr-nat-list` of its release is: with the column GATEWAY_PORT, and with MATCH. */
  readonly natColumns: 'plain' | 'gateway-port' | 'match';
  /** Each with the database that it is in. */
  routers(): readonly { readonly database: string; readonly name: string }[];
  policies(): readonly LogicalPolicy[];
  nats(): readonly LogicalNat[];
  /** Oldest first; none for a node that has no such switch. */
  connections(node: string): readonly ZoneEntry[];
}
