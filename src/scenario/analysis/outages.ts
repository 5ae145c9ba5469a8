// One outage of a flow in stages, each with its cause, and how it ended.

import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import { withoutPrefix } from '../../wire/ipv4-address.ts';
import type { Outage } from '../report.ts';
import { CAUSES, type Cause } from './causes.ts';
import { changeOf } from './changes.ts';
import type { AddressState, Diagnosis, Diagnostician } from './diagnosis.ts';
import { DropEvidence } from './drop-evidence.ts';
import type { Facts, FlowFacts } from './facts.ts';
import type { Stage } from './model.ts';
import { firstFrom, turningEvents, turningPoints } from './turning-points.ts';

/** Stages shorter than this are how long things take, and no news. */
const BLINK: Nanos = millis(5);

/** How long what was sent before is still under way. */
const UNDER_WAY: Nanos = millis(1);

/** A request waits for its answer, or for ARP, about this long. */
const WAIT: Nanos = seconds(1);

type NeighborChanged = EventOf<LabEvents, 'neighbor-changed'>;

/** Tells one outage of a flow after the other. */
export class OutageStory {
  readonly #facts: Facts;
  readonly #doctor: Diagnostician;
  readonly #addresses: ReadonlyMap<string, AddressState>;
  readonly #turns: readonly LabEvent[];
  readonly #neighborChanges: readonly NeighborChanged[];
  readonly #evidence: DropEvidence;

  constructor(facts: Facts, doctor: Diagnostician, addresses: ReadonlyMap<string, AddressState>) {
    this.#facts = facts;
    this.#doctor = doctor;
    this.#addresses = addresses;
    this.#evidence = new DropEvidence(facts, doctor);
    this.#turns = turningEvents(facts.events);
    this.#neighborChanges = facts.events.filter((event) => event.kind === 'neighbor-changed');
  }

  /** From the first unanswered request to the next answered one, or to the end of the flow. */
  stages(flow: FlowFacts, outage: Outage): Stage[] {
    const { from } = outage;
    const to = outage.to ?? from + outage.duration;
    const states = this.#doctor.addressesOf(flow).flatMap((ip) => this.#addresses.get(ip) ?? []);
    const points = [from, ...turningPoints(from, to, states, this.#turns), to];
    const stages: Part[] = [];
    for (let i = 0; i + 1 < points.length; i++) {
      const [begin = from, finish = to] = points.slice(i, i + 2);
      // What arrives just when a stage begins belongs to the one before.
      const since = begin > from ? begin + UNDER_WAY : begin;
      const known =
        this.#evidence.loop(flow, states, since, finish) ?? this.#doctor.at(flow, begin);
      const changed = known ?? changedOver(flow, states, begin, finish);
      const seen = known ?? this.#evidence.between(flow, states, since, finish, changed !== null);
      append(stages, begin, finish, seen ?? changed);
    }
    if (stages.every(({ cause }) => cause === null)) {
      return [{ from, to, ...this.#evidence.ofWhole(flow, states, outage) }];
    }
    const isCured = (at: Nanos): boolean => outage.to !== null && this.#isCure(flow, at);
    return settle(bridged(stages, isCured), outage.to !== null);
  }

  /** Something happened then that can free the way; an announcement that is on its way cannot. */
  #isCure({ observers }: FlowFacts, at: Nanos): boolean {
    const { events } = this.#facts;
    for (let i = firstFrom(events, at - BLINK); i < events.length; i++) {
      const event = events[i];
      if (event === undefined || event.at > at + BLINK) return false;
      if (event.kind === 'namespace-egress' || event.kind === 'node-online') return true;
      if (event.kind === 'neighbor-changed' && observers.includes(event.source)) return true;
      if (event.kind !== 'address-added' && changeOf(event) !== null) return true;
    }
    return false;
  }

  /** What changed when the last stage that had a cause was over. */
  ending(flow: FlowFacts, outage: Outage, stages: readonly Stage[]): string {
    const { to } = outage;
    if (to === null) return 'it had not ended when the run did';
    const last = stages.findLast(({ cause }) => cause !== 'retry-pending');
    const states = this.#doctor.addressesOf(flow).flatMap((ip) => this.#addresses.get(ip) ?? []);
    const about = new Set(states.map(({ address }) => address));
    const way = this.#evidence.wayOf(flow);
    const from = last?.from ?? outage.from;
    const events = this.#facts.events.filter(({ at }) => at >= from - BLINK && at <= to + WAIT);
    const told = (since: Nanos, until: Nanos = to + BLINK): string[] =>
      events
        .filter(({ at }) => at >= since && at <= until)
        .flatMap((event) => this.#ending(event, flow, about, way, last ?? null) ?? []);
    const around = told((last?.to ?? from) - BLINK);
    if (around.length > 0) return [...new Set(around)].slice(0, 2).join(', and ');
    // A request is sent some time after the way is free again.
    const before = [...new Set(told(from + 1))];
    if (before.length > 0) return before.slice(-2).join(', and ');
    // The request that was answered had waited for it.
    const [after] = told(to, to + WAIT);
    return after ?? untoldEnding(last?.cause ?? null);
  }

  #ending(
    event: LabEvent,
    flow: FlowFacts,
    about: ReadonlySet<string>,
    way: ReadonlySet<string>,
    last: Stage | null,
  ): string | null {
    const { source } = event;
    if (event.kind === 'neighbor-changed') {
      const isOurs = about.has(event.fields.address) && flow.observers.includes(source);
      return isOurs ? this.#neighborEnding(event) : null;
    }
    if (event.kind === 'namespace-egress') {
      const { ips, namespace, outcome, pods } = event.fields;
      const isOurs = pods.includes(flow.pod?.name ?? '') && outcome === 'via';
      return isOurs ? `${namespace} got a way out as ${ips.join(', ')}` : null;
    }
    if (event.kind === 'address-removed') {
      const isOurs = about.has(withoutPrefix(event.fields.address));
      return isOurs ? `${source} gave up the address` : null;
    }
    if (event.kind === 'claim-removed') {
      const { address, holder } = event.fields;
      return about.has(address) ? `${holder} gave up the address` : null;
    }
    const change = changeOf(event);
    if (change === null || last === null) return null;
    const [machine = source] = source.split('/');
    const isBlamed = last.text.includes(machine);
    switch (event.kind) {
      case 'fdb-moved':
        return last.cause === 'switch-table-stale' ? change : null;
      case 'address-added':
        return about.size === 0 && isBlamed && MENDED_BY_ADDRESS.has(last.cause) ? change : null;
      case 'powered-on':
      case 'plugged-in':
        return isBlamed || way.has(machine) ? change : null;
      case 'link-up':
      case 'repaired':
      case 'healed':
        return isBlamed || way.has(machine) || MENDED_BY_CABLE.has(last.cause) ? change : null;
      default:
        return isBlamed ? change : null;
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
}

/** For causes that leave no event when they end. */
function untoldEnding(cause: Cause | null): string {
  switch (cause) {
    case 'switch-table-stale':
      return 'the switch heard from the holder again';
    case 'duplicate-holder':
      return 'the next connection was made with the one that is believed';
    case 'wire':
    case 'overload':
      return 'the next request was not lost';
    case 'table-full':
      return 'there was room in the table again';
    default:
      return 'the next request was answered, and the log has no event for why';
  }
}

/** What an address that is added can cure. */
const MENDED_BY_ADDRESS: ReadonlySet<Cause> = new Set([
  'not-held',
  'no-route',
  'source-gone',
  'nat-changed',
  'not-a-router',
  'unresolved',
]);

/** What a cable that works again can cure, wherever it is. */
const MENDED_BY_CABLE: ReadonlySet<Cause> = new Set(['wire', 'no-carrier', 'partition']);

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

/** A stage that may have no cause yet. */
interface Part extends Omit<Stage, 'cause'> {
  readonly cause: Cause | null;
}

function append(stages: Part[], from: Nanos, to: Nanos, known: Diagnosis | null): void {
  const { address = null, cause = null, text = '' } = known ?? {};
  const last = stages.at(-1);
  if (last !== undefined && last.cause === cause && last.text === text) {
    stages[stages.length - 1] = { ...last, to };
  } else {
    stages.push({ from, to, cause, text, address });
  }
}

/**
 * A gap between two causes belongs to the one before it, and so does one at the end that begins without
 * a cure; one at the beginning belongs to the cause after it.
 */
function bridged(parts: readonly Part[], isCure: (at: Nanos) => boolean): Part[] {
  const first = parts.find(({ cause }) => cause !== null);
  const lastKnown = parts.findLastIndex(({ cause }) => cause !== null);
  let before = first;
  return parts.map((part, index) => {
    if (part.cause !== null) before = part;
    const isOpen = index > lastKnown && isCure(parts[lastKnown]?.to ?? part.from);
    if (part.cause !== null || isOpen || before === undefined) return part;
    return { ...before, from: part.from, to: part.to };
  });
}

/** A last stage without a cause is the wait for the next try; what took no time is left out. */
function settle(parts: readonly Part[], ended: boolean): Stage[] {
  const told: Stage[] = [];
  for (const part of parts) {
    const { cause } = part;
    if (cause !== null) told.push({ ...part, cause });
    else if (ended && part.to - part.from >= BLINK) {
      told.push({ ...part, cause: 'retry-pending', text: CAUSES['retry-pending'] });
    }
  }
  const long = told.filter(({ from, to }) => to - from >= BLINK);
  const kept: Stage[] = [];
  for (const stage of long.length === 0 ? told : long) {
    const previous = kept.at(-1);
    const from = previous === undefined ? (parts[0]?.from ?? stage.from) : stage.from;
    if (previous?.cause === stage.cause && previous.text === stage.text) {
      kept[kept.length - 1] = { ...previous, to: stage.to };
    } else {
      if (previous !== undefined) kept[kept.length - 1] = { ...previous, to: from };
      kept.push({ ...stage, from });
    }
  }
  const final = kept.at(-1);
  if (final !== undefined) kept[kept.length - 1] = { ...final, to: parts.at(-1)?.to ?? final.to };
  return kept;
}
