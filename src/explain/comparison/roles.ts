// Which address of one capture plays the part of which address of another: told by the user, the same address, or the
// one that does the same things (asks, answers, announces, serves a port, is served) most alike.

import type { NumberedRow, PacketRow } from './packet-rows.ts';

const CANDIDATE_LIMIT = 200;
/** More unlike than this play no common part. */
const UNLIKE = 0.8;

/** Names of the right capture by names of the left one. */
export type RoleMap = ReadonlyMap<string, string>;

type Doings = Map<string, number>;

/** Addresses and MAC addresses of `left` as those of `right`. `told` goes first. */
export function matchRoles(
  left: readonly NumberedRow[],
  right: readonly NumberedRow[],
  told: RoleMap,
): Map<string, string> {
  const addresses = matchNames(
    doingsOf(left, ['from', 'to']),
    doingsOf(right, ['from', 'to']),
    told,
  );
  const renamed = left.map(({ row, frame }) => ({ row: rename(row, addresses), frame }));
  const macs = matchNames(
    doingsOf(renamed, ['fromMac', 'toMac']),
    doingsOf(right, ['fromMac', 'toMac']),
    told,
  );
  return new Map([...addresses, ...macs]);
}

/** The row with the names of the other capture. */
export function rename(row: PacketRow, roles: RoleMap): PacketRow {
  const name = (text: string): string => roles.get(text) ?? text;
  const { from, fromMac, tha, to, toMac } = row;
  return {
    ...row,
    from: name(from),
    to: name(to),
    fromMac: name(fromMac),
    toMac: name(toMac),
    tha: name(tha),
  };
}

/** What each name does, and how often. */
function doingsOf(
  rows: readonly NumberedRow[],
  fields: readonly ('from' | 'to' | 'fromMac' | 'toMac')[],
): Map<string, Doings> {
  const all = new Map<string, Doings>();
  for (const { row } of rows) {
    for (const field of fields) {
      const name = row[field];
      if (FIXED.has(name)) continue;
      let doings = all.get(name);
      if (doings === undefined) {
        if (all.size >= CANDIDATE_LIMIT) continue;
        doings = new Map();
        all.set(name, doings);
      }
      // A MAC address is known by the addresses that it acts for.
      const of = field.endsWith('Mac') ? (field === 'fromMac' ? row.from : row.to) : '';
      const what = `${field} ${row.kind} ${row.port} ${of}`;
      doings.set(what, (doings.get(what) ?? 0) + 1);
    }
  }
  return all;
}

const FIXED: ReadonlySet<string> = new Set(['broadcast', '?', '0', 'sender', '', '0.0.0.0']);

function matchNames(
  left: ReadonlyMap<string, Doings>,
  right: ReadonlyMap<string, Doings>,
  told: RoleMap,
): Map<string, string> {
  const roles = new Map<string, string>();
  const taken = new Set<string>();
  const give = (name: string, role: string): void => {
    roles.set(name, role);
    taken.add(role);
  };
  for (const name of left.keys()) {
    const role = told.get(name) ?? (right.has(name) ? name : null);
    if (role !== null && !taken.has(role)) give(name, role);
  }
  const pairs = [...left].flatMap(([name, doings], index) =>
    roles.has(name)
      ? []
      : [...right].map(([role, others], other) => {
          // Who comes up at the same place is likelier the one.
          const place = Math.abs(index - other) / (left.size + right.size) / 10;
          return { name, role, cost: unlikeness(doings, others) + place };
        }),
  );
  pairs.sort((a, b) => a.cost - b.cost);
  for (const { cost, name, role } of pairs) {
    if (cost <= UNLIKE && !roles.has(name) && !taken.has(role)) give(name, role);
  }
  return roles;
}

/** 0 for the same doings, 1 for none in common. */
function unlikeness(a: Doings, b: Doings): number {
  let [difference, sum] = [0, 0];
  for (const what of new Set([...a.keys(), ...b.keys()])) {
    // The tenth question says less than the first.
    const [x, y] = [Math.log1p(a.get(what) ?? 0), Math.log1p(b.get(what) ?? 0)];
    difference += Math.abs(x - y);
    sum += Math.max(x, y);
  }
  return sum === 0 ? 1 : difference / sum;
}
