import { describe, expect, test } from 'vitest';
import { Pods } from '../../../src/kube/kinds/pod.ts';
import {
  booleanOf,
  dryRunOf,
  filterOf,
  integerOf,
} from '../../../src/platform/api-server/query.ts';
import { type RequestTarget, targetOf } from '../../../src/platform/api-server/target.ts';
import { kinds } from '../../support/kinds.ts';

function target(path: string): RequestTarget {
  const found = targetOf(kinds, path.split('/').slice(1));
  if (found === null) throw new Error(path);
  return found;
}

const query = (text: string): URLSearchParams => new URLSearchParams(text);

describe('which objects are meant', () => {
  const pod = (namespace: string, name: string, app: string) =>
    Pods.read({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { app } },
      spec: { nodeName: 'one' },
    });
  const picks = (path: string, text: string): string[] => {
    const filter = filterOf(target(path), query(text));
    if (!filter.ok) throw new Error(filter.status.message);
    return [pod('shop', 'web', 'a'), pod('shop', 'api', 'b'), pod('bank', 'web', 'a')]
      .filter((each) => filter.value.matches(each))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  };

  test.each([
    ['/api/v1/pods', '', ['shop/web', 'shop/api', 'bank/web']],
    ['/api/v1/namespaces/shop/pods', '', ['shop/web', 'shop/api']],
    ['/api/v1/namespaces/shop/pods/web', '', ['shop/web']],
    ['/api/v1/pods', 'labelSelector=app%3Da', ['shop/web', 'bank/web']],
    ['/api/v1/pods', 'fieldSelector=metadata.name%3Dweb', ['shop/web', 'bank/web']],
    ['/api/v1/pods', 'labelSelector=app&fieldSelector=metadata.namespace!%3Dshop', ['bank/web']],
    ['/api/v1/namespaces/bank/pods', 'labelSelector=app%3Db', []],
  ])('by %s?%s', (path, text, expected) => {
    expect(picks(path, text)).toEqual(expected);
  });

  test.each(['labelSelector=a%3Db%3Dc', 'fieldSelector=metadata.name'])(
    'a selector that cannot be read is a bad request: %s',
    (text) => {
      expect(filterOf(target('/api/v1/pods'), query(text))).toMatchObject({
        ok: false,
        status: { code: 400, reason: 'BadRequest' },
      });
    },
  );
});

test.each([
  ['', null],
  ['limit=', null],
  ['limit=0', 0],
  ['limit=500', 500],
  ['limit=007', 7],
  ['limit=-1', 400],
  ['limit=1.5', 400],
  ['limit=0x10', 400],
  ['limit=%201', 400],
  ['limit=1e3', 400],
  ['limit=9999999999999999', 400],
])('the number in "%s" is %s, or a bad request', (text, expected) => {
  const found = integerOf(query(text), 'limit');
  expect(found.ok ? found.value : found.status.code).toBe(expected);
});

test.each([
  ['', false],
  ['watch', true],
  ['watch=1', true],
  ['watch=true', true],
  ['watch=0', false],
  ['watch=F', false],
  ['watch=False', false],
])('"%s" asks to watch: %s', (text, expected) => {
  expect(booleanOf(query(text), 'watch')).toBe(expected);
});

test('only dryRun=All is a rehearsal', () => {
  expect(
    ['dryRun=All', 'dryRun=x&dryRun=All', 'dryRun=all', ''].map((each) => dryRunOf(query(each))),
  ).toEqual([true, true, false, false]);
});
