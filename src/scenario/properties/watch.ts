// One property of a scenario under watch, and what became of it.

import { formatSeconds, type Nanos } from '../../sim/time.ts';
import type { Property } from '../../topology/properties/property.ts';
import { PROPERTY_WORDS } from '../../topology/properties/words.ts';
import { check } from '../expectations/index.ts';
import type { ScenarioState } from '../state.ts';
import type { Breach, TellBreach } from './breach.ts';
import { RULES, type StateRule } from './index.ts';
import { SightingWatch } from './sightings.ts';
import { Stretches } from './stretches.ts';
import type { World } from './world.ts';

/** Watches one property from its making on. */
export class PropertyWatch {
  readonly property: Property;
  readonly #world: World;
  readonly #stretches: Stretches;
  readonly #find: StateRule | null;
  readonly #sightings: SightingWatch | null;
  readonly #isLate: boolean;
  #judged = 0;

  constructor(property: Property, world: World, state: ScenarioState) {
    this.property = property;
    this.#world = world;
    const isLate =
      property.kind === 'own'
        ? property.form === 'eventually'
        : PROPERTY_WORDS[property.name].mode === 'after';
    this.#isLate = isLate;
    this.#stretches = new Stretches(isLate ? 0 : property.allowance);
    const rule = property.kind === 'known' ? RULES[property.name] : null;
    this.#sightings =
      rule?.by === 'sighting' ? new SightingWatch(rule.judge, this.#stretches) : null;
    this.#find =
      property.kind === 'own' ? ownRule(property, state) : rule?.by === 'state' ? rule.find : null;
  }

  /** How often it was judged: a property that never was has not held. */
  get judged(): number {
    return this.#judged;
  }

  get breaches(): readonly Breach[] {
    return this.#stretches.breaches;
  }

  /** An instant is over in which something happened. */
  look(): void {
    if (!this.#isLate) this.#judge();
  }

  /** The verdict is asked for: what is judged at the end is judged now. */
  conclude(): readonly Breach[] {
    const { lastChange, now } = this.#world;
    if (!this.#isLate || now - lastChange >= this.property.allowance) this.#judge();
    return this.breaches;
  }

  #judge(): void {
    this.#judged++;
    const world = this.#world;
    this.#sightings?.look(world);
    const find = this.#find;
    if (find !== null) this.#stretches.look(world.now, (found) => find(world, found));
  }
}

/** As an expectation says it: one fact per line. */
export function breachTexts(breaches: readonly Breach[], now: Nanos): string[] {
  return breaches.slice(0, 10).map(({ saw, since }) => {
    const lasted = now === since ? '' : `, from ${formatSeconds(since)} s`;
    return `${saw}${lasted}`;
  });
}

/** An expectation as a state: bad while it fails, or for `never` while it holds. */
function ownRule(property: Property & { readonly kind: 'own' }, state: ScenarioState): StateRule {
  const { expectation, form, name } = property;
  return (_world: World, found: TellBreach): void => {
    const saw = check(state, expectation);
    const isBad = form === 'never' ? saw.length === 0 : saw.length > 0;
    if (isBad) found({ kind: 'lab', name }, saw[0] ?? `${expectation.text} holds`);
  };
}
