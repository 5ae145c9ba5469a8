// The vectors of EgressIP (test/fixtures/ovn-egressip.json), read once. `format` in the file describes them.

import { readFileSync } from 'node:fs';

export interface Vector<Given, Step, Expect> {
  readonly name: string;
  readonly given: Given;
  readonly steps: readonly (Step & { readonly expect?: Expect })[];
  readonly expect?: Expect;
  readonly tolerance_ms?: number;
}

export interface VectorFile {
  readonly allocatorVectors: readonly unknown[];
  readonly healthVectors: readonly unknown[];
  readonly policyVectors: readonly unknown[];
  readonly nodeVectors: readonly unknown[];
}

const file: VectorFile = JSON.parse(
  readFileSync(new URL('../../fixtures/ovn-egressip.json', import.meta.url), 'utf8'),
);

/** The vectors of one list, as its test understands them. */
export function vectors<Given, Step, Expect>(
  list: keyof VectorFile,
): readonly Vector<Given, Step, Expect>[] {
  return file[list] as readonly Vector<Given, Step, Expect>[];
}

/** Lists compared as sets, whatever the order of keys. */
export function asSet(items: readonly unknown[] | undefined): readonly string[] {
  return (items ?? []).map((item) => JSON.stringify(item, sortedKeys)).sort();
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
