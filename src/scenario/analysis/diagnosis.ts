// What stands between a flow and its answers at one moment, read from who holds the address, who believes
// what, and what the sdn pods have decided. Drops speak where state says nothing.

import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import type { Nanos } from '../../sim/time.ts';
import { beliefAt } from './beliefs.ts';
import type { Cause } from './causes.ts';
import { holdersAt } from './duplicates.ts';
import type { FlowFacts } from './facts.ts';
import { holdsAt } from './holdings.ts';
import type { Machines } from './machines.ts';
import type { AddressAnalysis } from './model.ts';

/** A cause and its sentence. */
export interface Diagnosis {
  readonly cause: Cause;
  readonly text: string;
  readonly address: string | null;
}

/** What is known of an address before black holes are. */
export type AddressState = Omit<AddressAnalysis, 'blackHoles'>;

type NamespaceEgress = EventOf<LabEvents, 'namespace-egress'>;

/** Knows what stood between a flow and its answers at any moment of a run that is over. */
export class Diagnostician {
  readonly #machines: Machines;
  readonly #addresses: ReadonlyMap<string, AddressState>;
  /** By node and namespace, oldest first. */
  readonly #outcomes = new Map<string, NamespaceEgress[]>();
  readonly #verdicts: EventOf<LabEvents, 'node-offline' | 'node-online'>[] = [];

  constructor(
    machines: Machines,
    addresses: ReadonlyMap<string, AddressState>,
    events: readonly LabEvent[],
  ) {
    this.#machines = machines;
    this.#addresses = addresses;
    for (const event of events) {
      if (event.kind === 'namespace-egress') {
        for (const pod of event.fields.pods) {
          const known = this.#outcomes.get(pod);
          if (known === undefined) this.#outcomes.set(pod, [event]);
          else known.push(event);
        }
      } else if (event.kind === 'node-offline' || event.kind === 'node-online') {
        this.#verdicts.push(event);
      }
    }
  }

  /** Null when nothing that is known stands in the way just after `at`. */
  at(flow: FlowFacts, at: Nanos): Diagnosis | null {
    if (flow.pod !== null) return this.#ofPod(flow, flow.pod, at);
    const target = this.#addresses.get(flow.toAddress);
    if (target !== undefined) return this.#ofTarget(flow, target, at);
    for (const own of this.#addresses.values()) {
      if (!own.holdings.some(({ how, machine }) => how !== 'claimed' && machine === flow.from))
        continue;
      return this.#ofHolder(flow, own, flow.from, at);
    }
    return null;
  }

  /** The contested addresses that may have to do with a flow. */
  addressesOf(flow: FlowFacts): string[] {
    if (flow.pod === null) {
      const own = [...this.#addresses.values()].filter(({ holdings }) =>
        holdings.some(({ machine }) => machine === flow.from),
      );
      return this.#addresses.has(flow.toAddress)
        ? [flow.toAddress]
        : own.map(({ address }) => address);
    }
    const outcomes = this.#outcomes.get(flow.pod.name) ?? [];
    return [...new Set(outcomes.flatMap(({ fields }) => fields.ips))];
  }

  #ofPod(flow: FlowFacts, pod: NonNullable<FlowFacts['pod']>, at: Nanos): Diagnosis | null {
    const { name, namespace, node } = pod;
    const outcomes = this.#outcomes.get(name);
    const egress = outcomes?.findLast((event) => event.at <= at)?.fields;
    if (egress?.outcome === 'dropped') {
      const text = `${namespace} has no usable egress IP, so ${node} drops what it sends`;
      return { cause: 'no-usable-ip', text, address: null };
    }
    if (egress?.outcome !== 'via') return null;
    const nodes = egress.nodes.map((each) => this.#machines.node(each));
    for (const [index, ip] of egress.ips.entries()) {
      const state = this.#addresses.get(ip);
      const holder = nodes[index];
      if (state === undefined || holder === undefined) continue;
      const diagnosis = this.#ofHolder(flow, state, holder, at);
      if (diagnosis !== null) return diagnosis;
    }
    return null;
  }

  /** Somebody sends to the address: any living holder will do. */
  #ofTarget(flow: FlowFacts, state: AddressState, at: Nanos): Diagnosis | null {
    const { address, holdings } = state;
    const holders = holdersAt(holdings, this.#machines, at);
    const [holder] = holders;
    if (holder === undefined) {
      return { cause: 'not-held', text: `no machine that can be heard holds ${address}`, address };
    }
    const wrong = this.#wrongBelief(state, flow.observers, holders, at);
    return wrong === null ? null : this.#explain(state, wrong, holder, at);
  }

  /** A pod or host behind one very holder: only that one's MAC address will do. */
  #ofHolder(flow: FlowFacts, state: AddressState, holder: string, at: Nanos): Diagnosis | null {
    const { address, holdings } = state;
    if (!this.#machines.isAlive(holder, at)) return this.#dead(address, holder, at);
    const holds = holdings.some(
      ({ from, machine, to }) => machine === holder && from <= at && (to === null || at < to),
    );
    if (!holds) {
      // It was to take the address and could not: packets leave with its own instead.
      return null;
    }
    const wrong = this.#wrongBelief(state, flow.observers, [holder], at);
    return wrong === null ? null : this.#explain(state, wrong, holder, at);
  }

  #dead(address: string, holder: string, at: Nanos): Diagnosis {
    const verdict = this.#verdicts.findLast(
      (event) => event.at <= at && event.fields.node === holder,
    );
    if (verdict?.kind === 'node-offline') {
      const text = `${holder} is known to be offline, and ${address} is still its own`;
      return { cause: 'being-moved', text, address };
    }
    const text = `${holder} is dead and no health check has failed often enough to say so`;
    return { cause: 'probe-not-failed', text, address };
  }

  /** The first of the observers that has an entry, if its MAC is none of the holders'. */
  #wrongBelief(
    { beliefs }: AddressState,
    observers: readonly string[],
    holders: readonly string[],
    at: Nanos,
  ): { readonly observer: string; readonly machine: string | null; readonly since: Nanos } | null {
    for (const observer of observers) {
      if (holders.includes(observer)) continue;
      for (const belief of beliefs) {
        if (belief.observer !== observer) continue;
        const span = beliefAt(belief, at);
        if (span === null) continue;
        if (holders.includes(span.machine ?? '')) return null;
        return { observer, machine: span.machine, since: span.from };
      }
    }
    return null;
  }

  /** Why an observer still believes in the wrong MAC address. */
  #explain(
    state: AddressState,
    wrong: { readonly observer: string; readonly machine: string | null; readonly since: Nanos },
    holder: string,
    at: Nanos,
  ): Diagnosis {
    const { address, announcements, holdings } = state;
    const { observer, machine } = wrong;
    const whose = machine ?? 'a MAC address that no machine has';
    if (machine !== null && holdersAt(holdings, this.#machines, at).includes(machine)) {
      const text = `${machine} has ${address} as well as ${holder}, and ${observer} sends to ${machine}`;
      return { cause: 'duplicate-holder', text, address };
    }
    const since =
      holdings.findLast((each) => each.machine === holder && each.from <= at)?.from ?? 0;
    const made = announcements.filter(
      (each) => each.machine === holder && each.at >= since && each.at <= at,
    );
    const believes = `${observer} still sends to ${whose}`;
    const [foreign] = announcements.filter(
      (each) =>
        each.at >= since &&
        each.at <= at &&
        !holdings.some((one) => one.machine === each.machine && holdsAt(one, each.at)),
    );
    if (made.length === 0 && foreign !== undefined) {
      const said = foreign.mac ?? 'an unknown MAC address';
      const text = `${address} was announced as ${said}, which is not the MAC address of ${holder}, and ${believes}`;
      return { cause: 'stale-announcement', text, address };
    }
    if (made.length === 0) {
      const text = `${holder} has announced nothing, and ${believes}`;
      return { cause: 'no-announcement', text, address };
    }
    const ignored = made
      .flatMap(({ ignoredBy }) => ignoredBy)
      .find((each) => each.machine === observer);
    if (ignored !== undefined) {
      const locked = ignored.why === 'locktime';
      const reason = locked ? 'within its locktime' : 'but believes no announcements';
      const text = `${observer} heard the announcement of ${holder} ${reason}, and still sends to ${whose}`;
      return { cause: locked ? 'locktime' : 'announcement-refused', text, address };
    }
    if (made.some((each) => each.at < wrong.since && each.heardBy.includes(observer))) {
      const text = `${observer} believed ${holder} until a later claim came, and now sends to ${whose}`;
      return { cause: 'overtaken', text, address };
    }
    const text = `no announcement of ${holder} has reached ${observer}, which still sends to ${whose}`;
    return { cause: 'announcement-lost', text, address };
  }
}

/** The moments at which a diagnosis can change, within (from, to); `turns` are `turningEvents`. */
export function turningPoints(
  from: Nanos,
  to: Nanos,
  states: readonly AddressState[],
  turns: readonly LabEvent[],
): Nanos[] {
  const times = new Set<Nanos>();
  const add = (at: Nanos | null): void => {
    if (at !== null && at > from && at < to) times.add(at);
  };
  for (const { announcements, beliefs, holdings } of states) {
    for (const { at } of announcements) add(at);
    for (const span of [...holdings, ...beliefs.flatMap(({ spans }) => spans)]) {
      add(span.from);
      add(span.to);
    }
  }
  for (let i = firstFrom(turns, from); i < turns.length; i++) {
    const at = turns[i]?.at ?? to;
    if (at >= to) break;
    add(at);
  }
  return [...times].sort((a, b) => a - b);
}

/** The events that can change a diagnosis and are about no address. */
export function turningEvents(events: readonly LabEvent[]): LabEvent[] {
  return events.filter(({ kind }) => TURNING.has(kind));
}

/** The index of the first item that is not before `at`, in items ordered by time. */
export function firstFrom(items: readonly { readonly at: Nanos }[], at: Nanos): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const TURNING: ReadonlySet<LabEvent['kind']> = new Set([
  'namespace-egress',
  'node-offline',
  'node-online',
  'powered-off',
  'powered-on',
  'unplugged',
  'plugged-in',
  'link-down',
  'link-up',
  'impaired',
  'repaired',
  'partitioned',
  'healed',
  'interface-changed',
  'address-removed',
  'address-added',
  'sysctl-changed',
  'route-added',
  'route-removed',
  'mac-set',
  'mtu-set',
  'firewall-changed',
  'snat-changed',
  'connections-deleted',
]);
