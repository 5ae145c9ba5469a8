// How far the clock of one capture file is off that of another, from frames that both saw: the offset is the median
// difference, half the sum of both directions where there are both, so that the delay of the way falls out; the drift is
// the median of pairwise slopes (Theil and Sen). With few frames there is no drift, without any there is no estimate.

import { isReadable } from '../capture/reading/link-type.ts';
import type { CaptureListener, FrameRecord } from '../capture/reading/record.ts';
import type { Nanos } from '../sim/time.ts';
import { EtherType } from '../wire/numbers.ts';
import { AddressBook, SeenPacket } from './packet.ts';
import { arpKey, packetKey, translatedKey } from './packet-key.ts';
import { Sight } from './sight.ts';

const KEY_LIMIT = 200_000;
const POINT_LIMIT = 200;
/** Fewer frames, or less time, have no drift. */
const DRIFT_FRAMES = 10;
const DRIFT_SPAN: Nanos = 10_000_000_000;
/** A clock that was set: more than this between two frames, and many times what else lies between two. */
const STEP: Nanos = 5_000_000;
const STEP_RATIO = 20;

/** The clock of a file against that of another. */
export interface ClockEstimate {
  /** Nanoseconds that it was ahead at `at`. */
  readonly offset: Nanos;
  /** In nanoseconds of the other clock after its first second. */
  readonly at: Nanos;
  /** Parts per million that it runs fast; 0 where it cannot be told. */
  readonly drift: number;
  /** Frames that both saw once. */
  readonly shared: number;
  /** Between the 5th and the 95th percentile of what the estimate leaves. */
  readonly spread: Nanos;
  /** They were seen on the two sides of address translation. */
  readonly translated: boolean;
  /** From one direction only: the offset has the delay of the way in it. */
  readonly oneWay: boolean;
  /** The clock was set in between: when, and by how much; null where it was not. */
  readonly step: { readonly at: Nanos; readonly by: Nanos } | null;
}

/** The clock of a file: estimated, or as the user told it. */
export interface FileClock extends ClockEstimate {
  readonly told: boolean;
}

interface Sighting {
  readonly at: Nanos;
  /** Distinguishes the two directions of one pair of hosts. */
  readonly forth: boolean;
}

/** Null: more than once. */
type Sightings = Map<number, Sighting | null>;

/** The keys of the frames of one file. */
export class FrameKeys implements CaptureListener {
  readonly plain: Sightings = new Map();
  readonly translated: Sightings = new Map();
  first: Nanos = Number.POSITIVE_INFINITY;
  last: Nanos = Number.NEGATIVE_INFINITY;
  readonly #base: (seconds: number) => number;
  readonly #sight = new Sight();
  readonly #packet = new SeenPacket();
  readonly #addresses = new AddressBook();

  /** `base` gives the second that times count from: that of the first frame of all files. */
  constructor(base: (seconds: number) => number) {
    this.#base = base;
  }

  /** No more are kept. */
  get isFull(): boolean {
    return this.plain.size >= KEY_LIMIT;
  }

  frame(record: FrameRecord): void {
    if (!isReadable(record.linkType) || this.isFull) return;
    const at = (record.seconds - this.#base(record.seconds)) * 1e9 + record.nanos;
    this.first = Math.min(this.first, at);
    this.last = Math.max(this.last, at);
    const sight = this.#sight;
    if (!sight.read(record, at, record.number, 0)) return;
    if (sight.etherType === EtherType.Arp) {
      keep(this.plain, arpKey(sight), at, sight.view.getUint8(sight.l3 + 7) === 1);
      return;
    }
    const packet = this.#packet;
    if (!packet.read(sight, this.#addresses) || packet.isMulticast) return;
    const forth = packet.source < packet.destination;
    keep(this.plain, packetKey(sight, packet), at, forth);
    keep(this.translated, translatedKey(sight, packet), at, towardsServer(sight, packet));
  }

  interface(): void {}

  name(): void {}

  notice(): void {}
}

function keep(into: Sightings, key: number | null, at: Nanos, forth: boolean): void {
  if (key === null) return;
  into.set(key, into.has(key) ? null : { at, forth });
}

function towardsServer({ view }: Sight, { l4 }: SeenPacket): boolean {
  return view.getUint16(l4) > view.getUint16(l4 + 2);
}

interface Difference extends Sighting {
  readonly by: Nanos;
}

/** The clock of `other` against that of `reference`; null when they share no frame. */
export function estimateClock(reference: FrameKeys, other: FrameKeys): ClockEstimate | null {
  const plain = differences(reference.plain, other.plain);
  if (plain.length >= 2) return estimate(plain, false);
  const translated = differences(reference.translated, other.translated);
  return translated.length >= 2 ? estimate(translated, true) : null;
}

function differences(reference: Sightings, other: Sightings): Difference[] {
  const found: Difference[] = [];
  for (const [key, there] of other) {
    const here = there === null ? null : (reference.get(key) ?? null);
    if (there === null || here === null) continue;
    found.push({ at: here.at, by: there.at - here.at, forth: there.forth });
  }
  return found.sort((a, b) => a.at - b.at);
}

function estimate(shared: readonly Difference[], translated: boolean): ClockEstimate {
  const step = stepIn(shared);
  const [first, last] = [shared[0]?.at ?? 0, shared.at(-1)?.at ?? 0];
  const canDrift = shared.length >= DRIFT_FRAMES && last - first >= DRIFT_SPAN && step === null;
  const slope = canDrift ? slopeOf(thinned(shared), (last - first) / 4) : 0;
  const before = step === null ? shared : shared.filter(({ at }) => at < step.at);
  const rest = before.map(({ at, by, forth }) => ({ forth, by: by - slope * (at - first) }));
  const ways = [true, false].map((forth) => rest.filter((each) => each.forth === forth));
  const medians = ways.filter((way) => way.length > 0).map((way) => median(way.map(byOf)));
  const offset = medians.reduce((sum, each) => sum + each, 0) / medians.length;
  const left = rest.map(({ by }) => by - offset).sort((a, b) => a - b);
  const spread = at(left, 0.95) - at(left, 0.05);
  const oneWay = medians.length < 2;
  const drift = slope * 1e6;
  return { offset, at: first, drift, shared: shared.length, spread, translated, oneWay, step };
}

function byOf({ by }: { readonly by: Nanos }): Nanos {
  return by;
}

/** A jump that is far larger than all others. */
function stepIn(shared: readonly Difference[]): ClockEstimate['step'] {
  if (shared.length < DRIFT_FRAMES) return null;
  const jumps = shared.slice(1).map(({ by }, index) => by - (shared[index]?.by ?? by));
  const sizes = jumps.map(Math.abs).sort((a, b) => a - b);
  const largest = sizes.at(-1) ?? 0;
  if (largest < STEP || largest < STEP_RATIO * at(sizes, 0.9)) return null;
  const index = jumps.findIndex((jump) => Math.abs(jump) === largest);
  const half = (part: readonly Difference[]): Nanos => median(part.map(byOf));
  const by = half(shared.slice(index + 1)) - half(shared.slice(0, index + 1));
  // One frame that came late is no step.
  if (Math.abs(by) < largest / 2) return null;
  return { at: shared[index + 1]?.at ?? 0, by };
}

function thinned(shared: readonly Difference[]): Difference[] {
  const every = Math.max(1, Math.ceil(shared.length / POINT_LIMIT));
  return shared.filter((_, index) => index % every === 0);
}

function slopeOf(points: readonly Difference[], apart: Nanos): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (let other = index + 1; other < points.length; other++) {
      const b = points[other];
      // Of one direction: the way there and the way back differ.
      if (b === undefined || b.forth !== a.forth || b.at - a.at < apart) continue;
      slopes.push((b.by - a.by) / (b.at - a.at));
    }
  }
  return slopes.length === 0 ? 0 : median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** A time of the other clock in that of the reference. */
export function converted(time: Nanos, { at: since, drift, offset, step }: ClockEstimate): Nanos {
  const ahead = offset + (drift / 1e6) * (time - offset - since);
  const late = step !== null && time - offset - step.by >= step.at ? step.by : 0;
  return time - ahead - late;
}
