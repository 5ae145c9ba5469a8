import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Nodes } from '../../../src/kube/kinds/node.ts';
import { keyedList, openObject } from '../../../src/kube/kinds/schema.ts';
import {
  fieldSet,
  fieldValue,
  fromFieldsV1,
  ownableFields,
  shownField,
  toFieldsV1,
  withoutField,
} from '../../../src/kube/server/field-set.ts';

const FIELDS = {
  spec: openObject('', { taints: keyedList('', ['key', 'effect'], openObject('', {})) }),
};
const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'one', labels: { zone: 'east' }, annotations: {} },
  spec: {
    unschedulable: true,
    taints: [
      { key: 'a', effect: 'NoSchedule', value: 'x' },
      { key: 'b', effect: 'NoExecute' },
    ],
  },
};

describe('the fields of an object', () => {
  const fields = ownableFields(NODE, FIELDS);

  test('are its leaves and the items of keyed lists; nobody owns its identity', () => {
    expect([...fields.values()].map(shownField)).toEqual([
      '.spec.unschedulable',
      '.spec.taints[effect="NoSchedule",key="a"]',
      '.spec.taints[effect="NoSchedule",key="a"].key',
      '.spec.taints[effect="NoSchedule",key="a"].effect',
      '.spec.taints[effect="NoSchedule",key="a"].value',
      '.spec.taints[effect="NoExecute",key="b"]',
      '.spec.taints[effect="NoExecute",key="b"].key',
      '.spec.taints[effect="NoExecute",key="b"].effect',
      '.metadata.labels.zone',
      '.metadata.annotations',
    ]);
  });

  test('lead to their values, and are gone when they are taken out', () => {
    for (const path of fields.values()) {
      expect(fieldValue(NODE, path), shownField(path)).toBeDefined();
      const without = withoutField(NODE, path);
      expect(fieldValue(Nodes.read(without as typeof NODE), path)).toBeUndefined();
    }
  });

  test('are written as FieldsV1 and read again', () => {
    const step = fc.oneof(
      fc.string({ maxLength: 5 }).map((name) => `f:${name}`),
      fc.record({ key: fc.string({ maxLength: 3 }) }).map((key) => `k:${JSON.stringify(key)}`),
    );
    // A field is a leaf: none of the paths begins another one.
    const paths = fc.uniqueArray(fc.tuple(step, step, step), {
      selector: (p) => JSON.stringify(p),
    });
    fc.assert(
      fc.property(paths, (given) => {
        const set = fieldSet(given);
        expect([...fromFieldsV1(toFieldsV1(set)).keys()].sort()).toEqual([...set.keys()].sort());
      }),
    );
  });

  test('of anything that calls itself FieldsV1 can be read', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (tree) => {
        expect(fromFieldsV1(JSON.parse(JSON.stringify(tree)))).toBeInstanceOf(Map);
      }),
    );
    expect(fromFieldsV1({ 'k:{': {}, x: {}, 'f:a': { 'k:null': {} } }).size).toBe(0);
  });
});
