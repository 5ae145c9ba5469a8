// The policies and source routes of the cluster router as flows: text of the northbound database turned
// into numbers, once per change. IPv6 rows are left out: there are no IPv6 packets.

import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import {
  cidrContains,
  type Ipv4Address,
  type Ipv4Cidr,
  parseCidr,
  parseIpv4,
} from '../../../wire/ipv4-address.ts';
import {
  CLUSTER_ROUTER,
  matchText,
  NODE_ADDRESSES,
  type NorthboundChange,
  type NorthboundDatabase,
  type RouterPolicy,
  SERVED_PODS,
} from '../northbound.ts';
import { ownerOf, StepNotes } from './notes.ts';

/** A policy that applies to packets. */
export interface PolicyFlow {
  readonly priority: number;
  readonly action: 'reroute' | 'allow';
  readonly nexthops: readonly Ipv4Address[];
  /** pkt_mark of what matches; null: as it was. */
  readonly mark: number | null;
  readonly step: StepNotes;
}

interface GeneralFlow extends PolicyFlow {
  readonly key: string;
  readonly matches: (source: Ipv4Address, destination: Ipv4Address, mark: number) => boolean;
}

interface SourceRoute {
  readonly prefix: Ipv4Cidr;
  readonly nexthop: Ipv4Address;
}

/** The policies of one zone, by what they match. */
export class PolicyTable {
  readonly #database: NorthboundDatabase;
  /** Policies of one pod, by its address; the first of a list has the highest priority. */
  readonly #bySource = new Map<Ipv4Address, (PolicyFlow & { readonly key: string })[]>();
  /** All others, highest priority first. */
  #general: GeneralFlow[] = [];
  #routes: SourceRoute[] = [];
  #servedPods: ReadonlySet<Ipv4Address> = new Set();
  #nodeAddresses: ReadonlySet<Ipv4Address> = new Set();

  constructor(database: NorthboundDatabase) {
    this.#database = database;
    for (const policy of database.policies) this.#add(policy);
    this.#readRoutes();
    this.#readSets();
    database.onChange((changes) => {
      for (const change of changes) this.#apply(change);
    });
  }

  /** The policy that decides about a packet; null when none matches. */
  decide(frame: Frame, l3: number): PolicyFlow | null {
    const source = ipv4.source(frame, l3);
    const destination = ipv4.destination(frame, l3);
    const own = this.#bySource.get(source)?.[0] ?? null;
    for (const flow of this.#general) {
      if (own !== null && flow.priority < own.priority) break;
      if (flow.matches(source, destination, frame.mark)) return flow;
    }
    return own;
  }

  /** The next hop of the longest source route; null without one. */
  routeFrom(source: Ipv4Address): Ipv4Address | null {
    return this.#routes.find(({ prefix }) => cidrContains(prefix, source))?.nexthop ?? null;
  }

  #apply(change: NorthboundChange): void {
    switch (change.table) {
      case 'policy':
        if (change.before !== null) this.#remove(change.before);
        if (change.after !== null) this.#add(change.after);
        return;
      case 'route':
        this.#readRoutes();
        return;
      case 'addressSet':
        this.#readSets();
        return;
      default:
        return;
    }
  }

  #add(policy: RouterPolicy): void {
    const { key, match, priority, action } = policy;
    const nexthops = policy.nexthops.map(parseIpv4).filter((address) => address !== null);
    if (action === 'reroute' && nexthops.length === 0) return;
    const step = new StepNotes(describe(policy));
    const flow = { key, priority, action, nexthops, mark: policy.pktMark, step };
    const source = match.kind === 'source' ? parseIpv4(match.source) : null;
    if (source !== null) {
      const list = [...(this.#bySource.get(source) ?? []), flow];
      this.#bySource.set(source, list.sort(byPriority));
      return;
    }
    const matches = this.#matcher(policy);
    if (matches === null) return;
    this.#general = [...this.#general, { ...flow, matches }].sort(byPriority);
  }

  #remove({ key, match }: RouterPolicy): void {
    const source = match.kind === 'source' ? parseIpv4(match.source) : null;
    if (source === null) {
      this.#general = this.#general.filter((flow) => flow.key !== key);
      return;
    }
    const rest = (this.#bySource.get(source) ?? []).filter((flow) => flow.key !== key);
    if (rest.length === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, rest);
  }

  #matcher({ match }: RouterPolicy): GeneralFlow['matches'] | null {
    switch (match.kind) {
      case 'source': {
        const network = networkOf(match.source);
        return network === null ? null : (source) => cidrContains(network, source);
      }
      case 'between': {
        const from = networkOf(match.source);
        const to = networkOf(match.destination);
        if (from === null || to === null) return null;
        return (source, destination) => cidrContains(from, source) && cidrContains(to, destination);
      }
      case 'pods-to-nodes':
        if (match.family !== 'ip4') return null;
        return (source, destination) =>
          this.#servedPods.has(source) && this.#nodeAddresses.has(destination);
      case 'mark':
        return (_source, _destination, mark) => mark === match.mark;
    }
  }

  #readRoutes(): void {
    const routes = this.#database.routes.map((row) => ({
      prefix: networkOf(row.prefix),
      nexthop: parseIpv4(row.nexthop),
    }));
    this.#routes = routes
      .flatMap(({ prefix, nexthop }) =>
        prefix === null || nexthop === null ? [] : [{ prefix, nexthop }],
      )
      .sort((a, b) => b.prefix.prefixLength - a.prefix.prefixLength);
  }

  #readSets(): void {
    this.#servedPods = addressesOf(this.#database.addresses(SERVED_PODS));
    this.#nodeAddresses = addressesOf(this.#database.addresses(NODE_ADDRESSES));
  }
}

function byPriority(a: PolicyFlow, b: PolicyFlow): number {
  return b.priority - a.priority;
}

/** A network, or one address as a network. */
function networkOf(text: string): Ipv4Cidr | null {
  return parseCidr(text.includes('/') ? text : `${text}/32`);
}

function addressesOf(texts: readonly string[]): Set<Ipv4Address> {
  return new Set(texts.map(parseIpv4).filter((address) => address !== null));
}

function describe({ priority, match, action, nexthops, externalIds }: RouterPolicy): string {
  const owner = ownerOf(externalIds);
  const of = owner === '' ? '' : ` of ${owner}`;
  const to = action === 'reroute' ? ` reroute ${nexthops.join(',')}` : ' allow';
  return `${CLUSTER_ROUTER} policy ${priority} ${matchText(match)}${to}${of}`;
}
