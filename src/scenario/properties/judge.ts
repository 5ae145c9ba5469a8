// Watches the properties that a scenario names: looks when an instant is over in which something was logged,
// and once a second of lab time, for some things change without a word.

import { type Nanos, seconds } from '../../sim/time.ts';
import type { PropertyExpectation } from '../../topology/properties/property.ts';
import type { Step } from '../../topology/steps/index.ts';
import type { ScenarioState } from '../state.ts';
import { breachTexts, PropertyWatch } from './watch.ts';
import { World } from './world.ts';

const LOOK_INTERVAL: Nanos = seconds(1);

/** The properties of one run. */
export class PropertyJudge {
  readonly world: World;
  readonly #watches: ReadonlyMap<PropertyExpectation, PropertyWatch>;
  #changed = false;
  #observer: ((world: World) => void) | null = null;

  /** Watches from now on. */
  private constructor(expectations: readonly PropertyExpectation[], state: ScenarioState) {
    const world = new World(state);
    this.world = world;
    this.#watches = new Map(
      expectations.map((each) => [each, new PropertyWatch(each.property, world, state)]),
    );
    const { events, scheduler } = state.lab;
    events.subscribe(({ kind }) => {
      if (kind !== 'log-line') this.#changed = true;
    });
    scheduler.onInstantOver(() => this.#look());
    scheduler.after(LOOK_INTERVAL, lookAgain, this, null, { background: true });
  }

  /** Null where the steps expect no property: then nobody looks. */
  static of(steps: readonly Step[], state: ScenarioState): PropertyJudge | null {
    const found = steps.flatMap((step) =>
      step.kind === 'expect' ? step.expectations.filter((each) => each.kind === 'property') : [],
    );
    return found.length === 0 ? null : new PropertyJudge(found, state);
  }

  /** By the expectation that names each. */
  get watches(): ReadonlyMap<PropertyExpectation, PropertyWatch> {
    return this.#watches;
  }

  /** Calls `observer` at each look, after the properties were judged. */
  onLook(observer: (world: World) => void): void {
    this.#observer = observer;
  }

  /** What was seen instead; empty when the property holds. */
  check(expectation: PropertyExpectation): string[] {
    const watch = this.#watches.get(expectation);
    if (watch === undefined) return [];
    return breachTexts(watch.conclude(), this.world.now);
  }

  /** Called by the timer of a second. */
  tick(): void {
    this.#changed = true;
    const { scheduler } = this.world.lab;
    scheduler.after(LOOK_INTERVAL, lookAgain, this, null, { background: true });
  }

  #look(): void {
    if (!this.#changed) return;
    this.#changed = false;
    for (const watch of this.#watches.values()) watch.look();
    this.#observer?.(this.world);
  }
}

function lookAgain(judge: PropertyJudge): void {
  judge.tick();
}
