// How each kind of expectation is checked, one line each. A check returns what was seen instead, one
// fact per line; nothing means that the expectation holds. The schemas are in topology/expectations/.

import type { Expectation } from '../../topology/expectations/index.ts';
import type { ScenarioState } from '../state.ts';
import { fdb } from './fdb.ts';
import { flow } from './flow.ts';
import { frame } from './frame.ts';
import { holders } from './holders.ts';
import { log } from './log.ts';
import { neighbor } from './neighbor.ts';
import { node } from './node.ts';
import { object } from './object.ts';
import { oc } from './oc.ts';
import { arping, ping } from './probe.ts';

type ExpectationOf<K extends Expectation['kind']> = Extract<Expectation, { kind: K }>;
type Check<E extends Expectation> = (state: ScenarioState, expectation: E) => string[];

const checks: { readonly [K in Expectation['kind']]: Check<ExpectationOf<K>> } = {
  arping,
  fdb,
  flow,
  frame,
  holders,
  log,
  neighbor,
  node,
  object,
  oc,
  ping,
};

/** What was seen instead, now; empty when the expectation holds. */
export function check(state: ScenarioState, expectation: Expectation): string[] {
  const checker = checks[expectation.kind] as Check<Expectation>;
  return checker(state, expectation);
}
