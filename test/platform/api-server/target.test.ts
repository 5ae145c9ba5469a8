import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { targetOf } from '../../../src/platform/api-server/target.ts';
import { kinds } from '../../support/kinds.ts';

/** 'pods default/web log', or null. */
function meant(path: string): string | null {
  const target = targetOf(kinds, path.split('/').slice(1));
  if (target === null) return null;
  const { kind, namespace, name, subresource } = target;
  return [kind.plural, `${namespace ?? '*'}/${name ?? '*'}`, subresource ?? ''].join(' ').trim();
}

const NETWORK = '/apis/network.openshift.io/v1';

describe('a path', () => {
  test.each([
    ['/api/v1/nodes', 'nodes */*'],
    ['/api/v1/nodes/worker01', 'nodes */worker01'],
    ['/api/v1/namespaces', 'namespaces */*'],
    ['/api/v1/namespaces/shop', 'namespaces */shop'],
    ['/api/v1/pods', 'pods */*'],
    ['/api/v1/namespaces/shop/pods', 'pods shop/*'],
    ['/api/v1/namespaces/shop/pods/web', 'pods shop/web'],
    ['/api/v1/namespaces/shop/pods/web/log', 'pods shop/web log'],
    [`${NETWORK}/hostsubnets`, 'hostsubnets */*'],
    [`${NETWORK}/netnamespaces/shop`, 'netnamespaces */shop'],
  ])('%s means %s', (path, expected) => {
    expect(meant(path)).toBe(expected);
  });

  test.each([
    '/',
    '/api',
    '/api/v1',
    '/api/v2/nodes',
    '/apis/v1/nodes',
    '/api/v1/node',
    '/api/v1/hostsubnets',
    `${NETWORK}/nodes`,
    // Pods are named in their namespace, nodes in none.
    '/api/v1/pods/web',
    '/api/v1/namespaces/shop/nodes',
    '/api/v1/namespaces/shop/nodes/worker01',
    '/api/v1/nodes/worker01/log',
    '/api/v1/namespaces/shop/pods/web/attach',
    '/api/v1/namespaces/shop/pods/web/log/more',
    '/api/v1/constructor',
  ])('%s means nothing', (path) => {
    expect(meant(path)).toBe(null);
  });

  test('of whatever parts breaks nothing', () => {
    const part = fc.constantFrom(
      'api',
      'apis',
      'v1',
      'namespaces',
      'pods',
      'nodes',
      'log',
      'x',
      '',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (path) => {
        const target = targetOf(kinds, path);
        if (target === null) return;
        const { kind, namespace, name } = target;
        expect(path).toContain(kind.plural);
        if (!kind.namespaced) expect(namespace).toBe(null);
        else if (name !== null) expect(namespace).not.toBe(null);
      }),
      { numRuns: 1000 },
    );
  });
});
