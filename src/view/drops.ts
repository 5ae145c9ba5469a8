// What was dropped where and why, counted.

import { z } from 'zod';
import type { Lab } from '../lab/lab.ts';
import type { Drops } from '../link/drops.ts';

/** How often a device dropped something for one reason. */
export interface DropRow {
  /** The machine, segment or cable. */
  readonly device: string;
  /** One of DROP_REASONS (lab/drop-reasons.ts). */
  readonly reason: string;
  readonly count: number;
}

/** Validates a DropRow. */
export const dropRowSchema: z.ZodType<DropRow> = z.strictObject({
  device: z.string(),
  reason: z.string(),
  count: z.int(),
});

/** What one device has dropped, by reason. */
export function dropRowsOf(drops: Drops): DropRow[] {
  return drops.entries().map(([reason, count]) => ({ device: drops.device, reason, count }));
}

/** What was dropped anywhere in a lab, by device and reason. */
export function dropRows(lab: Lab): DropRow[] {
  const rows = lab.drops().flatMap(dropRowsOf);
  return rows.sort((a, b) => compareText(a.device, b.device) || compareText(a.reason, b.reason));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
