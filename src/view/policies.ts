// Policies of logical routers, as rows and as `ovn-nbctl lr-policy-list` prints them.

import { z } from 'zod';
import type { Lab } from '../lab/lab.ts';

/** One policy of a logical router. */
export interface PolicyRow {
  /** Whose database has it: a node, or `ovn` for the one of all. */
  readonly database: string;
  readonly router: string;
  /** The highest that matches decides. */
  readonly priority: number;
  /** `ip4.src == 10.128.2.5` */
  readonly match: string;
  readonly action: string;
  readonly nexthops: readonly string[];
  /** `pkt_mark=1008`; empty without any. */
  readonly options: string;
  /** The object that wants it; empty for policies that every cluster has. */
  readonly owner: string;
}

/** Validates a PolicyRow. */
export const policyRowSchema: z.ZodType<PolicyRow> = z.strictObject({
  database: z.string(),
  router: z.string(),
  priority: z.int(),
  match: z.string(),
  action: z.string(),
  nexthops: z.array(z.string()),
  options: z.string(),
  owner: z.string(),
});

/** Of one database (the node of its zone) or of all, in the order of the tool; none where no router is logical. */
export function policyRows(lab: Lab, of: string | null): PolicyRow[] {
  const rows = lab.cluster?.logical?.policies() ?? [];
  return rows.filter(({ database }) => of === null || database === of);
}

/** One line of `ovn-nbctl lr-policy-list`, under the title "Routing Policies". */
export function policyLine({ action, match, nexthops, options, priority }: PolicyRow): string {
  const [first, ...rest] = nexthops;
  const where = first === undefined ? '' : ` ${[first.padStart(25), ...rest].join(', ')}`;
  const extra = options === '' ? '' : `${' '.repeat(15)}${options}`;
  return `${String(priority).padStart(10)} ${match.padStart(50)} ${action.padStart(15)}${where}${extra}`;
}
