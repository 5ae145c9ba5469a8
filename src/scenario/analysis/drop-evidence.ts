// What was dropped of a flow in a stretch of time and what stood in its way then, as one diagnosis. What
// was dropped says where; the look at the way says why, and where it agrees its words are used.

import type { Nanos } from '../../sim/time.ts';
import { withoutPrefix } from '../../wire/ipv4-address.ts';
import type { Outage } from '../report.ts';
import { CAUSES, type Cause } from './causes.ts';
import type { AddressState, Diagnosis, Diagnostician } from './diagnosis.ts';
import { type DropCause, meaningOf } from './drop-causes.ts';
import type { DroppedPacket, Facts, FlowFacts, PathSighting } from './facts.ts';
import type { Obstacle } from './path-check.ts';
import { firstFrom } from './turning-points.ts';

interface Weighed {
  readonly drop: DroppedPacket;
  readonly meaning: DropCause;
  count: number;
}

/** Reads drops and looks at ways. */
export class DropEvidence {
  readonly #facts: Facts;
  readonly #doctor: Diagnostician;
  /** The addresses that each machine ever had. */
  readonly #addresses = new Map<string, Set<string>>();
  /** Machines with a logical router that shares their address: they hear it ask, and drop that. */
  readonly #withRouter = new Set<string>();
  readonly #paths = new Map<string, PathSighting[]>();

  constructor(facts: Facts, doctor: Diagnostician) {
    this.#facts = facts;
    this.#doctor = doctor;
    for (const event of facts.events) {
      if (event.kind === 'claim-added') this.#withRouter.add(event.source);
      if (event.kind !== 'address-added') continue;
      const known = this.#addresses.get(event.source) ?? new Set();
      known.add(withoutPrefix(event.fields.address));
      this.#addresses.set(event.source, known);
    }
    for (const path of facts.paths) {
      const known = this.#paths.get(path.flow);
      if (known === undefined) this.#paths.set(path.flow, [path]);
      else known.push(path);
    }
  }

  /** The machines that packets of a flow came through when it was looked at. */
  wayOf(flow: FlowFacts): ReadonlySet<string> {
    const looks = this.#paths.get(flow.name) ?? [];
    return new Set([flow.from, ...looks.flatMap(({ way }) => way)]);
  }

  /**
   * Null when nothing of it was dropped and nothing stood in its way; `certain`: only what was dropped for
   * a reason that says what is wrong. An answer that is late says that the way is free, and counts only
   * where nothing else is known of the outage (`late`).
   */
  between(
    flow: FlowFacts,
    states: readonly AddressState[],
    from: Nanos,
    to: Nanos,
    certain = false,
    late = false,
  ): Diagnosis | null {
    const most = this.#heaviest(flow, from, to, late);
    const obstacle = this.#obstacle(flow, from, to);
    if (most === null) return obstacle === null || certain ? null : asDiagnosis(obstacle);
    const { drop, meaning } = most;
    if (certain && meaning.rank < 3) return null;
    const { device, reason } = drop;
    const isAbout =
      obstacle !== null && (obstacle.machine === device || obstacle.cause === meaning.cause);
    if (obstacle !== null && (isAbout || meaning.rank < 3)) {
      const text = `${obstacle.text} (${device} drops it: ${reason})`;
      return { cause: obstacle.cause, text, address: null };
    }
    const holders = states.flatMap(({ holdings }) => holdings.map(({ machine }) => machine));
    const cause = atHolder(meaning.cause, reason, holders.includes(device));
    const why = cause === meaning.cause ? meaning.says : CAUSES[cause];
    return { cause, text: `${described(drop)} (${reason}): ${why}`, address: null };
  }

  /** Logical routers that send it to and fro: each has learned that the other has the address. */
  loop(flow: FlowFacts, states: readonly AddressState[], from: Nanos, to: Nanos): Diagnosis | null {
    const { drops } = this.#facts;
    const died = drops
      .slice(firstFrom(drops, from), firstFrom(drops, to))
      .find(
        ({ destination, device, reason }) =>
          this.#withRouter.has(device) &&
          (reason === 'ttl-exceeded' || reason === 'logical-ttl-exceeded') &&
          states.some(({ address }) => address === destination),
      );
    const state = states.find(({ address }) => address === died?.destination);
    if (died === undefined || state === undefined || died.source !== flow.toAddress) return null;
    const other = state.holdings.findLast(
      ({ machine, to: until }) => machine !== died.device && until !== null && until <= from,
    );
    if (other === undefined) return null;
    const text = `answers for ${state.address} go to and fro between ${died.device} and ${other.machine} until their TTL ends`;
    return { cause: 'routing-loop', text, address: state.address };
  }

  /** The last resort, for an outage of which no part has a cause. */
  ofWhole(flow: FlowFacts, states: readonly AddressState[], outage: Outage): Diagnosis {
    const to = outage.to ?? outage.from + outage.duration;
    // Requests wait for ARP, and give up, for some time.
    const late = this.between(flow, states, outage.from, to + PATIENCE, false, true);
    if (late !== null) return late;
    const { why } = outage;
    const byErrno = why === null ? undefined : ERRNO_CAUSES[why];
    if (byErrno !== undefined) {
      const text = `${flow.from} got ${why} from ${flow.toAddress}: ${CAUSES[byErrno]}`;
      return { cause: byErrno, text, address: null };
    }
    if (why !== null) {
      const text = `the requests to ${flow.toAddress} ended with "${why}"`;
      return { cause: 'no-answer', text, address: null };
    }
    if (flow.reached.some((at) => at >= outage.from && at <= to)) {
      const text = `requests reach ${flow.toAddress}, and no answer is back within the timeout of the flow`;
      return { cause: 'no-answer', text, address: null };
    }
    if (this.#facts.dropsOmitted) return { cause: 'unknown', text: CAUSES.unknown, address: null };
    const text = `nothing of it was dropped, and no answer from ${flow.toAddress} was back within the timeout of the flow`;
    return { cause: 'no-answer', text, address: null };
  }

  /** The reason that says most; among equals the most frequent. */
  #heaviest(flow: FlowFacts, from: Nanos, to: Nanos, late: boolean): Weighed | null {
    const { drops } = this.#facts;
    const all = drops.slice(firstFrom(drops, from), firstFrom(drops, to));
    const found = new Map<string, Weighed>();
    for (const drop of this.#relevant(flow, all)) {
      const { destination, device, reason } = drop;
      const isLate =
        reason === 'no-socket' && device === flow.from && destination !== flow.toAddress;
      if (isLate && !late) continue;
      const meaning = isLate ? LATE : meaningOf(reason);
      if (meaning.cause === null) continue;
      const key = `${device} ${reason}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { drop, meaning, count: 1 });
      else known.count++;
    }
    const [most] = [...found.values()].sort(
      (a, b) => b.meaning.rank - a.meaning.rank || b.count - a.count,
    );
    return most ?? null;
  }

  /** Its own packets; where there are none, those of its address on other ways, and ARP about its way. */
  #relevant(flow: FlowFacts, all: readonly DroppedPacket[]): readonly DroppedPacket[] {
    const { toAddress, protocol, port } = flow;
    const isIts = ({ destination, ports, protocol: of, source }: DroppedPacket): boolean =>
      (destination === toAddress || source === toAddress) &&
      (of === 'other' ||
        (of === protocol && (port === null || ports.length === 0 || ports.includes(port))));
    const its = all.filter(isIts);
    const way = [...this.wayOf(flow)].flatMap((name) => [...(this.#addresses.get(name) ?? [])]);
    const about = new Set([toAddress, ...way]);
    const arp = all.filter(
      ({ destination, device, protocol: of, source }) =>
        of === 'arp' &&
        source !== destination &&
        about.has(source) &&
        about.has(destination) &&
        !(this.#withRouter.has(device) && this.#addresses.get(device)?.has(source)),
    );
    if (its.length + arp.length > 0) return [...its, ...arp];
    const ends = [flow.pod?.address, ...this.#doctor.addressesOf(flow)];
    return all.filter(
      ({ destination, protocol: of, source }) =>
        (of === protocol || of === 'other') &&
        (ends.includes(source) || ends.includes(destination)),
    );
  }

  /** What the latest look within a stretch of time found. */
  #obstacle({ name }: FlowFacts, from: Nanos, to: Nanos): Obstacle | null {
    const looks = this.#paths.get(name) ?? [];
    const found = looks.findLast(({ at, obstacle, until }) => {
      return obstacle !== null && until > from && (at < to || at === from);
    });
    return found?.obstacle ?? null;
  }
}

/** An answer that comes back after the flow has closed its socket: it is late. */
const LATE: DropCause = {
  cause: 'no-answer',
  rank: 2,
  says: 'the answer is later than the timeout of the flow',
};

/** ARP gives up after three seconds, and TCP may ask again a second later. */
const PATIENCE: Nanos = 4_000_000_000;

/** What a program was told. */
const ERRNO_CAUSES: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: 'no-listener',
  ECONNRESET: 'connection-state',
  EHOSTUNREACH: 'unresolved',
  ENETUNREACH: 'no-route',
  EADDRNOTAVAIL: 'source-gone',
  EMSGSIZE: 'too-big',
  EPERM: 'refused',
  EACCES: 'route-refuses',
  ENOBUFS: 'overload',
  EAGAIN: 'overload',
};

function asDiagnosis({ cause, text }: Obstacle): Diagnosis {
  return { cause, text, address: null };
}

function described({ destination, device, protocol, source }: DroppedPacket): string {
  return protocol === 'arp'
    ? `${device} drops ARP between ${source} and ${destination}`
    : `${device} drops packets from ${source} to ${destination}`;
}

/** What a packet filter refuses: for want of a connection where the address is, else by intention. */
function atHolder(cause: Cause, reason: string, isHolder: boolean): Cause {
  const isFilter = reason === 'filter-drop' || reason === 'filter-reject';
  return isFilter && isHolder ? 'nat-state-missing' : cause;
}
