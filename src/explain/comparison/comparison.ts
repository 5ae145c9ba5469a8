// A capture of a real network against one of a lab: the same story or not, in which order, in which forms, when.

import { frameOf, type NumberedRow, type PacketRow } from './packet-rows.ts';
import { matchRoles, type RoleMap, rename } from './roles.ts';
import { align, fieldDifferences, isApart } from './sequences.ts';

const TOLD = 1_000;

/** One difference. */
export interface CaptureDifference {
  /** order: a packet without a counterpart; form: a field of a packet; time: it comes at another time. */
  readonly kind: 'order' | 'form' | 'time';
  /** Frame numbers; null where there is none. */
  readonly real: number | null;
  readonly lab: number | null;
  /** Seconds, each since its capture's first packet with a counterpart. */
  readonly at: number;
  readonly text: string;
}

/** How two captures compare. */
export interface CaptureComparison {
  readonly real: { readonly packets: number; readonly omitted: number };
  readonly lab: { readonly packets: number; readonly omitted: number };
  /** Packets with a counterpart. */
  readonly paired: number;
  /** Which name of the real capture stands for which of the lab's. */
  readonly roles: Readonly<Record<string, string>>;
  /** By time; the first thousand. */
  readonly differences: readonly CaptureDifference[];
  readonly counts: { readonly order: number; readonly form: number; readonly time: number };
  /** Seconds that the clocks of paired packets are apart at most. */
  readonly furthest: number;
}

/** Rows of one capture. */
export interface ComparedRows {
  readonly rows: readonly NumberedRow[];
  readonly omitted: number;
}

/** Compares; `told` are roles that the user knows, `tolerance` is in seconds. */
export function compareCaptures(
  real: ComparedRows,
  lab: ComparedRows,
  told: RoleMap,
  tolerance: number,
): CaptureComparison {
  const roles = matchRoles(real.rows, lab.rows, told);
  const left = real.rows.map(({ frame, row }) => ({ frame, row: rename(row, roles) }));
  const pairs = align(left, lab.rows, (a, b) => keyOf(a.row) === keyOf(b.row));
  const first = pairs.find(([a, b]) => a !== null && b !== null);
  const [start, begin] = [first?.[0]?.row.t ?? 0, first?.[1]?.row.t ?? 0];
  const differences: CaptureDifference[] = [];
  let [paired, furthest] = [0, 0];
  for (const [a, b] of pairs) {
    const at = a !== null ? a.row.t - start : (b?.row.t ?? 0) - begin;
    const place = { at, real: frameOf(a), lab: frameOf(b) };
    if (a === null || b === null) {
      const where = a === null ? 'lab' : 'real capture';
      const row = (a ?? b)?.row;
      const text = `only in the ${where}: ${row === undefined ? '' : describeRow(row)}`;
      differences.push({ kind: 'order', ...place, text });
      continue;
    }
    paired++;
    const [x, y] = [
      { ...a.row, t: a.row.t - start },
      { ...b.row, t: b.row.t - begin },
    ];
    furthest = Math.max(furthest, Math.abs(x.t - y.t));
    const fields = fieldDifferences(x, y, (p, q) => p === q || p === '?' || q === '?');
    if (fields.length > 0) {
      const each = fields.map(({ field, left: is, right: was }) => `${field} ${is} / ${was}`);
      const text = `${describeRow(b.row)}: ${each.join(', ')} (real / lab)`;
      differences.push({ kind: 'form', ...place, text });
    }
    if (isApart(x, y, tolerance)) {
      const text = `${describeRow(b.row)}: at ${x.t.toFixed(3)} s / ${y.t.toFixed(3)} s (real / lab)`;
      differences.push({ kind: 'time', ...place, text });
    }
  }
  differences.sort((a, b) => a.at - b.at);
  const count = (kind: CaptureDifference['kind']): number =>
    differences.filter((each) => each.kind === kind).length;
  return {
    real: { packets: real.rows.length, omitted: real.omitted },
    lab: { packets: lab.rows.length, omitted: lab.omitted },
    paired,
    roles: Object.fromEntries([...roles].filter(([name, role]) => name !== role)),
    differences: differences.slice(0, TOLD),
    counts: { order: count('order'), form: count('form'), time: count('time') },
    furthest,
  };
}

/** What makes two packets counterparts: who, to whom, what; forms are compared then. */
function keyOf({ from, kind, port, to }: PacketRow): string {
  return `${kind} ${from} ${to} ${port}`;
}

function describeRow({ from, fromMac, kind, port, to }: PacketRow): string {
  return `${kind} ${from} > ${to}${port === 0 ? '' : `, port ${port}`}, from ${fromMac}`;
}
