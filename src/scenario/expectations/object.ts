// Expectations that a fabric brings: it knows its own objects and looks at them itself.

import { present } from '../../base/assert.ts';
import type { ObjectExpectation } from '../../topology/expectations/index.ts';
import type { ScenarioState } from '../state.ts';

/** What differs from the object, in the words of the fabric. */
export function object({ lab }: ScenarioState, { keyword, wanted }: ObjectExpectation): string[] {
  if (lab.cluster === null) return ['there is no cluster'];
  const { fabric, store } = lab.cluster;
  const known = fabric.expectations.find((each) => each.keyword === keyword);
  return present(known, 'the topology was read with this fabric').check(store, wanted);
}
