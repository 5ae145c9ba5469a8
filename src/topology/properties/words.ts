// The properties that the lab knows by name: what each says, in which mode it is judged, and how long the bad
// state may last when the user does not say. scenario/properties/ judges them.

import { type Nanos, seconds } from '../../sim/time.ts';

/**
 * When a property is judged. `always`: whenever the state of the lab changes. `within`: one stretch is
 * bounded, what stands in the way of a machine's own cable excused. `after`: at the end, once the last change
 * of the world (a fault, a cure, a command) lies far enough back.
 */
export type PropertyMode = 'always' | 'within' | 'after';

/** One property by name. */
export interface PropertyWord {
  readonly mode: PropertyMode;
  /** The bad state ends before it has lasted so long; for `after`: how far back the last change must lie. */
  readonly allowance: Nanos;
  /** What must hold, in one sentence. */
  readonly says: string;
}

/** The name of a property that the lab knows. */
export type PropertyName =
  | 'never-two-answer'
  | 'two-answer-for-good'
  | 'no-node-ip'
  | 'no-foreign-ip'
  | 'no-pod-ip-on-the-wire'
  | 'fail-closed'
  | 'outage'
  | 'replies-return'
  | 'dark-for-good'
  | 'beliefs-converge'
  | 'api-agrees-with-wire'
  | 'no-dead-holder'
  | 'no-false-offline'
  | 'siblings-apart'
  | 'balanced'
  | 'no-loop';

/** How long after the last change a cluster may take until all is well again. */
const SETTLED: Nanos = seconds(35);

/** All properties. */
export const PROPERTY_WORDS: Readonly<Record<PropertyName, PropertyWord>> = {
  'never-two-answer': {
    mode: 'always',
    allowance: seconds(5),
    says: 'no two machines that are powered and plugged in answer for one address',
  },
  'two-answer-for-good': {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, no two machines answer for one address',
  },
  'no-node-ip': {
    mode: 'always',
    allowance: 0,
    says: 'a pod that once left under its egress IP is never seen with the address of a node',
  },
  'no-foreign-ip': {
    mode: 'always',
    allowance: 0,
    says: 'a pod is never seen with an egress IP that only others ask for',
  },
  'no-pod-ip-on-the-wire': {
    mode: 'always',
    allowance: 0,
    says: 'no machine outside the cluster sees the address of a pod',
  },
  'fail-closed': {
    mode: 'always',
    allowance: 0,
    says: 'while no living machine holds an egress IP of a pod, nothing that the pod sends gets out',
  },
  outage: {
    mode: 'within',
    allowance: seconds(45),
    says: 'a flow whose own machines are whole is answered again in time',
  },
  'replies-return': {
    mode: 'within',
    allowance: seconds(10),
    says: 'what reaches the server of a flow is answered: requests that arrive do not end in silence or resets',
  },
  'dark-for-good': {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, every flow is answered',
  },
  'beliefs-converge': {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, whoever talks to an egress IP believes that its holder has it',
  },
  'api-agrees-with-wire': {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, exactly the node that the API names holds an egress IP',
  },
  'no-dead-holder': {
    mode: 'always',
    allowance: seconds(60),
    says: 'the API does not go on naming a dead node for an egress IP that another could take',
  },
  'no-false-offline': {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, nobody takes a node for dead that is whole',
  },
  'siblings-apart': {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, two egress IPs of one owner are on different nodes',
  },
  balanced: {
    mode: 'after',
    allowance: SETTLED,
    says: 'when all is settled, no node has less than half of its even share of the egress IPs',
  },
  'no-loop': {
    mode: 'always',
    allowance: 0,
    says: 'no packet goes round until its TTL is used up',
  },
};

/** All names, in the order of the table. */
export const PROPERTY_NAMES: readonly PropertyName[] =
  Object.keys(PROPERTY_WORDS).filter(isPropertyName);

/** True for a known name. */
export function isPropertyName(name: string): name is PropertyName {
  return Object.hasOwn(PROPERTY_WORDS, name);
}
