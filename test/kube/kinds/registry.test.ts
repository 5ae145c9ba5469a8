// A kind that nobody knew: one file and one line, and everything serves it.

import { describe, expect, test } from 'vitest';
import { type Lease, Leases } from '../../../src/fabric/ovn-kubernetes/kinds/lease.ts';
import { column, nameColumn } from '../../../src/kube/kinds/columns.ts';
import { defineKind } from '../../../src/kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../src/kube/kinds/object.ts';
import { KindRegistry } from '../../../src/kube/kinds/registry.ts';
import { list, object, text } from '../../../src/kube/kinds/schema.ts';
import { runOc } from '../../../src/kube/oc/execute.ts';
import { parseOc } from '../../../src/kube/oc/parse.ts';
import { aggregatedDiscovery, apiResources } from '../../../src/kube/server/discovery.ts';
import { openApiDocument, swaggerDocument } from '../../../src/kube/server/openapi/documents.ts';
import { PodLogs } from '../../../src/kube/server/pod-logs.ts';
import { ObjectStore } from '../../../src/kube/server/store.ts';
import { WallClock } from '../../../src/kube/wall-clock.ts';
import { targetOf } from '../../../src/platform/api-server/target.ts';
import { Scheduler } from '../../../src/sim/scheduler.ts';

type EgressIp = {
  readonly apiVersion: 'k8s.ovn.org/v1';
  readonly kind: 'EgressIP';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly egressIPs: readonly string[] };
  readonly status?: { readonly phase: string };
};

const EgressIps = defineKind<EgressIp>({
  name: 'EgressIP',
  plural: 'egressips',
  shortNames: ['eip'],
  group: 'k8s.ovn.org',
  subresources: ['status'],
  description: 'Source addresses of the traffic of some pods.',
  fields: {
    spec: object(
      'What is wanted.',
      { egressIPs: list('The addresses.', text('An address.', { pattern: '^[0-9.]+$' })) },
      ['egressIPs'],
    ),
    status: object('What is.', { phase: text('How far it is.', { enum: ['New', 'Assigned'] }) }),
  },
  required: ['spec'],
  columns: [
    nameColumn,
    column('Egress IPs', ({ spec }) => spec.egressIPs.join(',')),
    column('Phase', ({ status }) => status?.phase ?? null),
  ],
});

function lab() {
  const kinds = new KindRegistry([EgressIps]);
  const scheduler = new Scheduler();
  const clock = new WallClock(scheduler, 0);
  const store = new ObjectStore({ kinds, scheduler, clock, seed: 1 });
  const environment = {
    store,
    scheduler,
    logs: new PodLogs(scheduler),
    listStyle: 'json' as const,
    namespace: 'default',
    systemNamespace: 'system',
  };
  const oc = (line: string) => runOc(parseOc(line, kinds), environment);
  store.create(EgressIps, {
    apiVersion: 'k8s.ovn.org/v1',
    kind: 'EgressIP',
    metadata: { name: 'shop' },
    spec: { egressIPs: ['192.168.50.120'] },
    status: { phase: 'New' },
  });
  return { kinds, oc, store };
}

describe('a kind of which only its own file knows', () => {
  test('is stored, listed and printed, by all of its names', () => {
    const { oc, store } = lab();
    expect(store.get(EgressIps, 'shop')?.spec.egressIPs).toEqual(['192.168.50.120']);
    for (const name of ['eip', 'egressip', 'egressips', 'egressips.k8s.ovn.org']) {
      expect(oc(`get ${name}`).stdout).toBe(
        'NAME   EGRESS IPS       PHASE\nshop   192.168.50.120   New\n',
      );
    }
    expect(oc('api-resources').stdout).toMatch(
      /egressips +eip +k8s\.ovn\.org\/v1 +false +EgressIP/,
    );
    expect(oc('label eip shop a=b').stdout).toBe('egressip.k8s.ovn.org/shop labeled\n');
  });

  test('is validated by its fields, and keeps its status from the main path', () => {
    const { oc } = lab();
    const wrong = oc(`patch eip shop --type=merge -p '{"spec":{"egressIPs":["x"]}}'`);
    expect(wrong.stderr).toContain('spec.egressIPs[0]: Invalid value: "x"');
    expect(oc(`patch eip shop --type=merge -p '{"status":{"phase":"Assigned"}}'`).stdout).toBe(
      'egressip.k8s.ovn.org/shop patched (no change)\n',
    );
  });

  test('refuses a status that it does not have', () => {
    const { store } = lab();
    const options = { part: 'status' } as const;
    const patch = (phase: string) =>
      store.patch(EgressIps, 'shop', undefined, 'merge', { status: { phase } }, options);
    expect(patch('Lost')).toMatchObject({
      ok: false,
      status: { details: { causes: [{ reason: 'FieldValueNotSupported' }] } },
    });
    expect(patch('Assigned')).toMatchObject({
      ok: true,
      object: { status: { phase: 'Assigned' } },
    });
  });

  test('is discovered, described and found by its path', () => {
    const { kinds } = lab();
    expect(JSON.stringify(aggregatedDiscovery(kinds, 'groups'))).toContain('"shortNames":["eip"]');
    const group = { group: 'k8s.ovn.org', version: 'v1' };
    expect(apiResources(kinds, group)).toMatchObject({
      resources: [{ name: 'egressips' }, { name: 'egressips/status' }],
    });
    expect(openApiDocument(kinds, 'apis/k8s.ovn.org/v1')).toHaveProperty([
      'components',
      'schemas',
      'org.ovn.k8s.v1.EgressIP',
    ]);
    expect(swaggerDocument(kinds)).toHaveProperty(['definitions', 'org.ovn.k8s.v1.EgressIP']);
    expect(targetOf(kinds, ['apis', 'k8s.ovn.org', 'v1', 'egressips', 'shop', 'status'])).toEqual({
      kind: EgressIps,
      namespace: null,
      name: 'shop',
      subresource: 'status',
    });
  });

  test('can be registered only once', () => {
    expect(() => new KindRegistry([EgressIps, EgressIps])).toThrow('registered once');
  });
});

test('a kind of a group of Kubernetes itself is one file and one word in a list, too', () => {
  const kinds = new KindRegistry([EgressIps, Leases]);
  const scheduler = new Scheduler();
  const store = new ObjectStore({ kinds, scheduler, clock: new WallClock(scheduler, 0), seed: 1 });
  const lease: Omit<Lease, 'metadata'> & {
    readonly metadata: { name: string; namespace: string };
  } = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader', namespace: 'kube-system' },
    spec: { holderIdentity: 'worker01' },
  };
  expect(store.create(Leases, lease)).toMatchObject({ ok: true });
  const path = [
    'apis',
    'coordination.k8s.io',
    'v1',
    'namespaces',
    'kube-system',
    'leases',
    'leader',
  ];
  expect(targetOf(kinds, path)).toMatchObject({ kind: Leases, namespace: 'kube-system' });
  const group = { group: 'coordination.k8s.io', version: 'v1' };
  expect(apiResources(kinds, group)).toMatchObject({
    resources: [{ name: 'leases', namespaced: true, kind: 'Lease' }],
  });
  const environment = {
    store,
    scheduler,
    logs: new PodLogs(scheduler),
    listStyle: 'json' as const,
    namespace: 'kube-system',
    systemNamespace: 'kube-system',
  };
  expect(runOc(parseOc('get lease leader -o name', kinds), environment).stdout).toBe(
    'lease.coordination.k8s.io/leader\n',
  );
});
