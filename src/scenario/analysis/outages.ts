// One outage of a flow in stages, each with its cause, and how it ended.

import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import { withoutPrefix } from '../../wire/ipv4-address.ts';
import type { Outage } from '../report.ts';
import { CAUSE_OF_DROP, CAUSES, type Cause } from './causes.ts';
import {
  type AddressState,
  type Diagnosis,
  type Diagnostician,
  firstFrom,
  turningEvents,
  turningPoints,
} from './diagnosis.ts';
import type { DroppedPacket, Facts, FlowFacts } from './facts.ts';
import type { Stage } from './model.ts';

/** Stages shorter than this are how long things take, and no news. */
const BLINK: Nanos = millis(5);

type NeighborChanged = EventOf<LabEvents, 'neighbor-changed'>;

/** Tells one outage of a flow after the other. */
export class OutageStory {
  readonly #facts: Facts;
  readonly #doctor: Diagnostician;
  readonly #addresses: ReadonlyMap<string, AddressState>;
  readonly #turns: readonly LabEvent[];
  readonly #neighborChanges: readonly NeighborChanged[];

  constructor(facts: Facts, doctor: Diagnostician, addresses: ReadonlyMap<string, AddressState>) {
    this.#facts = facts;
    this.#doctor = doctor;
    this.#addresses = addresses;
    this.#turns = turningEvents(facts.events);
    this.#neighborChanges = facts.events.filter((event) => event.kind === 'neighbor-changed');
  }

  /** From the first unanswered request to the next answered one, or to the end of the flow. */
  stages(flow: FlowFacts, outage: Outage): Stage[] {
    const { from } = outage;
    const to = outage.to ?? from + outage.duration;
    const states = this.#doctor.addressesOf(flow).flatMap((ip) => this.#addresses.get(ip) ?? []);
    const points = [from, ...turningPoints(from, to, states, this.#turns), to];
    const stages: Stage[] = [];
    for (let i = 0; i + 1 < points.length; i++) {
      const [begin = from, finish = to] = points.slice(i, i + 2);
      const known = this.#doctor.at(flow, begin);
      const seen = known ?? this.#byDrops(flow, states, begin, finish);
      append(stages, begin, finish, seen ?? changedOver(flow, states, begin, finish));
    }
    return settle(stages, outage.to !== null);
  }

  /** What changed when the last stage that had a cause was over. */
  ending(flow: FlowFacts, outage: Outage, stages: readonly Stage[]): string {
    const { to } = outage;
    if (to === null) return 'it had not ended when the run did';
    const last = stages.findLast(({ cause }) => cause !== 'retry-pending' && cause !== 'unknown');
    const states = this.#doctor.addressesOf(flow).flatMap((ip) => this.#addresses.get(ip) ?? []);
    const about = new Set(states.map(({ address }) => address));
    const around = this.#facts.events.filter(
      ({ at }) => last !== undefined && at <= to + BLINK && at >= last.to - BLINK,
    );
    const told = around.flatMap((event) => this.#ending(event, flow, about, last ?? null) ?? []);
    if (told.length === 0) return untoldEnding(last?.cause ?? 'unknown');
    return [...new Set(told)].slice(0, 2).join(', and ');
  }

  #ending(
    event: LabEvent,
    flow: FlowFacts,
    about: ReadonlySet<string>,
    last: Stage | null,
  ): string | null {
    const { source } = event;
    const isBlamed = last?.text.includes(source) === true;
    const onTheWire = last?.cause === 'wire';
    switch (event.kind) {
      case 'neighbor-changed':
        return about.has(event.fields.address) && flow.observers.includes(source)
          ? this.#neighborEnding(event)
          : null;
      case 'namespace-egress': {
        const { ips, namespace, outcome, pods } = event.fields;
        const isOurs = pods.includes(flow.pod?.name ?? '');
        return isOurs && outcome === 'via'
          ? `${namespace} got a way out as ${ips.join(', ')}`
          : null;
      }
      case 'address-removed':
        return about.has(withoutPrefix(event.fields.address))
          ? `${source} gave up the address`
          : null;
      case 'claim-removed':
        return about.has(event.fields.address)
          ? `${event.fields.holder} gave up the address`
          : null;
      case 'powered-on':
        return isBlamed ? `${source} was powered on` : null;
      case 'plugged-in':
        return isBlamed ? `the cables of ${source} were plugged in` : null;
      case 'repaired':
      case 'link-up':
        return onTheWire ? `the cable ${source} worked again` : null;
      case 'healed':
        return onTheWire ? `the partition of ${source} healed` : null;
      default:
        return null;
    }
  }

  #neighborEnding({ at, fields, source }: NeighborChanged): string | null {
    const { address, cause, mac } = fields;
    const owner = mac === null ? null : this.#ownerOf(mac);
    if (owner === null) return null;
    if (cause === 'gratuitous') return `${source} believed the announcement of ${owner}`;
    if (cause === 'request') return `${source} learned the MAC address from a request of ${owner}`;
    const before = this.#neighborChanges.findLast(
      (other) =>
        other.source === source &&
        other.fields.address === address &&
        other.at < at &&
        (other.fields.state === 'FAILED' || other.fields.mac !== null),
    );
    const probed = before?.fields.state === 'FAILED';
    return probed
      ? `the probes of ${source} failed, it sent a broadcast request, and ${owner} answered`
      : `${source} asked, and ${owner} answered`;
  }

  #ownerOf(mac: string): string | null {
    const { machines } = this.#facts;
    return machines.find(({ macs }) => macs.some((each) => each.mac === mac))?.name ?? null;
  }

  /** Nothing is known to be wrong: what was dropped, if anything was, most often first. */
  #byDrops(
    flow: FlowFacts,
    states: readonly AddressState[],
    from: Nanos,
    to: Nanos,
  ): Diagnosis | null {
    const holders = states.flatMap(({ holdings }) => holdings.map(({ machine }) => machine));
    const ends = [flow.toAddress, flow.pod?.address, ...this.#doctor.addressesOf(flow)];
    const ours = ({ destination, source }: DroppedPacket): boolean =>
      destination === flow.toAddress || source === flow.toAddress;
    const all = this.#facts.drops;
    const drops = all.slice(firstFrom(all, from), firstFrom(all, to));
    const relevant = drops.some(ours) ? drops.filter(ours) : drops;
    const counts = new Map<string, { count: number; drop: DroppedPacket; cause: Cause }>();
    for (const drop of relevant) {
      const cause = CAUSE_OF_DROP[drop.reason];
      if (cause === undefined) continue;
      if (!ends.includes(drop.source) && !ends.includes(drop.destination)) continue;
      const key = `${drop.device} ${drop.reason}`;
      const entry = counts.get(key) ?? { count: 0, drop, cause };
      entry.count++;
      counts.set(key, entry);
    }
    const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
    if (most === undefined) return null;
    const { drop } = most;
    const cause = atHolder(most.cause, holders.includes(drop.device));
    const text = `${drop.device} drops packets from ${drop.source} to ${drop.destination} (${drop.reason}): ${CAUSES[cause]}`;
    return { cause, text, address: null };
  }
}

/** For causes that leave no event when they end. */
function untoldEnding(cause: Cause): string {
  if (cause === 'switch-table-stale') return 'the switch heard from the holder again';
  if (cause === 'duplicate-holder')
    return 'the next connection was made with the one that is believed';
  return 'a request was answered again, and the log does not say why';
}

/** What a packet filter refuses: for want of a connection where the address is, else by intention. */
function atHolder(cause: Cause, isHolder: boolean): Cause {
  if (cause !== 'refused' && cause !== 'nat-state-missing') return cause;
  return isHolder ? 'nat-state-missing' : 'refused';
}

/** Two machines hold the address, and whose entry counts has just changed over: connections break. */
function changedOver(
  { observers }: FlowFacts,
  states: readonly AddressState[],
  from: Nanos,
  to: Nanos,
): Diagnosis | null {
  for (const { address, beliefs, duplicates } of states) {
    const conflict = duplicates.some(
      (window) => window.kind === 'conflict' && window.from < to && (window.to ?? to) > from,
    );
    if (!conflict) continue;
    for (const { observer, spans } of beliefs) {
      if (!observers.includes(observer)) continue;
      const span = spans.find((each) => each.from >= from - CHANGEOVER && each.from <= to);
      if (span === undefined || span.machine === null) continue;
      const text = `two machines have ${address}, and ${observer} has just changed over to ${span.machine}, which does not know the connections of the other`;
      return { cause: 'duplicate-holder', text, address };
    }
  }
  return null;
}

/** So long after a change of MAC address connections of before still break. */
const CHANGEOVER: Nanos = seconds(1);

function append(stages: Stage[], from: Nanos, to: Nanos, known: Diagnosis | null): void {
  const { address, cause, text } = known ?? UNKNOWN;
  const last = stages.at(-1);
  if (last !== undefined && last.cause === cause && last.text === text) {
    stages[stages.length - 1] = { ...last, to };
  } else {
    stages.push({ from, to, cause, text, address });
  }
}

const UNKNOWN: Diagnosis = { cause: 'unknown', text: CAUSES.unknown, address: null };

/** A last stage without a cause is the wait for the next try; what took no time is left out. */
function settle(stages: readonly Stage[], ended: boolean): Stage[] {
  const told = stages.filter(({ cause, from, to }) => cause !== 'unknown' || to - from >= BLINK);
  const last = told.at(-1);
  if (told.length > 1 && ended && last?.cause === 'unknown') {
    told[told.length - 1] = { ...last, cause: 'retry-pending', text: CAUSES['retry-pending'] };
  }
  const long = told.filter(({ from, to }) => to - from >= BLINK);
  const kept: Stage[] = [];
  for (const stage of long.length === 0 ? told : long) {
    const previous = kept.at(-1);
    const from = previous === undefined ? (stages[0]?.from ?? stage.from) : stage.from;
    if (previous?.cause === stage.cause && previous.text === stage.text) {
      kept[kept.length - 1] = { ...previous, to: stage.to };
    } else {
      if (previous !== undefined) kept[kept.length - 1] = { ...previous, to: from };
      kept.push({ ...stage, from });
    }
  }
  const final = kept.at(-1);
  if (final !== undefined) kept[kept.length - 1] = { ...final, to: stages.at(-1)?.to ?? final.to };
  return kept;
}
