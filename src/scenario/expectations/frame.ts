// `frame:`: frames that must, or must not, have crossed certain ports until now.

import { present } from '../../base/assert.ts';
import type { FrameExpectation } from '../../topology/expectations/frame.ts';
import type { ScenarioState } from '../state.ts';
import { compare } from './compare.ts';

/** How many frames were seen instead. */
export function frame({ frameWatches }: ScenarioState, expectation: FrameExpectation): string[] {
  const watch = present(frameWatches.get(expectation), 'every frame expectation is watched');
  return compare('number of such frames', watch.count, expectation.count);
}
