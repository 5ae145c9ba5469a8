// What people read: a table of all cases, and for a case that differs both sequences side by side.

import { align } from '../../src/explain/comparison/sequences.ts';
import { same } from './case-run.ts';
import type { Json, JsonObject } from './fixture.ts';
import type { CaseOutcome, Outcome } from './scenario.ts';

const MARKS = { ok: 'ok', differs: 'DIFFERS', 'not covered': 'NOT COVERED' } as const;
const COLUMN = 76;

/** `measured`: whose doings they are. Scenario by case: ok, differs or not covered, with the reason, and the totals. */
export function formatTable(outcomes: readonly Outcome[], measured = 'kernel'): string {
  const lines: string[] = [];
  for (const { name, title, cases } of outcomes) {
    const good = cases.filter(({ status }) => status === 'ok').length;
    lines.push(
      `${name}: ${title}`,
      `  ${good} of ${cases.length} cases as ${measured === 'kernel' ? 'the kernel' : measured}`,
    );
    for (const { id, status, differences, remarks } of cases) {
      const count = differences.length > 1 ? ` (and ${differences.length - 1} more)` : '';
      const reason = differences[0] === undefined ? remarks.join('; ') : differences[0] + count;
      lines.push(`    ${id.padEnd(38)} ${MARKS[status]}${reason === '' ? '' : `  ${reason}`}`);
    }
  }
  const all = outcomes.flatMap(({ cases }) => cases);
  const count = (wanted: CaseOutcome['status']): number =>
    all.filter(({ status }) => status === wanted).length;
  lines.push(
    '',
    `${outcomes.length} scenarios, ${all.length} cases: ${count('ok')} ok, ${count('differs')} differ, ${count('not covered')} not covered`,
  );
  return lines.join('\n');
}

/** All differences of a case, and its events: the kernel's left, the lab's right. */
export function formatDifferences(
  scenario: string,
  outcome: CaseOutcome,
  measured = 'kernel',
): string {
  const { id, differences, events } = outcome;
  const [truth, lab] = events;
  const rows = align(truth, lab, equal).map(([left, right]) => {
    const mark = left !== null && right !== null ? ' ' : left === null ? '>' : '<';
    const text = left === null ? '' : describeEvent(left);
    return `${text.padEnd(COLUMN)} ${mark} ${right === null ? '' : describeEvent(right)}`.trimEnd();
  });
  return [
    `${scenario} ${id}`,
    ...differences.map((difference) => `  - ${difference}`),
    `  ${measured.padEnd(COLUMN)}   lab`,
    ...rows.map((row) => `  ${row}`),
  ].join('\n');
}

function equal(a: JsonObject, b: JsonObject): boolean {
  return same({ ...a, t: 0 }, { ...b, t: 0 });
}

/** One event as one line: 0.3 wire A > BROADCAST who-has B tell A. */
export function describeEvent(event: JsonObject): string {
  const text = (key: string): string => String(event[key] ?? '');
  const time = Number(event.t).toFixed(1).padStart(5);
  if (event.kind === 'action') return `${time}  == ${text('text')} ==`;
  const head = `${time} ${text('at')} ${text('l2src')} > ${text('l2dst')}`;
  if (event.kind === 'arp') {
    const isRequest = text('op') === 'request';
    const usual = isRequest ? 'ZERO' : text('l2dst');
    const target = text('tha') === usual ? '' : ` tha=${text('tha')}`;
    return isRequest
      ? `${head} who-has ${text('tpa')} tell ${text('spa')}${target}`
      : `${head} ${text('spa')} is-at ${text('sha')} to ${text('tpa')}${target}`;
  }
  return `${head} ${describePacket(event)}`;
}

function describePacket(event: JsonObject): string {
  const known = [
    't',
    'at',
    'kind',
    'l2src',
    'l2dst',
    'src',
    'dst',
    'name',
    'inner',
    'type',
    'code',
  ];
  const rest = Object.entries(event)
    .filter(([key]) => !known.includes(key))
    .map(([key, value]) => (value === true ? key : `${key}=${plain(value)}`))
    .join(' ');
  const what = event.kind === 'icmp' ? String(event.name) : String(event.kind);
  const { inner } = event;
  const quote =
    typeof inner === 'object' && inner !== null ? ` [${describePacket(inner as JsonObject)}]` : '';
  return `${String(event.src)} > ${String(event.dst)} ${what} ${rest}${quote}`;
}

function plain(value: Json | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
