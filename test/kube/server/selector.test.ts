// Which objects `-l` and `--field-selector` pick.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Nodes } from '../../../src/kube/kinds/node.ts';
import type { KubeObject } from '../../../src/kube/kinds/object.ts';
import {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from '../../../src/kube/server/selector.ts';

function node(labels: Readonly<Record<string, string>>): KubeObject {
  return Nodes.read({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'one', labels } });
}

function picks(text: string, labels: Readonly<Record<string, string>>): boolean {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return matchesLabels(node(labels), parsed.selector);
}

describe('a label selector', () => {
  const LABELS = { role: 'worker', zone: '', 'node-role.kubernetes.io/infra': 'true' };

  test.each([
    ['', true],
    ['  ', true],
    ['role', true],
    ['zone', true],
    ['spare', false],
    ['!spare', true],
    ['! spare', true],
    ['!role', false],
    ['role=worker', true],
    ['role==worker', true],
    ['role = worker', true],
    ['role=master', false],
    ['role!=master', true],
    ['role!=worker', false],
    ['spare!=x', true],
    ['spare=', false],
    ['zone=', true],
    ['role in (master,worker)', true],
    ['role in (master, infra)', false],
    ['role notin (master,infra)', true],
    ['role notin (worker)', false],
    ['spare notin (x)', true],
    ['spare in ()', false],
    ['zone in ()', true],
    ['node-role.kubernetes.io/infra=true,role in (a,worker),!spare', true],
    ['role=worker,spare', false],
    // Every object has this name, none this label.
    ['constructor', false],
  ])('%s picks it: %s', (text, does) => {
    expect(picks(text, LABELS)).toBe(does);
  });

  test.each([
    'role=a b',
    '=x',
    ',role',
    'role,',
    'role in',
    'role in (a',
    '!',
    'a=b=c',
    'a in (b) c',
  ])('%s is refused', (text) => {
    expect(parseLabelSelector(text)).toMatchObject({
      ok: false,
      message: expect.stringContaining('unable to parse requirement'),
    });
  });

  test('and its opposite never agree, and requirements are joined by "and"', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    const labels = fc.dictionary(word, word, { maxKeys: 3 });
    fc.assert(
      fc.property(labels, word, word, word, (object, key, one, other) => {
        for (const [yes, no] of [
          [`${key}=${one}`, `${key}!=${one}`],
          [key, `!${key}`],
          [`${key} in (${one},${other})`, `${key} notin (${one},${other})`],
        ] as const) {
          expect(picks(yes, object)).toBe(!picks(no, object));
          expect(picks(`${yes},${no}`, object)).toBe(false);
          expect(picks(`${yes},${other}`, object)).toBe(picks(yes, object) && picks(other, object));
        }
      }),
    );
  });

  test('of whatever text is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=!,() in') }), (text) => {
        const parsed = parseLabelSelector(text);
        if (parsed.ok)
          expect(typeof matchesLabels(node({ a: 'b' }), parsed.selector)).toBe('boolean');
        else expect(parsed.message).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a field selector', () => {
  const picksField = (text: string): boolean => {
    const parsed = parseFieldSelector(text);
    if (!parsed.ok) throw new Error(parsed.message);
    return matchesFields(node({}), parsed.selector);
  };

  test.each([
    ['', true],
    ['metadata.name=one', true],
    ['metadata.name==one', true],
    ['metadata.name=two', false],
    ['metadata.name!=two', true],
    ['metadata.name!=one', false],
    ['metadata.name=one,kind=Node', true],
    ['metadata.name=one,kind=Pod', false],
    ['metadata.missing=', true],
    ['metadata.name.deeper=', true],
    ['metadata.missing!=', false],
    ['metadata.constructor=', true],
  ])('%s picks it: %s', (text, does) => {
    expect(picksField(text)).toBe(does);
  });

  test.each(['metadata.name', '=one', 'metadata.name=one,', 'meta data=one'])(
    '%s is refused',
    (text) => {
      expect(parseFieldSelector(text)).toMatchObject({ ok: false });
    },
  );
});
