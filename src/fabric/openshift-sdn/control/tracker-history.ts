// What many trackers were told, and what they made of it. The agents of a cluster watch the same objects,
// so their trackers are told the same in the same order, though not at the same time; and a tracker is a
// reducer. So one of them computes, and the others look up what it made of the same events. Who is told
// something else gets a tracker of its own, which is told all that came before: the results are the same.
//
// 1,000 agents and 1,000 HostSubnets that gain an egress IP: one tracker with 1,000 nodes, not 1,000.

import type { HostSubnetView } from './host-subnet-view.ts';
import { Tracker, type TrackerOptions } from './tracker.ts';
import type { TrackerEffect, TrackerState } from './tracker-state.ts';

/** Of a history that is longer nobody is told anything any more: each tracker goes on alone. */
const HISTORY_LIMIT = 4096;

const NO_ADDRESSES: readonly string[] = [];

/** One event; a verdict has the node's address as `name`. */
interface TrackerEvent {
  readonly kind:
    | 'hostsubnet'
    | 'hostsubnet-gone'
    | 'netnamespace'
    | 'netnamespace-gone'
    | 'verdict';
  readonly view: HostSubnetView | null;
  readonly name: string;
  readonly vnid: number;
  readonly egressIps: readonly string[];
  readonly offline: boolean;
}

interface Told {
  readonly event: TrackerEvent;
  readonly effects: readonly TrackerEffect[];
}

/** The common past of trackers that were made with the same options. */
export class TrackerHistory {
  readonly #options: TrackerOptions;
  readonly #told: Told[] = [];
  readonly #newest: Tracker;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#newest = new Tracker(options);
  }

  get length(): number {
    return this.#told.length;
  }

  /** The tracker that was told all of it. */
  get newest(): TrackerState {
    return this.#newest.state;
  }

  /** A tracker that was told nothing yet. */
  follow(): SharedTracker {
    return new SharedTracker(this);
  }

  /**
   * What a tracker that was told the first `count` events makes of this one; null if the history goes on
   * otherwise, or must not become longer.
   */
  tell(count: number, event: TrackerEvent): readonly TrackerEffect[] | null {
    const next = this.#told[count];
    if (next !== undefined) return isSame(next.event, event) ? next.effects : null;
    if (count >= HISTORY_LIMIT) return null;
    const effects = apply(this.#newest, event);
    this.#told.push({ event, effects });
    return effects;
  }

  /** What a tracker that was told the first `count` events makes of a HostSubnet, if another was told it next. */
  knownHostSubnet(count: number, view: HostSubnetView): readonly TrackerEffect[] | null {
    const next = this.#told[count];
    if (next === undefined || next.event.view !== view || next.event.kind !== 'hostsubnet')
      return null;
    return next.effects;
  }

  /** A tracker of one's own that was told the first `count` events. */
  replay(count: number): Tracker {
    const tracker = new Tracker(this.#options);
    for (const { event } of this.#told.slice(0, count)) apply(tracker, event);
    return tracker;
  }
}

/** A tracker whose work is shared with the others of its history. See Tracker for what it is told. */
export class SharedTracker {
  readonly #history: TrackerHistory;
  #count = 0;
  #own: Tracker | null = null;

  /** Use `TrackerHistory.follow`. */
  constructor(history: TrackerHistory) {
    this.#history = history;
  }

  /** For the monitors and for inspection; read only. */
  get state(): TrackerState {
    if (this.#own === null && this.#count === this.#history.length) return this.#history.newest;
    this.#own ??= this.#history.replay(this.#count);
    return this.#own.state;
  }

  /** See Tracker.receiveHostSubnet. */
  receiveHostSubnet(view: HostSubnetView): readonly TrackerEffect[] {
    if (this.#own !== null) return this.#own.receiveHostSubnet(view);
    // The event that comes a thousand times: known without being written down again.
    const known = this.#history.knownHostSubnet(this.#count, view);
    if (known === null) return this.#tell({ ...NOTHING_SAID, kind: 'hostsubnet', view });
    this.#count++;
    return known;
  }

  /** See Tracker.deleteHostSubnet. */
  deleteHostSubnet(view: HostSubnetView): readonly TrackerEffect[] {
    if (this.#own !== null) return this.#own.deleteHostSubnet(view);
    return this.#tell({ ...NOTHING_SAID, kind: 'hostsubnet-gone', view });
  }

  /** See Tracker.updateNetNamespace. */
  updateNetNamespace(
    name: string,
    vnid: number,
    egressIps: readonly string[],
  ): readonly TrackerEffect[] {
    if (this.#own !== null) return this.#own.updateNetNamespace(name, vnid, egressIps);
    return this.#tell({ ...NOTHING_SAID, kind: 'netnamespace', name, vnid, egressIps });
  }

  /** See Tracker.deleteNetNamespace. */
  deleteNetNamespace(name: string, vnid: number): readonly TrackerEffect[] {
    if (this.#own !== null) return this.#own.deleteNetNamespace(name, vnid);
    return this.#tell({ ...NOTHING_SAID, kind: 'netnamespace-gone', name, vnid });
  }

  /** See Tracker.setNodeOffline. */
  setNodeOffline(nodeIp: string, offline: boolean): readonly TrackerEffect[] {
    if (this.#own !== null) return this.#own.setNodeOffline(nodeIp, offline);
    return this.#tell({ ...NOTHING_SAID, kind: 'verdict', name: nodeIp, offline });
  }

  #tell(event: TrackerEvent): readonly TrackerEffect[] {
    const effects = this.#history.tell(this.#count, event);
    if (effects !== null) {
      this.#count++;
      return effects;
    }
    this.#own = this.#history.replay(this.#count);
    return apply(this.#own, event);
  }
}

const NOTHING_SAID: Omit<TrackerEvent, 'kind'> = {
  view: null,
  name: '',
  vnid: 0,
  egressIps: NO_ADDRESSES,
  offline: false,
};

/** Objects do not change, so views and lists of addresses are the same if they are the same one. */
function isSame(a: TrackerEvent, b: TrackerEvent): boolean {
  return (
    a.kind === b.kind &&
    a.view === b.view &&
    a.name === b.name &&
    a.vnid === b.vnid &&
    a.offline === b.offline &&
    (a.egressIps === b.egressIps || (a.egressIps.length === 0 && b.egressIps.length === 0))
  );
}

function apply(tracker: Tracker, event: TrackerEvent): readonly TrackerEffect[] {
  const { kind, view, name, vnid, egressIps, offline } = event;
  if (kind === 'verdict') return tracker.setNodeOffline(name, offline);
  if (kind === 'netnamespace') return tracker.updateNetNamespace(name, vnid, egressIps);
  if (kind === 'netnamespace-gone') return tracker.deleteNetNamespace(name, vnid);
  if (view === null) return [];
  return kind === 'hostsubnet' ? tracker.receiveHostSubnet(view) : tracker.deleteHostSubnet(view);
}
