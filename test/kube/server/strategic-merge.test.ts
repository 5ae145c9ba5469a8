import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/kube/json.ts';
import { keyedList, openObject } from '../../../src/kube/kinds/schema.ts';
import { mergePatch } from '../../../src/kube/server/patch.ts';
import { strategicMerge } from '../../../src/kube/server/strategic-merge.ts';

const FIELDS = {
  spec: openObject('', { taints: keyedList('', ['key', 'effect'], openObject('', {})) }),
};
const a = { key: 'a', effect: 'NoSchedule', value: 'x' };
const b = { key: 'b', effect: 'NoExecute' };

function taints(patch: JsonObject): unknown {
  const merged = strategicMerge({ spec: { taints: [a, b], unschedulable: true } }, patch, FIELDS);
  return (merged.spec as JsonObject).taints;
}

describe('a strategic merge patch', () => {
  test('merges keyed lists item by item', () => {
    expect(taints({ spec: { taints: [{ key: 'a', value: 'y' }] } })).toEqual([
      { ...a, value: 'y' },
      b,
    ]);
    expect(taints({ spec: { taints: [{ key: 'c', effect: 'x' }] } })).toHaveLength(3);
  });

  test('deletes, replaces and orders items', () => {
    expect(taints({ spec: { taints: [{ key: 'a', $patch: 'delete' }] } })).toEqual([b]);
    expect(taints({ spec: { taints: [{ $patch: 'replace' }, { key: 'c' }] } })).toEqual([
      { key: 'c' },
    ]);
    expect(
      taints({ spec: { taints: [], '$setElementOrder/taints': [{ key: 'b' }, { key: 'a' }] } }),
    ).toEqual([b, a]);
    expect(taints({ spec: { $retainKeys: ['taints'], taints: [] } })).toEqual([a, b]);
    expect(taints({ spec: { $patch: 'replace', unschedulable: false } })).toBeUndefined();
  });

  test('takes items out of plain lists by their value', () => {
    const target = { finalizers: ['a', 'b'] };
    expect(strategicMerge(target, { '$deleteFromPrimitiveList/finalizers': ['a'] }, {})).toEqual({
      finalizers: ['b'],
    });
  });

  test('is a merge patch where no list has keys and nothing is directed', () => {
    const document = fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(document, document, (target, patch) => {
        const [left, right]: JsonObject[] = JSON.parse(JSON.stringify([target, patch]));
        expect(strategicMerge(left ?? {}, right ?? {}, undefined)).toEqual(
          mergePatch(left ?? {}, right ?? {}),
        );
      }),
    );
  });
});
