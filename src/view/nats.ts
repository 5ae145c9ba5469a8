// NAT rows of logical routers, as rows and as `ovn-nbctl lr-nat-list` prints them.

import { z } from 'zod';
import type { Lab } from '../lab/lab.ts';

/** One NAT row of a logical router. */
export interface RouterNatRow {
  /** Whose database has it: a node, or `ovn` for the one of all. */
  readonly database: string;
  readonly router: string;
  /** `snat` */
  readonly type: string;
  readonly externalIp: string;
  readonly logicalIp: string;
  /** Null when it is bound to none. */
  readonly logicalPort: string | null;
  /** The object that wants it; empty for rows to the address of a node. */
  readonly owner: string;
  /** How wide the list of its release is: with the column GATEWAY_PORT, and with MATCH. */
  readonly columns: 'plain' | 'gateway-port' | 'match';
}

type NatColumns = RouterNatRow['columns'];

/** Validates a RouterNatRow. */
export const natRowSchema: z.ZodType<RouterNatRow> = z.strictObject({
  database: z.string(),
  router: z.string(),
  type: z.string(),
  externalIp: z.string(),
  logicalIp: z.string(),
  logicalPort: z.string().nullable(),
  owner: z.string(),
  columns: z.enum(['plain', 'gateway-port', 'match']),
});

/** Of one database or of all, in the order of the tool; none where no router is logical. */
export function natRows(lab: Lab, of: string | null): RouterNatRow[] {
  const logical = lab.cluster?.logical ?? null;
  if (logical === null) return [];
  const columns = logical.natColumns;
  return logical
    .nats()
    .filter(({ database }) => of === null || database === of)
    .map((row) => ({ ...row, columns }));
}

/** The first line of `ovn-nbctl lr-nat-list`. */
export function natHeader(columns: NatColumns): string {
  const between =
    columns === 'plain' ? [] : columns === 'match' ? ['GATEWAY_PORT', 'MATCH'] : ['GATEWAY_PORT'];
  const last = ['EXTERNAL_PORT', 'LOGICAL_IP', 'EXTERNAL_MAC', 'LOGICAL_PORT'];
  return laidOut(['TYPE', ...between, 'EXTERNAL_IP', ...last], columns);
}

/** One line of it: a logical port is only printed beside an external MAC, which these rows do not have. */
export function natLine({ columns, externalIp, logicalIp, type }: RouterNatRow): string {
  const between = columns === 'plain' ? [] : columns === 'match' ? ['', ''] : [''];
  return laidOut([type, ...between, externalIp, '', logicalIp], columns);
}

const WIDTHS: Readonly<Record<NatColumns, readonly number[]>> = {
  plain: [17, 19, 17, 20, 21],
  'gateway-port': [17, 22, 19, 17, 20, 21],
  match: [17, 22, 22, 19, 17, 20, 21],
};

function laidOut(cells: readonly string[], columns: NatColumns): string {
  const widths = WIDTHS[columns];
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('')
    .trimEnd();
}
