import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../src/kube/json.ts';
import { Nodes as NODES } from '../../../src/kube/kinds/node.ts';
import { Storage, sizeOf } from '../../../src/kube/server/storage.ts';

const MEBIBYTE = 1024 * 1024;

describe('the size of a document', () => {
  test('is the length of its JSON, as long as no text needs escapes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '/', '.', '-', '0') });
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (document) => {
        expect(sizeOf(document)).toBe(JSON.stringify(document).length);
      }),
    );
  });
});

describe('storage', () => {
  test('refuses an object that etcd would refuse', () => {
    const storage = new Storage();
    expect(storage.refusalOf(NODES, 'a', 1.5 * MEBIBYTE)).toBe(null);
    expect(storage.refusalOf(NODES, 'a', 1.5 * MEBIBYTE + 1)?.code).toBe(413);
  });

  test('is full at 64 MiB, takes a smaller version of what it has, and has room again after a deletion', () => {
    const storage = new Storage();
    for (let i = 0; i < 64; i++) storage.put(NODES, `${i}`, MEBIBYTE);
    expect(storage.refusalOf(NODES, 'more', 1)).not.toBe(null);
    expect(storage.refusalOf(NODES, '7', MEBIBYTE - 1)).toBe(null);
    storage.delete(NODES, '7');
    expect(storage.refusalOf(NODES, 'more', MEBIBYTE)).toBe(null);
  });
});
