// The northbound database of one zone: what ovnkube-controller wants of OVN, as plain rows. The controller
// writes it, the data path reads it and is told of each change. It lies on the node's disk: an agent that
// dies, or a node that reboots, leaves it as it stands. OVN's own schema: ovn-nb(5).

/** The logical router of a zone on which policies and static routes sit. */
export const CLUSTER_ROUTER = 'ovn_cluster_router';

/** The gateway router of a node, on which its NAT rows sit. */
export function gatewayRouter(node: string): string {
  return `GR_${node}`;
}

/** What a policy looks at. Addresses and networks are canonical text, of either family. */
export type PolicyMatch =
  /** `ip4.src == 10.128.2.5`. */
  | { readonly kind: 'source'; readonly source: string }
  /** `ip4.src == 10.128.0.0/14 && ip4.dst == 100.64.0.0/16`. */
  | { readonly kind: 'between'; readonly source: string; readonly destination: string }
  /** From a served pod to an address of any node: both are address sets, `family` says which. */
  | { readonly kind: 'pods-to-nodes'; readonly family: IpFamily }
  /** `pkt.mark == 42`. */
  | { readonly kind: 'mark'; readonly mark: number };

/** As OVN calls them. */
export type IpFamily = 'ip4' | 'ip6';

/** Who wants a row: `external_ids` of OVN. */
export type ExternalIds = Readonly<Record<string, string>>;

/** A row that has a name of its own in its table. */
interface Row {
  /** Unique in the table. */
  readonly key: string;
  readonly externalIds: ExternalIds;
}

/** Logical_Router_Policy of `ovn_cluster_router`. */
export interface RouterPolicy extends Row {
  /** The highest that matches decides. */
  readonly priority: number;
  readonly match: PolicyMatch;
  readonly action: 'reroute' | 'allow';
  /** Of `reroute`: canonical addresses, one per usable egress IP; empty for `allow`. */
  readonly nexthops: readonly string[];
  /** Option `pkt_mark`; null when it is not set. */
  readonly pktMark: number | null;
}

/** NAT of a gateway router. */
export interface NatRow extends Row {
  readonly router: string;
  readonly type: 'snat';
  readonly externalIp: string;
  /** A pod's address, or a network: the longest prefix wins. */
  readonly logicalIp: string;
  /** `k8s-<egress node>` of the rows of egress IPs; null for those to the node's own address. */
  readonly logicalPort: string | null;
}

/** Logical_Router_Static_Route of `ovn_cluster_router`, policy src-ip. */
export interface StaticRoute extends Row {
  readonly prefix: string;
  readonly nexthop: string;
}

/** Address_Set: what policies call by name. */
export interface AddressSet extends Row {
  readonly addresses: readonly string[];
}

/** QoS rule of the node switch: marks packets of served pods that answer connections from outside. */
export interface QosRow extends Row {
  readonly priority: number;
  readonly match: string;
  readonly mark: number;
}

/** A policy of a router of a user-defined network: its pods are marked, br-ex translates by the mark. */
export interface NetworkPolicy extends Row {
  /** `<network>_ovn_cluster_router` or `GR_<network>_<node>`. */
  readonly router: string;
  readonly priority: number;
  readonly match: string;
  /** Empty on gateway routers, where the policy only marks. */
  readonly nexthops: readonly string[];
  readonly pktMark: number;
}

/** The tables of one database. */
interface Tables {
  readonly policy: RouterPolicy;
  readonly nat: NatRow;
  readonly route: StaticRoute;
  readonly addressSet: AddressSet;
  readonly qos: QosRow;
  readonly networkPolicy: NetworkPolicy;
}

/** The name of a table. */
export type NorthboundTable = keyof Tables;

/** One row that came, went or differs from what it was. */
export type NorthboundChange = {
  readonly [Table in NorthboundTable]: {
    readonly table: Table;
    /** Null when it is new. */
    readonly before: Tables[Table] | null;
    /** Null when it is gone. */
    readonly after: Tables[Table] | null;
  };
}[NorthboundTable];

/** Keys of the address sets. */
export const SERVED_PODS = 'egressip-served-pods';
/** Addresses of all nodes. */
export const NODE_ADDRESSES = 'node-ips';

/** The database of one zone. Writes take effect at the end of their transaction, all at once. */
export class NorthboundDatabase {
  readonly #rows: { readonly [Table in NorthboundTable]: Map<string, Tables[Table]> } = {
    policy: new Map(),
    nat: new Map(),
    route: new Map(),
    addressSet: new Map(),
    qos: new Map(),
    networkPolicy: new Map(),
  };
  readonly #listeners = new Set<(changes: readonly NorthboundChange[]) => void>();
  #pending: NorthboundChange[] | null = null;
  #transactions = 0;

  /** So many transactions have changed something. */
  get transactions(): number {
    return this.#transactions;
  }

  /** In the order in which they were made. */
  get policies(): readonly RouterPolicy[] {
    return [...this.#rows.policy.values()];
  }

  get nats(): readonly NatRow[] {
    return [...this.#rows.nat.values()];
  }

  get routes(): readonly StaticRoute[] {
    return [...this.#rows.route.values()];
  }

  get qos(): readonly QosRow[] {
    return [...this.#rows.qos.values()];
  }

  get networkPolicies(): readonly NetworkPolicy[] {
    return [...this.#rows.networkPolicy.values()];
  }

  policy(key: string): RouterPolicy | null {
    return this.#rows.policy.get(key) ?? null;
  }

  nat(key: string): NatRow | null {
    return this.#rows.nat.get(key) ?? null;
  }

  /** The addresses of a set; empty when there is none of that name. */
  addresses(key: string): readonly string[] {
    return this.#rows.addressSet.get(key)?.addresses ?? [];
  }

  /** Calls `listener` after each transaction that changed something, with every change in its order. */
  onChange(listener: (changes: readonly NorthboundChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Everything written inside `write` is one transaction; one inside another joins it. */
  transact(write: () => void): void {
    if (this.#pending !== null) {
      write();
      return;
    }
    const pending: NorthboundChange[] = [];
    this.#pending = pending;
    write();
    this.#pending = null;
    if (pending.length === 0) return;
    this.#transactions++;
    for (const listener of [...this.#listeners]) listener(pending);
  }

  /** Inserts or replaces the row of that key; nothing happens when it is the same. */
  put<Table extends NorthboundTable>(table: Table, row: Tables[Table]): void {
    const rows = this.#rows[table] as Map<string, Tables[Table]>;
    const before = rows.get(row.key) ?? null;
    if (before !== null && JSON.stringify(before) === JSON.stringify(row)) return;
    rows.set(row.key, row);
    this.#note({ table, before, after: row } as NorthboundChange);
  }

  /** Takes a row out; no-op when there is none. */
  remove(table: NorthboundTable, key: string): void {
    const before = this.#rows[table].get(key);
    if (before === undefined) return;
    this.#rows[table].delete(key);
    this.#note({ table, before, after: null } as NorthboundChange);
  }

  #note(change: NorthboundChange): void {
    if (this.#pending === null) this.transact(() => this.#pending?.push(change));
    else this.#pending.push(change);
  }
}

/** A match as ovn-nbctl prints it. */
export function matchText(match: PolicyMatch): string {
  switch (match.kind) {
    case 'source':
      return `${familyOf(match.source)}.src == ${match.source}`;
    case 'between': {
      const family = familyOf(match.source);
      return `${family}.src == ${match.source} && ${family}.dst == ${match.destination}`;
    }
    case 'pods-to-nodes': {
      const { family } = match;
      const version = family === 'ip4' ? 'v4' : 'v6';
      return `(${family}.src == $${setName(SERVED_PODS, version)} || ${family}.src == $${setName('egresssvc-served-pods', version)}) && ${family}.dst == $${setName(NODE_ADDRESSES, version)}`;
    }
    case 'mark':
      return `pkt.mark == ${match.mark}`;
  }
}

/** The name by which a match calls an address set. */
function setName(key: string, version: 'v4' | 'v6'): string {
  return `${key}_${version}`.replaceAll('-', '_');
}

/** The family of an address or network in text. */
export function familyOf(text: string): IpFamily {
  return text.includes(':') ? 'ip6' : 'ip4';
}
