// Writes the rows of a zone into its database, and remembers which of them stand for which pod.

import {
  familyOf,
  gatewayRouter,
  type IpFamily,
  type NatRow,
  NODE_ADDRESSES,
  type NorthboundDatabase,
  SERVED_PODS,
} from '../../northbound.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { isEligible } from '../view/pod-view.ts';
import { isOnPrimary, primaryAddress, type ZoneNode } from '../view/zone-nodes.ts';
import type { PodState } from './pod-state.ts';
import {
  allowPolicies,
  ownerOf,
  qosRows,
  REROUTE_PRIORITY,
  rowsOfPod,
  sourceRoutes,
  type Zone,
} from './rows.ts';

/** Tables that have rows of pods. */
type PodTable = 'policy' | 'nat' | 'networkPolicy';

/** What rows are written with. */
export interface ZoneWriterOptions {
  readonly zone: Zone;
  readonly database: NorthboundDatabase;
  readonly clusterSubnets: readonly string[];
  readonly podSnat: boolean;
  /** What the zone knows now. */
  readonly view: () => ClusterView;
}

/** Writes the rows of one zone. */
export class ZoneWriter {
  readonly #options: ZoneWriterOptions;
  readonly #written = new Map<string, readonly (readonly [PodTable, string])[]>();
  readonly #served = new Set<string>();

  constructor(options: ZoneWriterOptions) {
    this.#options = options;
  }

  /** Keys of the rows that stand for a pod. */
  written(pod: string): readonly (readonly [PodTable, string])[] {
    return this.#written.get(pod) ?? [];
  }

  /** Makes the database say what the state of a pod says, in one transaction. */
  writePod(state: PodState, keepsNats = false): void {
    const { database, podSnat } = this.#options;
    database.transact(() => {
      const { policies, nats, networkPolicies } = rowsOfPod(this.#options.zone, state);
      const now: (readonly [PodTable, string])[] = [
        ...policies.map(({ key }) => ['policy', key] as const),
        ...nats.map(({ key }) => ['nat', key] as const),
        ...networkPolicies.map(({ key }) => ['networkPolicy', key] as const),
      ];
      const keys = new Set(now.map(([table, key]) => `${table} ${key}`));
      for (const [table, key] of this.#written.get(state.key) ?? []) {
        if (!keys.has(`${table} ${key}`) && !(keepsNats && table === 'nat'))
          database.remove(table, key);
      }
      for (const row of policies) database.put('policy', row);
      for (const row of nats) database.put('nat', row);
      for (const row of networkPolicies) database.put('networkPolicy', row);
      if (now.length === 0) this.#written.delete(state.key);
      else this.#written.set(state.key, now);
      this.setServed(state, state.items.size > 0);
      if (podSnat && !this.#options.zone.profile.quirks.has('ovnk-node-snat-wins'))
        this.#removeNodeSnat(state);
    });
  }

  /** A pod on its egress node has one SNAT row only. */
  #removeNodeSnat(state: PodState): void {
    const {
      database,
      zone: { isLocal },
    } = this.#options;
    const node = this.#options.view().nodes.get(state.node);
    if (!isLocal(state.node) || node === undefined || state.network !== null) return;
    for (const ip of state.ips) {
      const isTranslated = [...state.items.values()].some(
        (item) =>
          item.node === state.node &&
          familyOf(item.egressIP) === familyOf(ip) &&
          isOnPrimary(node, item.egressIP),
      );
      if (isTranslated) database.remove('nat', nodeSnatKey(state.node, ip));
    }
  }

  /** Puts it back when the egress IP has left the node. */
  restoreNodeSnat(state: PodState, egressNode: string): void {
    const {
      podSnat,
      database,
      zone: { isLocal },
    } = this.#options;
    const pod = this.#options.view().pods.get(state.key);
    if (!podSnat || egressNode !== state.node || !isLocal(state.node) || pod === undefined) return;
    if (!isEligible(pod)) return;
    for (const ip of state.ips) {
      const stillHere = [...state.items.values()].some(
        (item) => item.node === state.node && familyOf(item.egressIP) === familyOf(ip),
      );
      const row = stillHere ? null : nodeSnat(this.#options.view().nodes.get(state.node), ip);
      if (row !== null) database.put('nat', row);
    }
  }

  /** Local pods that an egress IP serves are an address set. */
  setServed(state: PodState, isServed: boolean): void {
    const {
      database,
      zone: { isLocal },
    } = this.#options;
    if (!isLocal(state.node)) return;
    let hasChanged = false;
    for (const ip of state.ips) {
      if (isServed === this.#served.has(ip)) continue;
      hasChanged = true;
      if (isServed) this.#served.add(ip);
      else this.#served.delete(ip);
    }
    if (!hasChanged) return;
    database.put('addressSet', { key: SERVED_PODS, externalIds: {}, addresses: [...this.#served] });
  }

  /** What a zone has whatever its pods are. */
  writeZone(): void {
    const {
      clusterSubnets,
      database,
      view,
      zone: { isLocal },
    } = this.#options;
    const { hostAddresses: addresses, nodes } = view();
    database.put('addressSet', { key: NODE_ADDRESSES, externalIds: {}, addresses });
    const families = (['ip4', 'ip6'] as const).filter((family: IpFamily) =>
      [...clusterSubnets, ...addresses].some((text) => familyOf(text) === family),
    );
    for (const policy of allowPolicies(this.#options.zone, clusterSubnets, families))
      database.put('policy', policy);
    for (const node of nodes.values()) {
      if (!isLocal(node.name)) continue;
      for (const row of qosRows(this.#options.zone, node.name, families)) database.put('qos', row);
      for (const route of sourceRoutes(this.#options.zone, clusterSubnets, node))
        database.put('route', route);
    }
  }

  /** Objects by pod, as the rows of an earlier run say. */
  formerByPod(): ReadonlyMap<string, string> {
    const { database } = this.#options;
    const former = new Map<string, string>();
    for (const { externalIds } of [...database.nats, ...database.policies]) {
      const owner = ownerOf(externalIds);
      if (owner !== null) former.set(owner.pod, owner.object);
    }
    return former;
  }

  /** Objects that served before the start. */
  formerServers(): ReadonlySet<string> {
    return new Set(this.formerByPod().values());
  }

  /** NAT rows of egress IPs that stand. */
  formerNats(): ReadonlySet<string> {
    return new Set(
      this.#options.database.nats
        .filter(({ logicalPort }) => logicalPort !== null)
        .map(({ key }) => key),
    );
  }

  /** Keys of all rows that stand for a pod. */
  wantedKeys(): ReadonlySet<string> {
    return new Set([...this.#written.values()].flat().map(([, key]) => key));
  }

  /** Rows of egress IPs that nobody wants. */
  removeLeftOver(wanted: ReadonlySet<string>): void {
    const { database } = this.#options;
    for (const { key, priority } of database.policies) {
      if (priority === REROUTE_PRIORITY && !wanted.has(key)) database.remove('policy', key);
    }
    for (const { key, logicalPort } of database.nats) {
      if (logicalPort !== null && !wanted.has(key)) database.remove('nat', key);
    }
  }
}

/** The row that gives a pod the address of its node; null when the node has none of that family. */
export function nodeSnat(node: ZoneNode | undefined, ip: string): NatRow | null {
  const externalIp = node === undefined ? null : primaryAddress(node, familyOf(ip));
  return node === undefined || externalIp === null ? null : snatToNode(node.name, externalIp, ip);
}

/** The row that gives a pod the address `externalIp` of its node. */
export function snatToNode(node: string, externalIp: string, ip: string): NatRow {
  return {
    key: nodeSnatKey(node, ip),
    externalIds: {},
    router: gatewayRouter(node),
    type: 'snat',
    externalIp,
    logicalIp: ip,
    logicalPort: null,
  };
}

/** The key of that row. */
export function nodeSnatKey(node: string, ip: string): string {
  return `node_${gatewayRouter(node)}_${ip}`;
}
