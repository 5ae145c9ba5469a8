// Whether two outcomes are the same, and if not, where. Order counts within an interface, not across;
// remaining times of connections may differ by what a slow machine adds.

import type { Outcome } from './case.ts';

const TIMEOUT_TOLERANCE_SECONDS = 3;

/** Null when they agree; else the first place where they do not, for people. */
export function difference(kernel: Outcome, lab: Outcome): string | null {
  for (let i = 0; i < kernel.emitted.length; i++) {
    const expected = kernel.emitted[i] ?? {};
    const actual = lab.emitted[i] ?? {};
    for (const on of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const found = listDifference(expected[on] ?? [], actual[on] ?? []);
      if (found !== null) return `step ${i}, ${on}: ${found}`;
    }
  }
  const neighbors = listDifference(kernel.neighbors, lab.neighbors);
  if (neighbors !== null) return `neighbors: ${neighbors}`;
  const connections = listDifference(kernel.connections, lab.connections, sameConnection);
  return connections === null ? null : `connections: ${connections}`;
}

function listDifference(
  expected: readonly string[],
  actual: readonly string[],
  same: (a: string, b: string) => boolean = (a, b) => a === b,
): string | null {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const a = expected[i];
    const b = actual[i];
    if (a !== undefined && b !== undefined && same(a, b)) continue;
    return `\n    kernel ${a ?? '(nothing)'}\n    lab    ${b ?? '(nothing)'}`;
  }
  return null;
}

/** 'udp      17 29 src=…': the number before the tuples is what is left of its time. */
function sameConnection(a: string, b: string): boolean {
  const [headA, leftA, restA] = split(a);
  const [headB, leftB, restB] = split(b);
  const near = Math.abs(leftA - leftB) <= TIMEOUT_TOLERANCE_SECONDS;
  return headA === headB && restA === restB && near;
}

function split(line: string): [string, number, string] {
  const [, head = line, left = '0', rest = ''] = /^(\S+ \d+) (\d+) (.*)$/.exec(line) ?? [];
  return [head, Number(left), rest];
}
