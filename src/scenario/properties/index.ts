// How each property is judged, one line each. The names and what they say are in topology/properties/words.ts.

import type { PropertyName } from '../../topology/properties/words.ts';
import {
  apiDisagrees,
  deadHolder,
  falselyOffline,
  siblingsTogether,
  twoAnswer,
  unbalanced,
  wrongBelief,
} from './addresses.ts';
import type { TellBreach } from './breach.ts';
import { dark, loop, outage, repliesLost } from './flows.ts';
import { foreignIpSeen, nodeIpSeen, openSeen, podIpSeen, type SightingRule } from './sightings.ts';
import type { World } from './world.ts';

/** Finds bad states that are there now. */
export type StateRule = (world: World, found: TellBreach) => void;

/** By states, or by what servers saw. */
export type PropertyRule =
  | { readonly by: 'state'; readonly find: StateRule }
  | { readonly by: 'sighting'; readonly judge: SightingRule };

/** The rule of each property. */
export const RULES: Readonly<Record<PropertyName, PropertyRule>> = {
  'never-two-answer': { by: 'state', find: twoAnswer },
  'two-answer-for-good': { by: 'state', find: twoAnswer },
  'no-node-ip': { by: 'sighting', judge: nodeIpSeen },
  'no-foreign-ip': { by: 'sighting', judge: foreignIpSeen },
  'no-pod-ip-on-the-wire': { by: 'sighting', judge: podIpSeen },
  'fail-closed': { by: 'sighting', judge: openSeen },
  outage: { by: 'state', find: outage },
  'replies-return': { by: 'state', find: repliesLost },
  'dark-for-good': { by: 'state', find: dark },
  'beliefs-converge': { by: 'state', find: wrongBelief },
  'api-agrees-with-wire': { by: 'state', find: apiDisagrees },
  'no-dead-holder': { by: 'state', find: deadHolder },
  'no-false-offline': { by: 'state', find: falselyOffline },
  'siblings-apart': { by: 'state', find: siblingsTogether },
  balanced: { by: 'state', find: unbalanced },
  'no-loop': { by: 'state', find: loop },
};
