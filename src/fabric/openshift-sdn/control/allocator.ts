// The automatic allocator (pkg/network/common/egressip.go, chapter 4 of the specification): from what
// a tracker believes to who should host which egress IP. Keeps what is, places the rest, and takes IPs
// away only where a fresh allocation would look very different. Moving an IP takes two runs.

import type { Random } from '../../../sim/random.ts';
import { cidrContains } from '../../../wire/ipv4-address.ts';
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

/** A node and what it hosts so far. */
interface Slot {
  readonly node: NodeRecord;
  readonly ips: string[];
}

/** An allocation under construction. */
class Draft {
  readonly #state: TrackerState;
  readonly #profile: Profile;
  readonly #random: Random;
  /** The nodes with egressCIDRs, in order of arrival. */
  readonly #slots: readonly Slot[];
  /** Where the IPs of a namespace are placed so far. */
  readonly #spread = new Map<NamespaceRecord, Set<Slot>>();
  /** Placed, or not to be placed in this run. */
  readonly #settled = new Set<string>();

  constructor({ state, profile, random }: AllocatorInput) {
    this.#state = state;
    this.#profile = profile;
    this.#random = random;
    const nodes = [...state.nodesByUid.values()].filter((node) => node.cidrTexts.size > 0);
    this.#slots = nodes.map((node) => ({ node, ips: [] }));
    for (const record of state.egressIps.values()) {
      if (!this.#isCandidate(record)) this.#settled.add(record.ip);
    }
  }

  exclude(ip: string): void {
    this.#settled.add(ip);
  }

  result(): Allocation {
    return new Map(this.#slots.map(({ node, ips }) => [node.name, ips]));
  }

  /** 4.2: requested by exactly one VNID, listed by at most one node. Others vanish at the next write. */
  #isCandidate({ namespaces, nodes }: EgressIpRecord): boolean {
    const [namespace] = namespaces;
    if (namespace === undefined || namespaces.length > 1 || nodes.length > 1) return false;
    return !this.#profile.automaticNeedsSingleIp || namespace.requested.length === 1;
  }

  /** 4.3: active IPs stay where they still fit; true when one has to go, which then waits for the next run. */
  keepExisting(): boolean {
    const slots = new Map(this.#slots.map((slot) => [slot.node, slot]));
    const staticCounts = this.#profile.quirks.has('static-ips-block-rebalancing');
    let removed = false;
    for (const record of this.#state.egressIps.values()) {
      const node = record.nodes[0];
      if (record.assignedNodeIp === null || node === undefined) continue;
      if (this.#settled.has(record.ip)) continue;
      const slot = slots.get(node);
      if (slot !== undefined && canTake(slot, record)) this.#place(record, slot);
      else if (slot !== undefined || staticCounts) removed = true;
      this.#settled.add(record.ip);
    }
    return removed;
  }

  /** 4.4: first the IPs that only one node can take, then the others. */
  placeRest(): void {
    const order = this.#order();
    for (const record of order) {
      if (this.#settled.has(record.ip)) continue;
      const only = this.#onlyTaker(record);
      if (only === null) continue;
      this.#place(record, only);
      this.#settled.add(record.ip);
    }
    for (const record of order) {
      // An IP listed twice in its namespace comes twice and is placed twice, as in the original.
      if (this.#settled.has(record.ip)) continue;
      const best = this.#bestTaker(record);
      if (best !== null) this.#place(record, best);
    }
  }

  /** 4.5: what this allocation puts on nodes that have less than half of it (rounded down) in the other. */
  contentOfNodesTooEmptyIn(other: Draft): readonly string[] {
    // Both drafts come from one state, so their slots stand in one order.
    return this.#slots.flatMap(({ ips }, at) => {
      const present = other.#slots[at]?.ips.length ?? 0;
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

  /** The node that alone can take the IP; null when none or several can. */
  #onlyTaker(record: EgressIpRecord): Slot | null {
    const siblings = this.#siblingsOf(record);
    let only: Slot | null = null;
    for (const slot of this.#slots) {
      if (siblings?.has(slot) === true || !canTake(slot, record)) continue;
      if (only !== null) return null;
      only = slot;
    }
    return only;
  }

  /** Fewest IPs, then most room, then chance; null when no node can take it. */
  #bestTaker(record: EgressIpRecord): Slot | null {
    const siblings = this.#siblingsOf(record);
    let best: Slot[] = [];
    let fewest = Number.POSITIVE_INFINITY;
    let roomiest = 0;
    for (const slot of this.#slots) {
      const count = slot.ips.length;
      if (count > fewest || siblings?.has(slot) === true || !canTake(slot, record)) continue;
      const room = slot.node.capacity - count;
      if (count < fewest || room > roomiest) {
        best = [slot];
        fewest = count;
        roomiest = room;
      } else if (room === roomiest) {
        best.push(slot);
      }
    }
    if (best.length > 1) return this.#random.pick(best);
    return best[0] ?? null;
  }

  /** Where other IPs of the same namespace are; unknown to versions that do not care. */
  #siblingsOf({ namespaces }: EgressIpRecord): ReadonlySet<Slot> | undefined {
    const [namespace] = namespaces;
    return namespace === undefined ? undefined : this.#spread.get(namespace);
  }

  #place(record: EgressIpRecord, slot: Slot): void {
    slot.ips.push(record.ip);
    const [namespace] = record.namespaces;
    if (namespace === undefined || this.#profile.quirks.has('siblings-share-a-node')) return;
    const spread = this.#spread.get(namespace);
    if (spread === undefined) this.#spread.set(namespace, new Set([slot]));
    else spread.add(slot);
  }
}

/** Online, with room, and the IP lies in one of its ranges. */
function canTake({ node, ips }: Slot, { address }: EgressIpRecord): boolean {
  if (node.offline || ips.length >= node.capacity || address === null) return false;
  for (const cidr of node.cidrs) if (cidrContains(cidr, address)) return true;
  return false;
}
