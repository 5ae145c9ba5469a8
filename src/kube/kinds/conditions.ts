// Conditions: what a component last said about one aspect of a node or a pod
// (Kubernetes API conventions, "Typical status properties").

import { type ArraySchema, keyedList, openObject, text, timestamp } from './schema.ts';

/** One condition of an object. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastTransitionTime?: string;
};

/** The status of a condition; null when the object has none of that type. */
export function conditionStatus(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition['status'] | null {
  return conditions?.find((condition) => condition.type === type)?.status ?? null;
}

/** `status.conditions`, told apart by their type. */
export const conditionsField: ArraySchema = keyedList(
  'Conditions is an array of current observed conditions.',
  ['type'],
  openObject('One aspect of the object and what was last said about it.', {
    type: text('Type of the condition, such as Ready.'),
    status: text('Status of the condition, one of True, False, Unknown.'),
    reason: text("Unique, one-word, CamelCase reason for the condition's last transition."),
    message: text('Human-readable message indicating details about the last transition.'),
    lastHeartbeatTime: timestamp('Last time we got an update on a given condition.'),
    lastTransitionTime: timestamp(
      'Last time the condition transitioned from one status to another.',
    ),
  }),
);
