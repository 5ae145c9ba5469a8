// What each kind of step does, one line each. The schemas are in topology/steps/.

import type { Step } from '../../topology/steps/index.ts';
import type { ScenarioState } from '../state.ts';
import {
  apiDelay,
  fail,
  heal,
  impair,
  link,
  partition,
  restore,
  start,
  stop,
  sysctl,
} from './actions.ts';
import { addAddress, removeAddress } from './address.ts';
import { arping } from './arping.ts';
import { deleteConnections } from './conntrack.ts';
import { addFirewall, addSnat, removeFirewall, removeSnat } from './filter.ts';
import { setInterface } from './interface.ts';
import { addNeighbor, flushNeighbors, removeNeighbor } from './neighbor.ts';
import { oc } from './oc.ts';
import { ping } from './ping.ts';
import { addRoute, removeRoute } from './route.ts';
import { addRule, removeRule } from './rule.ts';
import { send } from './send.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
/** `expect` is no action: the session records what it finds. */
type Action = Exclude<Step['kind'], 'expect'>;

const actions: { readonly [K in Action]: (state: ScenarioState, step: StepOf<K>) => void } = {
  'add-address': addAddress,
  'remove-address': removeAddress,
  'add-neighbor': addNeighbor,
  'remove-neighbor': removeNeighbor,
  'flush-neighbors': flushNeighbors,
  'add-route': addRoute,
  'remove-route': removeRoute,
  'add-firewall': addFirewall,
  'remove-firewall': removeFirewall,
  'add-snat': addSnat,
  'remove-snat': removeSnat,
  'delete-connections': deleteConnections,
  'set-interface': setInterface,
  'add-rule': addRule,
  'remove-rule': removeRule,
  'api-delay': apiDelay,
  arping,
  send,
  sysctl,
  fail,
  restore,
  impair,
  link,
  oc,
  partition,
  heal,
  ping,
  start,
  stop,
};

/** Does what a step says, now. @throws EgressLabError when the lab refuses. */
export function act(state: ScenarioState, step: Extract<Step, { kind: Action }>): void {
  const action = actions[step.kind] as (state: ScenarioState, step: Step) => void;
  action(state, step);
}
