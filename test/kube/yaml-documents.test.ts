import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/kube/yaml-documents.ts';

describe('YAML from outside', () => {
  test('may be several documents, JSON too; empty ones do not count', () => {
    expect(parseYaml('a: 1\n---\n---\n{"b": [true, null]}\n')).toEqual({
      ok: true,
      documents: [{ a: 1 }, { b: [true, null] }],
    });
  });

  test.each(['a: [', 'a: 1\na: 2', '- &x [*x]', 'a: *missing'])('%s is refused', (text) => {
    expect(parseYaml(text)).toEqual({ ok: false, message: expect.any(String) });
  });

  test('cannot be blown up by aliases', () => {
    const levels = [...'abcdefghij'];
    const text = levels
      .map((name, at) => {
        const before = levels[at - 1];
        const items =
          before === undefined ? ['lol'] : Array.from({ length: 9 }, () => `*${before}`);
        return `${name}: &${name} [${items.join(', ')}]`;
      })
      .join('\n');
    expect(parseYaml(text)).toMatchObject({ ok: false });
  });

  test('never throws, and reads back what JSON wrote', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseYaml(text)).toHaveProperty('ok');
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer(), { minKeys: 1 }), (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value));
        expect(parseYaml(JSON.stringify(json))).toEqual({ ok: true, documents: [json] });
      }),
    );
  });
});
