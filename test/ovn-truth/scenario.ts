// What a scenario file exports, and how it is played against one measured release: the counterpart of
// kernel-truth/scenario.ts, whose comparer it uses.

import { compareCase } from '../kernel-truth/compare.ts';
import type { Fixture, FixtureCase, JsonObject } from '../kernel-truth/fixture.ts';
import type { RawFrame } from '../kernel-truth/recorder.ts';
import type { CaseOutcome, Outcome } from '../kernel-truth/scenario.ts';
import { type ReleaseName, readOvnFixture } from './fixture.ts';
import { type OvnOptions, OvnWorld } from './world.ts';

export interface OvnScenario {
  /** The fixture's name, such as 'o1-garp'. */
  readonly name: string;
  /** Why the lab does not play it; null when it does. */
  readonly notCovered: string | null;
  readonly options: OvnOptions;
  /** Cases whose TCP goes another way than Linux's once segments are lost, and from when on. */
  readonly tcpUntil?: Readonly<Record<string, number>>;
  readonly play: (world: OvnWorld) => void;
  readonly judge: (world: OvnWorld) => void;
}

const SEED = 1;
const LOSS =
  "Linux counts its congestion window in segments and the script's server has Nagle's algorithm on: what is sent again, and when, is TCP's";
/** Every ARP frame of OVN and of these hosts has as many octets: nobody pads. */
const ARP_FRAME_OCTETS = 42;

/** Plays a scenario and compares it with what one release did, case by case in the order of the fixture. */
export function playOvnScenario(
  scenario: OvnScenario,
  release: ReleaseName,
  seed: number = SEED,
): Outcome {
  const { title, cases } = readOvnFixture(release, scenario.name);
  const name = `${scenario.name} (OVN ${release})`;
  if (scenario.notCovered !== null) {
    const reason = scenario.notCovered;
    return { name, title, cases: cases.map(({ id, events }) => missing(id, events, reason)) };
  }
  const fixture = withoutLosses(readOvnFixture(release, scenario.name), scenario);
  const world = new OvnWorld(fixture, release, scenario.options, seed);
  scenario.play(world);
  world.finish();
  scenario.judge(world);
  for (const played of world.cases) {
    const from = scenario.tcpUntil?.[played.id];
    if (from === undefined) continue;
    played.drop((event) => isAfterLoss(event, from));
    played.waive(`TCP from ${from} s on`, LOSS);
  }
  const outcomes = cases.map(({ id, events }): CaseOutcome => {
    const played = world.cases.find((candidate) => candidate.id === id);
    if (played === undefined) return missing(id, events, 'the scenario does not play this case');
    const comparison = compareCase(played);
    const frames = world.recorder.raw.filter(
      ({ at, time }) => played.includes(time / 1e9) && played.captures.includes(at),
    );
    const differences = [...comparison.differences, ...oddLengths(frames)];
    return {
      ...comparison,
      differences,
      status: differences.length === 0 ? 'ok' : 'differs',
      frames,
    };
  });
  return { name, title, cases: outcomes };
}

function withoutLosses(fixture: Fixture, { tcpUntil = {} }: OvnScenario): Fixture {
  const cases = fixture.cases.map((truth): FixtureCase => {
    const from = tcpUntil[truth.id];
    if (from === undefined) return truth;
    const events = truth.events.filter((event) => !isAfterLoss(event, from));
    const app = Object.entries(truth.app ?? {}).map(([host, lines]) => {
      const early = lines.filter(({ t }) => t < from);
      return [host, early] as const;
    });
    return { ...truth, events, app: Object.fromEntries(app) };
  });
  return { ...fixture, cases };
}

/** A segment, what an application heard by it, or what was asked and answered because of it. */
function isAfterLoss(event: JsonObject, from: number): boolean {
  if (Number(event.t) < from || event.kind === 'action') return false;
  return event.kind !== 'arp' || event.spa !== event.tpa;
}

function missing(id: string, events: CaseOutcome['events'][0], reason: string): CaseOutcome {
  return {
    id,
    status: 'not covered',
    differences: [reason],
    remarks: [],
    events: [events, []],
    frames: [],
  };
}

function oddLengths(frames: readonly RawFrame[]): string[] {
  const odd = frames.filter(
    ({ frame }) =>
      frame.view.getUint16(frame.start + 12) === 0x0806 && frame.length !== ARP_FRAME_OCTETS,
  );
  return odd.length === 0 ? [] : [`${odd.length} ARP frames have other lengths than 42 octets`];
}
