import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type HostSubnet,
  HostSubnets,
} from '../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { NetNamespaces } from '../../../src/fabric/openshift-sdn/kinds/net-namespace.ts';
import { Nodes } from '../../../src/kube/kinds/node.ts';
import { objectKey } from '../../../src/kube/kinds/object.ts';
import type { ObjectStore } from '../../../src/kube/server/store.ts';
import { type Change, Watch } from '../../../src/kube/server/watch.ts';
import { seconds } from '../../../src/sim/time.ts';
import { addArticleCluster, apiBench } from '../bench.ts';

function articleStore(options: { readonly historyLimit?: number } = {}) {
  const bench = apiBench(options);
  addArticleCluster(bench.store);
  return bench;
}

function worker(store: ObjectStore): HostSubnet {
  const object = store.get(HostSubnets, 'worker01');
  if (object === null) throw new Error('worker01 is missing');
  return object;
}

describe('writing', () => {
  test('every write raises the one resourceVersion', () => {
    const { store } = articleStore();
    const before = store.resourceVersion;
    const result = store.patch(HostSubnets, 'worker01', undefined, 'merge', {
      egressIPs: ['192.168.50.120'],
    });
    expect(result).toMatchObject({ ok: true, changed: true });
    expect(store.resourceVersion).toBe(before + 1);
    expect(worker(store).metadata.resourceVersion).toBe(String(before + 1));
  });

  test('a patch that changes nothing keeps the resourceVersion and the object', () => {
    const { store } = articleStore();
    const before = worker(store);
    const result = store.patch(HostSubnets, 'worker01', undefined, 'merge', {
      hostIP: before.hostIP,
    });
    expect(result).toMatchObject({ ok: true, changed: false });
    expect(worker(store)).toBe(before);
  });

  test('an update of what has changed meanwhile is a conflict', () => {
    const { store } = articleStore();
    const old = worker(store);
    store.patch(HostSubnets, 'worker01', undefined, 'merge', { egressIPs: ['192.168.50.120'] });
    const result = store.update(HostSubnets, { ...old, egressIPs: [] });
    expect(result).toMatchObject({ ok: false, status: { code: 409, reason: 'Conflict' } });
    expect(result.ok ? '' : result.status.message).toBe(
      'Operation cannot be fulfilled on hostsubnets.network.openshift.io "worker01": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test('uid and creation time are the server s, identity cannot be patched away', () => {
    const { store } = articleStore();
    const before = worker(store);
    store.patch(HostSubnets, 'worker01', undefined, 'merge', {
      metadata: { uid: 'mine', creationTimestamp: null },
    });
    expect(worker(store)).toBe(before);
    const renamed = store.patch(HostSubnets, 'worker01', undefined, 'merge', {
      metadata: { name: 'x' },
    });
    expect(renamed).toMatchObject({ ok: false, status: { code: 400 } });
    const other = store.patch(HostSubnets, 'worker01', undefined, 'merge', { kind: 'Node' });
    expect(other).toMatchObject({ ok: false, status: { code: 400 } });
  });

  test('a dry run tells and stores nothing', () => {
    const { store } = articleStore();
    const before = store.resourceVersion;
    const result = store.patch(
      HostSubnets,
      'worker01',
      undefined,
      'merge',
      { egressIPs: ['1.2.3.4'] },
      { dryRun: true },
    );
    expect(result.ok ? result.object.egressIPs : null).toEqual(['1.2.3.4']);
    expect(store.resourceVersion).toBe(before);
    expect(worker(store).egressIPs).toBeUndefined();
  });

  test('what exists cannot be created, what does not cannot be changed or deleted', () => {
    const { store } = articleStore();
    expect(store.create(HostSubnets, worker(store))).toMatchObject({
      status: { code: 409, message: 'hostsubnets.network.openshift.io "worker01" already exists' },
    });
    const missing = {
      status: { code: 404, message: 'hostsubnets.network.openshift.io "x" not found' },
    };
    expect(store.patch(HostSubnets, 'x', undefined, 'merge', {})).toMatchObject(missing);
    expect(store.delete(HostSubnets, 'x')).toMatchObject(missing);
    expect(store.delete(Nodes, 'x')).toMatchObject({ status: { message: 'nodes "x" not found' } });
  });

  test('uids depend on seed and history alone', () => {
    const [a, b] = [articleStore(), articleStore()].map(({ store }) => worker(store).metadata.uid);
    expect(a).toBe(b);
    expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('refusals', () => {
  const patch = (body: never, type: 'merge' | 'json' | 'strategic' = 'merge') => {
    const result = articleStore().store.patch(HostSubnets, 'worker01', undefined, type, body);
    return result.ok ? null : result.status;
  };

  test('a malformed egress IP is 422 with the CRD s pattern', () => {
    expect(patch({ egressIPs: ['192.168.50.300'] } as never)).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: {
        name: 'worker01',
        group: 'network.openshift.io',
        kind: 'HostSubnet',
        causes: [
          {
            reason: 'FieldValueInvalid',
            field: 'egressIPs[0]',
            message: String.raw`Invalid value: "192.168.50.300": egressIPs[0] in body should match '^(([0-9]|[0-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[0-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$'`,
          },
        ],
      },
    });
  });

  test.each([
    [{ egressIPs: '192.168.50.120' }, 'egressIPs in body must be of type array: "string"'],
    [{ egressIPs: [120] }, 'egressIPs[0] in body must be of type string: "integer"'],
    [{ egressCIDRs: ['192.168.50.0/33'] }, 'egressCIDRs[0] in body should match'],
    [{ host: null }, 'Required value'],
    [{ hostIP: 'here' }, 'hostIP in body should match'],
    [{ metadata: { labels: { 'a b': 'c' } } }, 'name part must consist of alphanumeric characters'],
    [
      { metadata: { labels: { a: 1 } } },
      'metadata.labels.a in body must be of type string: "integer"',
    ],
    [{ metadata: { labels: { a: 'b c' } } }, 'a valid label must be an empty string or consist of'],
  ])('%j is 422', (body, message) => {
    const status = patch(body as never);
    expect(status?.code).toBe(422);
    expect(status?.details?.causes?.[0]?.message).toContain(message);
  });

  test('a VNID has 24 bits', () => {
    const { store } = articleStore();
    const result = store.patch(NetNamespaces, 'mywebserver', undefined, 'merge', {
      netid: 16_777_216,
    });
    expect(result.ok ? '' : result.status.message).toBe(
      'NetNamespace.network.openshift.io "mywebserver" is invalid: netid: Invalid value: 16777216: netid in body should be less than or equal to 16777215',
    );
  });

  test('host bits in a range are not the API server s business', () => {
    expect(patch({ egressCIDRs: ['192.168.50.120/24'] } as never)).toBeNull();
  });

  test('a patch of the wrong shape is 400, one that does not apply 422, a strategic one of a CRD 415', () => {
    expect(patch([] as never)).toMatchObject({
      code: 400,
      message:
        'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    });
    expect(patch({} as never, 'json')).toMatchObject({ code: 400 });
    expect(patch([{ op: 'remove', path: '/nope' }] as never, 'json')).toMatchObject({
      code: 422,
      message: 'the server rejected our request due to an error in our request',
    });
    expect(patch({} as never, 'strategic')).toMatchObject({
      code: 415,
      reason: 'UnsupportedMediaType',
    });
    expect(patch(JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`) as never)).toMatchObject({
      code: 400,
    });
  });

  test('a patch may name the version it was made for', () => {
    const status = patch({ metadata: { resourceVersion: '1' } } as never);
    expect(status).toMatchObject({ code: 409 });
  });
});

describe('watching', () => {
  test('a watch hears of later writes through the scheduler, a closed one of nothing', () => {
    const { scheduler, store } = articleStore();
    const seen: string[] = [];
    const watch = store.watch(
      HostSubnets,
      { since: store.resourceVersion, latency: seconds(1) },
      ({ object, type }) => seen.push(`${type} ${object.metadata.name}`),
    );
    store.patch(HostSubnets, 'worker01', undefined, 'merge', { egressIPs: ['1.2.3.4'] });
    store.delete(HostSubnets, 'worker02');
    expect(seen).toEqual([]);
    scheduler.advanceTo(seconds(1));
    expect(seen).toEqual(['MODIFIED worker01', 'DELETED worker02']);
    store.delete(HostSubnets, 'worker01');
    if (watch instanceof Watch) watch.close();
    scheduler.advanceTo(seconds(3));
    expect(seen).toHaveLength(2);
  });

  test('without a version it starts with what is there', () => {
    const { scheduler, store } = articleStore();
    const seen: string[] = [];
    store.watch(HostSubnets, { since: null }, ({ object, type }) =>
      seen.push(`${type} ${object.metadata.name}`),
    );
    scheduler.advanceTo(0);
    expect(seen).toEqual([
      'ADDED master01',
      'ADDED master02',
      'ADDED master03',
      'ADDED worker01',
      'ADDED worker02',
    ]);
  });

  test('what is too long ago is 410 Expired', () => {
    const { store } = articleStore({ historyLimit: 4 });
    const since = store.resourceVersion;
    for (let n = 0; n < 10; n++) {
      store.patch(HostSubnets, 'worker01', undefined, 'merge', { egressIPs: [`1.2.3.${n}`] });
    }
    const watch = store.watch(HostSubnets, { since }, () => undefined);
    expect(watch).toMatchObject({ code: 410, reason: 'Expired' });
    const recent = store.watch(HostSubnets, { since: store.resourceVersion - 3 }, () => undefined);
    expect(recent).toBeInstanceOf(Watch);
  });

  test('a replayed watch adds up to the list, from whatever version it starts', () => {
    const names = ['a', 'b', 'c'];
    const write = fc.record({
      name: fc.constantFrom(...names),
      remove: fc.boolean(),
      last: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 30 }), fc.nat(30), (writes, cut) => {
        const { scheduler, store } = apiBench();
        const view = new Map<string, HostSubnet>();
        const follow = (change: Change<HostSubnet>): void => {
          const key = objectKey(change.object);
          if (change.type === 'DELETED') view.delete(key);
          else view.set(key, change.object);
        };
        writes.forEach(({ name, remove, last }, at) => {
          if (at === cut) {
            for (const object of store.list(HostSubnets).items) view.set(objectKey(object), object);
            store.watch(HostSubnets, { since: store.resourceVersion }, follow);
          }
          if (remove) store.delete(HostSubnets, name);
          else if (store.get(HostSubnets, name) === null) {
            store.create(HostSubnets, {
              apiVersion: 'network.openshift.io/v1',
              kind: 'HostSubnet',
              metadata: { name },
              host: name,
              hostIP: '192.168.50.1',
              subnet: '10.1.0.0/23',
            });
          } else
            store.patch(HostSubnets, name, undefined, 'merge', { hostIP: `192.168.50.${last}` });
        });
        scheduler.advanceTo(1);
        if (cut >= writes.length) return;
        expect([...view.values()].sort((a, b) => (a.host < b.host ? -1 : 1))).toEqual(
          store.list(HostSubnets).items,
        );
      }),
    );
  });
});

function nodeOf(name: string, annotations: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, annotations } };
}

test('all objects together have a bound, and what is deleted gives its room back', () => {
  const { store } = articleStore();
  const annotations = { filler: 'x'.repeat(262_000) };
  const create = (name: string) => store.createFrom(Nodes, nodeOf(name, annotations));
  let stored = 0;
  while (create(`n${stored}`).ok) stored++;
  expect(stored).toBeGreaterThan(200);
  expect(create('more')).toMatchObject({ ok: false, status: { code: 403, reason: 'Forbidden' } });
  expect(store.delete(Nodes, 'n0').ok).toBe(true);
  expect(create('more').ok).toBe(true);
});

test('changes to large objects are forgotten sooner than changes to small ones', () => {
  const { store } = articleStore();
  const annotations = { filler: 'x'.repeat(262_000) };
  store.createFrom(Nodes, nodeOf('large', annotations));
  for (let i = 0; i < 300; i++) {
    store.patch(Nodes, 'large', undefined, 'merge', { metadata: { labels: { turn: `${i}` } } });
  }
  expect(store.forgotten).toBeGreaterThan(0);
  expect(store.resourceVersion - store.forgotten).toBeGreaterThan(100);
});
