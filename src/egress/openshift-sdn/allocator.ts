// The automatic allocator (pkg/network/common/egressip.go, chapter 4 of the specification): from what
// a tracker believes to who should host which egress IP. Keeps what is, places the rest, and takes IPs
// away only where a fresh allocation would look very different. Moving an IP takes two runs.

import type { Random } from '../../sim/random.ts';
import { cidrContains } from '../../wire/ipv4-address.ts';
import type { Profile } from './profile.ts';
import type { EgressIpRecord, NamespaceRecord, NodeRecord, TrackerState } from './tracker-state.ts';

/** Node name to the egress IPs it should host: every node with egressCIDRs, even those with none. */
export type Allocation = ReadonlyMap<string, readonly string[]>;

/** What the tracker believes, with the profile's rules and the stream that breaks ties. */
export interface AllocatorInput {
  readonly state: TrackerState;
  readonly profile: Profile;
  readonly random: Random;
}

/** Who should host what. Ties, where the original iterates a map, are drawn from `random`. */
export function allocate(input: AllocatorInput): Allocation {
  const kept = new Draft(input);
  const removed = kept.keepExisting();
  kept.placeRest();
  // Removals are written first; there is time for balance when they have been seen.
  if (removed) return kept.result();
  const ideal = new Draft(input);
  ideal.placeRest();
  const displaced = ideal.contentOfNodesTooEmptyIn(kept);
  if (displaced.length === 0) return kept.result();
  const rebalanced = new Draft(input);
  for (const ip of displaced) rebalanced.exclude(ip);
  rebalanced.keepExisting();
  rebalanced.placeRest();
  return rebalanced.result();
}

/** An allocation under construction. */
class Draft {
  readonly #state: TrackerState;
  readonly #profile: Profile;
  readonly #random: Random;
  readonly #nodes: readonly NodeRecord[];
  readonly #hosted = new Map<NodeRecord, string[]>();
  /** Where the IPs of a namespace are placed so far. */
  readonly #spread = new Map<NamespaceRecord, Set<NodeRecord>>();
  /** Placed, or not to be placed in this run. */
  readonly #settled = new Set<string>();

  constructor({ state, profile, random }: AllocatorInput) {
    this.#state = state;
    this.#profile = profile;
    this.#random = random;
    this.#nodes = [...state.nodesByUid.values()].filter((node) => node.cidrTexts.size > 0);
    for (const node of this.#nodes) this.#hosted.set(node, []);
    for (const record of state.egressIps.values()) {
      if (!this.#isCandidate(record)) this.#settled.add(record.ip);
    }
  }

  exclude(ip: string): void {
    this.#settled.add(ip);
  }

  result(): Allocation {
    return new Map([...this.#hosted].map(([node, ips]) => [node.name, ips]));
  }

  /** 4.2: requested by exactly one VNID, listed by at most one node. Others vanish at the next write. */
  #isCandidate({ namespaces, nodes }: EgressIpRecord): boolean {
    const [namespace] = namespaces;
    if (namespace === undefined || namespaces.length > 1 || nodes.length > 1) return false;
    return !this.#profile.automaticNeedsSingleIp || namespace.requested.length === 1;
  }

  /** 4.3: active IPs stay where they still fit; true when one has to go, which then waits for the next run. */
  keepExisting(): boolean {
    const staticCounts = this.#profile.quirks.has('static-ips-block-rebalancing');
    let removed = false;
    for (const record of this.#state.egressIps.values()) {
      const node = record.nodes[0];
      if (record.assignedNodeIp === null || node === undefined) continue;
      if (this.#settled.has(record.ip)) continue;
      if (!node.offline && this.#hasRoom(node) && covers(node, record)) this.#place(record, node);
      else if (node.cidrTexts.size > 0 || staticCounts) removed = true;
      this.#settled.add(record.ip);
    }
    return removed;
  }

  /** 4.4: first the IPs that only one node can take, then the others. */
  placeRest(): void {
    const order = this.#order();
    for (const record of order) {
      if (this.#settled.has(record.ip)) continue;
      const nodes = this.#eligible(record);
      const [only] = nodes;
      if (only === undefined || nodes.length > 1) continue;
      this.#place(record, only);
      this.#settled.add(record.ip);
    }
    for (const record of order) {
      // An IP listed twice in its namespace comes twice and is placed twice, as in the original.
      if (this.#settled.has(record.ip)) continue;
      const best = this.#best(this.#eligible(record));
      if (best !== null) this.#place(record, best);
    }
  }

  /** 4.5: what this allocation puts on nodes that have less than half of it (rounded down) in the other. */
  contentOfNodesTooEmptyIn(other: Draft): readonly string[] {
    return [...this.#hosted].flatMap(([node, ips]) => {
      const present = other.#hosted.get(node)?.length ?? 0;
      return present < Math.floor(ips.length / 2) ? ips : [];
    });
  }

  #order(): readonly EgressIpRecord[] {
    const { egressIps, namespaces } = this.#state;
    if (this.#profile.allocationOrder === 'shuffled') {
      return this.#random.shuffle([...egressIps.values()]);
    }
    // The most modest namespaces first, then turn by turn; the sort is stable, so ties stay shuffled.
    const byDemand = this.#random
      .shuffle([...namespaces.values()])
      .sort((a, b) => a.requested.length - b.requested.length);
    const order: EgressIpRecord[] = [];
    const turns = byDemand.at(-1)?.requested.length ?? 0;
    for (let turn = 0; turn < turns; turn++) {
      for (const { requested } of byDemand) {
        const record = egressIps.get(requested[turn] ?? '');
        if (record !== undefined) order.push(record);
      }
    }
    return order;
  }

  #eligible(record: EgressIpRecord): readonly NodeRecord[] {
    const siblings = this.#spread.get(record.namespaces[0] as NamespaceRecord);
    return this.#nodes.filter(
      (node) =>
        !node.offline &&
        this.#hasRoom(node) &&
        !(siblings?.has(node) ?? false) &&
        covers(node, record),
    );
  }

  /** Fewest IPs, then most room, then chance. */
  #best(nodes: readonly NodeRecord[]): NodeRecord | null {
    let best: NodeRecord[] = [];
    let fewest = Number.POSITIVE_INFINITY;
    let roomiest = 0;
    for (const node of nodes) {
      const count = this.#count(node);
      const room = node.capacity - count;
      if (count < fewest || (count === fewest && room > roomiest)) {
        best = [];
        fewest = count;
        roomiest = room;
      }
      if (count === fewest && room === roomiest) best.push(node);
    }
    if (best.length > 1) return this.#random.pick(best);
    return best[0] ?? null;
  }

  #count(node: NodeRecord): number {
    return this.#hosted.get(node)?.length ?? 0;
  }

  #hasRoom(node: NodeRecord): boolean {
    return this.#count(node) < node.capacity;
  }

  #place(record: EgressIpRecord, node: NodeRecord): void {
    const ips = this.#hosted.get(node);
    if (ips === undefined) this.#hosted.set(node, [record.ip]);
    else ips.push(record.ip);
    const [namespace] = record.namespaces;
    if (namespace === undefined || this.#profile.quirks.has('siblings-share-a-node')) return;
    const spread = this.#spread.get(namespace);
    if (spread === undefined) this.#spread.set(namespace, new Set([node]));
    else spread.add(node);
  }
}

function covers(node: NodeRecord, { address }: EgressIpRecord): boolean {
  if (address === null) return false;
  for (const cidr of node.cidrs) if (cidrContains(cidr, address)) return true;
  return false;
}
