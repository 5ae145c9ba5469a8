// What a scenario file exports, and how it is played: a topology, the stimuli of the script in the
// order of the script, and the analysis of the script. Then each case is compared with the fixture.

import { type Comparison, compareCase } from './compare.ts';
import { Roles, readFixture } from './fixture.ts';
import type { RawFrame } from './recorder.ts';
import { World } from './world.ts';

export interface Scenario {
  /** The fixture's name, such as '01a-arp-resolution'. */
  readonly name: string;
  /** As a topology file would have it. */
  readonly topology: (roles: Roles) => object;
  readonly play: (world: World) => void;
  readonly judge: (world: World) => void;
}

export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly CaseOutcome[];
}

export interface CaseOutcome extends Comparison {
  readonly status: 'ok' | 'differs' | 'not covered';
  /** The frames of the case, at its capture points. */
  readonly frames: readonly RawFrame[];
}

/** All chance in a scenario is drawn from this; any other number must do as well. */
export const SEED = 1;

/** Plays a scenario and compares it, case by case in the order of the fixture. */
export function playScenario(scenario: Scenario, seed: number = SEED): Outcome {
  const fixture = readFixture(scenario.name);
  const world = new World(fixture, scenario.topology(new Roles(fixture)), seed);
  scenario.play(world);
  world.finish();
  scenario.judge(world);
  const cases = fixture.cases.map(({ id, events }): CaseOutcome => {
    const played = world.cases.find((candidate) => candidate.id === id);
    if (played === undefined) {
      const differences = ['the scenario does not play this case'];
      return {
        id,
        status: 'not covered',
        differences,
        remarks: [],
        events: [events, []],
        frames: [],
      };
    }
    const comparison = compareCase(played);
    const frames = world.recorder.raw.filter(
      ({ at, time }) => played.includes(time / 1e9) && played.captures.includes(at),
    );
    return {
      ...comparison,
      status: comparison.differences.length === 0 ? 'ok' : 'differs',
      frames,
    };
  });
  return { name: scenario.name, title: fixture.title, cases };
}
