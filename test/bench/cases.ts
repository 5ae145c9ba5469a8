// All that is measured in one process. Cases 6 and 15, which tell their own peak memory, run in some of their own.

import { controlPlane } from './control-plane.ts';
import { dataPath } from './data-path.ts';
import { live } from './live.ts';
import type { Case } from './measure.ts';
import { ovn } from './ovn.ts';

export const cases: readonly Case[] = [...dataPath, ...controlPlane, ...live, ...ovn];

/** What a case is called on the command line: the first word of its name. Case 5 is two. */
export function numberOf({ name }: Pick<Case, 'name'>): string {
  return name.split(' ', 1)[0] ?? '';
}

/** Whether less is better. */
export function isTime({ unit }: Pick<Case, 'unit'>): boolean {
  return unit === 'ms';
}
