// Why an announcement that was heard was not believed: as a cause, and in words.

import { unreachable } from '../../base/assert.ts';
import { formatDuration } from '../../base/quantity.ts';
import type { Cause } from './causes.ts';
import type { Refusal } from './model.ts';

/** What each is called as the cause of an outage. */
export const REFUSAL_CAUSES: Readonly<Record<Refusal['why'], Cause>> = {
  locktime: 'locktime',
  policy: 'announcement-refused',
  permanent: 'permanent-entry',
};

/** Why an announcement was not believed, in words that follow it: 'within its locktime (600ms left)'. */
export function reasonOf({ left, rule, why }: Refusal): string {
  switch (why) {
    case 'locktime':
      return `within its locktime${left === null ? '' : ` (${formatDuration(left)} left)`}`;
    case 'policy':
      return `but believes no announcements${rule === null ? '' : ` (${rule})`}`;
    case 'permanent':
      return 'but its entry is permanent';
    default:
      return unreachable(why);
  }
}
