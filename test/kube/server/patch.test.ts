import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/kube/json.ts';
import { isShallow, jsonPatch, mergePatch } from '../../../src/kube/server/patch.ts';

/** RFC 7386 appendix A, each row: original, patch, result. */
const APPENDIX_A: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));
const object = json.filter((value): value is JsonObject => isJsonObject(value));

describe('a merge patch', () => {
  test.each(APPENDIX_A)(
    'makes of %j with %j: %j (RFC 7386 appendix A)',
    (target, patch, result) => {
      expect(mergePatch(target, patch)).toEqual(result);
    },
  );

  test('applied twice is applied once', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('that is empty gives back the very same object', () => {
    fc.assert(
      fc.property(object, (target) => {
        expect(mergePatch(target, {})).toBe(target);
      }),
    );
  });

  test('leaves its arguments alone, and a key named __proto__ is a key', () => {
    const patch: JsonValue = JSON.parse('{"__proto__": {"polluted": true}}');
    const result = mergePatch({ a: 1 }, patch);
    expect(Object.keys(isJsonObject(result) ? result : {})).toEqual(['a', '__proto__']);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

/** RFC 6902 appendix A, by section. */
const OPERATIONS: readonly (readonly [
  string,
  JsonValue,
  readonly JsonValue[],
  JsonValue | null,
])[] = [
  ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
  [
    'A.2',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  [
    'A.4',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  [
    'A.5',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  [
    'A.6',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], null],
  [
    'A.10',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], null],
  ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  [
    'A.16',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  ['copy', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  ['replace of nothing', { a: 1 }, [{ op: 'replace', path: '/b', value: 1 }], null],
  ['index out of range', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], null],
  ['index with a leading zero', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], null],
  ['value missing', { a: 1 }, [{ op: 'add', path: '/b' }], null],
  ['path missing', { a: 1 }, [{ op: 'remove' }], null],
  ['unknown operation', { a: 1 }, [{ op: 'frobnicate', path: '/a' }], null],
  ['into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }], null],
  ['removal of everything', { a: 1 }, [{ op: 'remove', path: '' }], null],
  ['not an object', { a: 1 }, ['remove'], null],
];

describe('a JSON patch', () => {
  test.each(OPERATIONS)('%s', (_name, target, operations, result) => {
    const before = JSON.stringify(target);
    const outcome = jsonPatch(target, operations);
    expect(outcome.ok ? outcome.value : null).toEqual(result);
    expect(JSON.stringify(target)).toBe(before);
  });
});

test('depth is bounded', () => {
  const deep = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  expect(isShallow(deep(64))).toBe(true);
  expect(isShallow(deep(65))).toBe(false);
});
