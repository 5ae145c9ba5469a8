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
import { REFUSAL_CAUSES, reasonOf } from './refusals.ts';

/** A cause and its sentence. */
export interface Diagnosis {
  readonly cause: Cause;
  readonly text: string;
  readonly address: string | null;
}

/** What is known of an address before black holes are. */
export type AddressState = Omit<AddressAnalysis, 'blackHoles'>;

/** An entry with a MAC address that is none of the holders'. */
interface WrongBelief {
  readonly observer: string;
  /** Null when no machine has the MAC address. */
  readonly machine: string | null;
  readonly since: Nanos;
  readonly permanent: boolean;
}

type NamespaceEgress = EventOf<LabEvents, 'namespace-egress'>;

/** Knows what stood between a flow and its answers at any moment of a run that is over. */
export class Diagnostician {
  readonly #machines: Machines;
  readonly #addresses: ReadonlyMap<string, AddressState>;
  /** By node and namespace, oldest first. */
  readonly #outcomes = new Map<string, NamespaceEgress[]>();
  /** Who has which address by status, oldest first. */
  readonly #assigned: EventOf<LabEvents, 'egress-ip-assigned'>[] = [];
  /** Addresses by the machine whose logical router has claimed them. */
  readonly #routers = new Map<string, Set<string>>();
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
      } else if (event.kind === 'egress-ip-assigned') {
        this.#assigned.push(event);
      } else if (event.kind === 'claim-added') {
        const claimed = this.#routers.get(event.source) ?? new Set();
        this.#routers.set(event.source, claimed.add(event.fields.address));
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
    const index = outcomes?.findLastIndex((event) => event.at <= at) ?? -1;
    const egress = outcomes?.[index]?.fields;
    if (egress?.outcome === 'dropped') {
      const text = `${namespace} has no usable egress IP, so ${node} drops what it sends`;
      return { cause: 'no-usable-ip', text, address: null };
    }
    if (egress?.outcome === 'normal') return gapDiagnosis(outcomes ?? [], index);
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
    const silence = this.#machines.silence(holder, at);
    if (silence !== null) return this.#silent(address, holder, silence.state, at);
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

  #silent(address: string, holder: string, state: string, at: Nanos): Diagnosis {
    const verdict = this.#verdicts.findLast(
      (event) => event.at <= at && event.fields.node === holder,
    );
    if (verdict?.kind === 'node-offline') {
      const text = `${holder} ${state} and is known to be offline, and ${address} is still its own`;
      return { cause: 'being-moved', text, address };
    }
    const text = `${holder} ${state}, and no health check has failed often enough to say so`;
    return { cause: 'probe-not-failed', text, address };
  }

  /** The first of the observers that has an entry, if its MAC is none of the holders'. */
  #wrongBelief(
    { beliefs }: AddressState,
    observers: readonly string[],
    holders: readonly string[],
    at: Nanos,
  ): WrongBelief | null {
    for (const observer of observers) {
      if (holders.includes(observer)) continue;
      for (const belief of beliefs) {
        if (belief.observer !== observer) continue;
        const span = beliefAt(belief, at);
        if (span === null) continue;
        if (holders.includes(span.machine ?? '')) return null;
        const { from: since, machine, permanent } = span;
        return { observer, machine, since, permanent };
      }
    }
    return null;
  }

  /** A logical router that answers for what the status gives to another node. */
  #formerRouter(
    { address, announcements }: AddressState,
    former: string,
    holder: string,
    observer: string,
    at: Nanos,
  ): Diagnosis | null {
    const given = this.#assigned.findLast((event) => event.at <= at && event.fields.ip === address);
    if (given?.fields.node !== holder || !this.#routers.get(former)?.has(address)) return null;
    const announced = announcements.some(
      (each) => each.machine === holder && each.at >= given.at && each.at <= at,
    );
    const rest = `and ${observer} sends to ${former}`;
    return announced
      ? {
          cause: 'old-router-answers',
          text: `${holder} has announced ${address}, GR_${former} still answers for it, ${rest}`,
          address,
        }
      : {
          cause: 'rows-left-behind',
          text: `the status says ${holder}, the rows of GR_${former} are still there, ${rest}`,
          address,
        };
  }

  /** Why an observer still believes in the wrong MAC address. */
  #explain(state: AddressState, wrong: WrongBelief, holder: string, at: Nanos): Diagnosis {
    const { address, announcements, holdings } = state;
    const { observer, machine, permanent } = wrong;
    const silence = machine === null ? null : this.#machines.silence(machine, at);
    const named = machine ?? 'a MAC address that no machine has';
    const whose = silence === null ? named : `${named}, which ${silence.state}`;
    if (machine !== null && holdersAt(holdings, this.#machines, at).includes(machine)) {
      return (
        this.#formerRouter(state, machine, holder, observer, at) ?? {
          cause: 'duplicate-holder',
          text: `${machine} has ${address} as well as ${holder}, and ${observer} sends to ${machine}`,
          address,
        }
      );
    }
    if (permanent) {
      const text = `the entry of ${observer} for ${address} is permanent, and it sends to ${whose}, whatever ${holder} announces`;
      return { cause: 'permanent-entry', text, address };
    }
    const taken =
      holdings.findLast((each) => each.machine === holder && each.from <= at)?.from ?? 0;
    // What was said while the other could still be heard was said in a dispute, and not to take over.
    const since = Math.max(taken, silence?.since ?? 0);
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
      const when = since > taken ? ' since' : '';
      const text = `${holder} has announced nothing${when}, and ${believes}`;
      return { cause: 'no-announcement', text, address };
    }
    const ignored = made
      .flatMap(({ ignoredBy }) => ignoredBy)
      .find((each) => each.machine === observer);
    if (ignored !== undefined) {
      const text = `${observer} heard the announcement of ${holder} ${reasonOf(ignored)}, and still sends to ${whose}`;
      return { cause: REFUSAL_CAUSES[ignored.why], text, address };
    }
    if (made.some((each) => each.at < wrong.since && each.heardBy.includes(observer))) {
      const text = `${observer} believed ${holder} until a later claim came, and now sends to ${whose}`;
      return { cause: 'overtaken', text, address };
    }
    const text = `no announcement of ${holder} has reached ${observer}, which still sends to ${whose}`;
    return { cause: 'announcement-lost', text, address };
  }
}

/** A move takes the old next hop away before it adds the new one: no longer than this. */
const LONGEST_GAP: Nanos = 1_000_000_000;

/** The pod leaves with the node address for an instant between two egress nodes. */
function gapDiagnosis(outcomes: readonly NamespaceEgress[], index: number): Diagnosis | null {
  const gap = outcomes[index];
  const before = outcomes[index - 1];
  const after = outcomes[index + 1];
  if (gap === undefined || before?.fields.outcome !== 'via' || after?.fields.outcome !== 'via')
    return null;
  if (after.at - gap.at > LONGEST_GAP) return null;
  const [address = null] = after.fields.ips;
  const milliseconds = Math.ceil((after.at - gap.at) / 1e6);
  const text = `the move left a gap of ${milliseconds} ms, in which the pod leaves with the address of ${gap.source}`;
  return { cause: 'move-gap', text, address };
}
