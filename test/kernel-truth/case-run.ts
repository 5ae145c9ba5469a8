// One case as the lab played it, with the questions that the scripts' analysis asks of it: which
// frames, which states, and what follows from them. The counterpart of class Case in gt.py.

import type { Seen } from './decode.ts';
import { eventOf } from './decode.ts';
import type { FixtureCase, Json, JsonObject, Measured, Roles } from './fixture.ts';
import type { NeighborNote } from './recorder.ts';
import type { Tracked } from './tracked.ts';

/** Something that happened besides frames: an action of the script, a line of an application. */
export interface Mark {
  readonly t: number;
  readonly host: string | null;
  readonly text: string;
}

/** All that was recorded of a run; shared by its cases. */
export interface Record_ {
  readonly frames: readonly Seen[];
  readonly actions: readonly Mark[];
  readonly apps: readonly Mark[];
  readonly neighbors: readonly NeighborNote[];
  readonly roles: Roles;
}

export interface CheckResult {
  readonly check: string;
  readonly ok: boolean;
  /** What was there instead. */
  readonly got: Json;
}

/** A difference that is accepted, and why: shown in the table. */
export interface Waiver {
  readonly what: string;
  readonly reason: string;
}

export type EventFilter = (event: JsonObject) => boolean;
export type NoteFilter = (note: NeighborNote) => boolean;
type Wanted = Partial<Omit<Seen, 'at'>>;

/** States before this count as those at the beginning: gt.py's margin. */
const MARGIN_SECONDS = 0.05;

export class CaseRun {
  readonly id: string;
  readonly start: number;
  /** Capture points whose frames are events of the case. */
  readonly captures: readonly string[];
  readonly truth: FixtureCase;
  readonly facts: Record<string, Json> = {};
  readonly measures: Record<string, Measured> = {};
  readonly checks: CheckResult[] = [];
  readonly waivers: Waiver[] = [];
  /** conntrack -L, by label. */
  readonly tables = new Map<string, readonly Tracked[]>();
  /** What commands printed, by label. */
  readonly outputs = new Map<string, string>();
  /** Exit codes, in order. */
  readonly exitCodes: number[] = [];
  end = Number.POSITIVE_INFINITY;
  #record: Record_ | null = null;
  #eventFilters: EventFilter[] = [];
  readonly #noteFilters: NoteFilter[] = [];
  readonly #masks = new Map<number, string>();
  #perPoint = false;

  constructor(truth: FixtureCase, start: number, captures: readonly string[]) {
    this.id = truth.id;
    this.truth = truth;
    this.start = start;
    this.captures = captures;
  }

  /** Called when the run is over. */
  attach(record: Record_): void {
    this.#record = record;
  }

  get #recorded(): Record_ {
    if (this.#record === null) throw new Error('the run is not over');
    return this.#record;
  }

  /** The frames of the case at one capture point ('' for all) with these fields. */
  frames(at: string, wanted: Wanted = {}): Seen[] {
    return this.#recorded.frames.filter(
      (seen) => this.includes(seen.t) && (at === '' || seen.at === at) && matches(seen, wanted),
    );
  }

  /** The frames of the whole run: for flows that began before the case. */
  allFrames(at: string, wanted: Wanted = {}): Seen[] {
    return this.#recorded.frames.filter(
      (seen) => (at === '' || seen.at === at) && matches(seen, wanted),
    );
  }

  includes(t: number): boolean {
    return this.start <= t && t < this.end;
  }

  actions(): Mark[] {
    return this.#recorded.actions.filter(({ t }) => this.includes(t));
  }

  /** @throws when there are not so many */
  action(index: number): Mark {
    return element(this.actions(), index, `action of ${this.id}`);
  }

  apps(host: string | null = null): Mark[] {
    return this.#recorded.apps.filter(
      (line) => this.includes(line.t) && (host === null || line.host === host),
    );
  }

  /** What became of neighbor entries during the case. */
  neighbors(host: string | null = null, role: string | null = null): NeighborNote[] {
    return this.#recorded.neighbors.filter(
      (note) =>
        this.includes(note.t) &&
        (host === null || note.host === host) &&
        (role === null || this.#recorded.roles.ip(note.ip) === role),
    );
  }

  /** ['REACHABLE:B', 'STALE:B', …] */
  states(host: string, role: string): string[] {
    return this.neighbors(host, role).map(({ state, lladdr }) =>
      lladdr === null ? state : `${state}:${this.mac(lladdr)}`,
    );
  }

  /** 'STALE:B': the entry at time `t`, by default at the end of the case; 'NONE' without one. */
  entry(host: string, role: string, t: number = this.end): string {
    const last = this.#recorded.neighbors.findLast(
      (note) => note.host === host && this.#recorded.roles.ip(note.ip) === role && note.t <= t,
    );
    if (last === undefined || last.state === 'GONE') return 'NONE';
    return last.lladdr === null ? last.state : `${last.state}:${this.mac(last.lladdr)}`;
  }

  /** The role of a MAC. */
  mac(text: string): string {
    return this.#recorded.roles.mac(text);
  }

  /** A snapshot of the connection table. @throws when none was taken */
  table(label: string): readonly Tracked[] {
    const table = this.tables.get(label);
    if (table === undefined) throw new Error(`${this.id}: no table ${label}`);
    return table;
  }

  /** The snapshot as a fact: without timeouts, in the order of gt.py. */
  tuples(label: string, wanted: (entry: Tracked) => boolean = () => true): Json[] {
    const facts = this.table(label)
      .filter(wanted)
      .map(({ timeout: _, ...fact }) => this.masked(fact as unknown as JsonObject));
    return facts.sort((a, b) => (pythonJson(a) < pythonJson(b) ? -1 : 1));
  }

  /** What a command printed. @throws when none did under this label */
  output(label: string): string {
    const text = this.outputs.get(label);
    if (text === undefined) throw new Error(`${this.id}: no output ${label}`);
    return text;
  }

  fact(name: string, value: Json): void {
    this.facts[name] = value;
  }

  /** A number of this run; the accepted range is the fixture's. */
  measured(name: string, value: Json): void {
    const rounded = typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
    this.measures[name] = { value: rounded };
  }

  check(check: string, ok: boolean, got: Json = null): void {
    this.checks.push({ check, ok, got });
  }

  /** Only events for which the filter is true belong to the case. */
  keep(filter: EventFilter): void {
    this.#eventFilters.push(filter);
  }

  drop(filter: EventFilter): void {
    this.keep((event) => !filter(event));
  }

  /** Replaces every filter so far. */
  keepOnly(filter: EventFilter): void {
    this.#eventFilters = [filter];
  }

  keepNeighbors(filter: NoteFilter): void {
    this.#noteFilters.push(filter);
  }

  /** Randomly drawn ports and identifiers get a name. */
  mask(number: number | undefined, name: string): void {
    if (number !== undefined) this.#masks.set(number, name);
  }

  /**
   * As the set of layer 2 is compared: without the identifiers of echoes, and in no order between
   * capture points.
   */
  readPerPoint(): void {
    this.#perPoint = true;
  }

  /** Events in the order in which they are compared. */
  ordered<E extends JsonObject>(events: readonly E[]): readonly E[] {
    if (!this.#perPoint) return events;
    const point = ({ at }: JsonObject): string => (typeof at === 'string' ? at : '');
    return [...events].sort((a, b) => order(point(a), point(b)));
  }

  /** Accepts a difference, in the open. */
  waive(what: string, reason: string): void {
    this.waivers.push({ what, reason });
  }

  /** Time zero of the case: its first action or captured frame. */
  zero(): number {
    const actions = this.actions().map(({ t }) => t);
    const first = this.#recorded.frames.find(
      (seen) => this.includes(seen.t) && this.captures.includes(seen.at),
    );
    return Math.min(
      ...actions,
      first?.t ?? (actions.length > 0 ? Number.POSITIVE_INFINITY : this.start),
    );
  }

  /** The case in the shape of the fixture's, to be compared with it. */
  result(): Pick<FixtureCase, 'events' | 'app' | 'neigh'> {
    const zero = this.zero();
    return { events: this.#events(zero), app: this.#appLines(zero), neigh: this.#lives(zero) };
  }

  #events(zero: number): FixtureCase['events'] {
    const actions = this.actions().map((action) => ({
      t: action.t,
      event: { t: tenths(action.t - zero), kind: 'action', text: action.text } as JsonObject,
    }));
    const frames = this.frames('')
      .filter((seen) => this.captures.includes(seen.at))
      .map((seen) => ({
        t: seen.t,
        event: this.#perPoint ? withoutId(eventOf(seen, zero)) : eventOf(seen, zero),
      }));
    return [...actions, ...frames]
      .sort((a, b) => a.t - b.t)
      .filter(({ event }) => this.#eventFilters.every((filter) => filter(event)))
      .map(({ event }) => this.masked(event) as FixtureCase['events'][number]);
  }

  #appLines(zero: number): NonNullable<FixtureCase['app']> {
    const lines: Record<string, { t: number; text: string }[]> = {};
    for (const { t, host, text } of this.apps()) {
      const line = { t: tenths(t - zero), text };
      const event = { ...line, kind: 'app', host };
      if (!this.#eventFilters.every((filter) => filter(event))) continue;
      const list = lines[host ?? ''] ?? [];
      lines[host ?? ''] = list;
      list.push(line);
    }
    return lines;
  }

  #lives(zero: number): NonNullable<FixtureCase['neigh']> {
    const { neighbors, roles } = this.#recorded;
    const lives = new Map<string, Mutable>();
    for (const note of neighbors) {
      if (note.t >= this.end) break;
      const readable = { ...note, ip: roles.ip(note.ip) };
      if (!this.#noteFilters.every((filter) => filter(readable))) continue;
      const { host, dev, ip, state } = readable;
      const lladdr = note.lladdr === null ? null : roles.mac(note.lladdr);
      const key = `${host} ${dev} ${ip}`;
      const life = lives.get(key) ?? { host, dev, ip, before: null, timeline: [] };
      lives.set(key, life);
      const t = note.t - zero;
      if (t < -MARGIN_SECONDS) life.before = state === 'GONE' ? null : { state, lladdr };
      else life.timeline.push({ t: tenths(t), state, lladdr });
    }
    return [...lives.values()]
      .filter(({ before, timeline }) => before !== null || timeline.length > 0)
      .sort((a, b) => order(a.host, b.host) || order(a.dev, b.dev) || order(a.ip, b.ip));
  }

  masked(value: Json): Json {
    if (Array.isArray(value)) return value.map((item: Json) => this.masked(item));
    if (typeof value !== 'object' || value === null) return value;
    const masked: Record<string, Json> = {};
    for (const [key, inner] of Object.entries(value as JsonObject)) {
      const name =
        typeof inner === 'number' && MASKED_KEYS.includes(key) ? this.#masks.get(inner) : undefined;
      masked[key] = name ?? this.masked(inner);
    }
    return masked;
  }
}

interface Mutable {
  readonly host: string;
  readonly dev: string;
  readonly ip: string;
  before: NonNullable<FixtureCase['neigh']>[number]['before'];
  readonly timeline: NonNullable<FixtureCase['neigh']>[number]['timeline'][number][];
}

const MASKED_KEYS: readonly string[] = ['sport', 'dport', 'id'];

/** The element of a list that must have it. @throws when it does not */
export function element<T>(list: readonly T[], index: number, what: string): T {
  const found = list.at(index);
  if (found === undefined) throw new Error(`there is no ${what} number ${index}`);
  return found;
}

/** Deep equality of plain values; the order of keys does not matter. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, i) => same(item, b[i]));
  }
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const left = a as JsonObject;
    const right = b as JsonObject;
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return (
      !Array.isArray(a) &&
      !Array.isArray(b) &&
      [...keys].every((key) => same(left[key], right[key]))
    );
  }
  return a === b;
}

function withoutId({ id: _, ...event }: JsonObject): JsonObject {
  return event;
}

function matches(seen: Seen, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([key, value]) => seen[key as keyof Seen] === value);
}

function tenths(t: number): number {
  return Math.round(t * 10) / 10 + 0;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** json.dumps, by which gt.py sorts. */
function pythonJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value as JsonObject).map(
    ([key, inner]) => `${JSON.stringify(key)}: ${pythonJson(inner)}`,
  );
  return `{${pairs.join(', ')}}`;
}
