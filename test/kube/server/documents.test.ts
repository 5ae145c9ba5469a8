import { describe, expect, test } from 'vitest';
import { HostSubnets } from '../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { NetNamespaces } from '../../../src/fabric/openshift-sdn/kinds/net-namespace.ts';
import { Nodes } from '../../../src/kube/kinds/node.ts';
import {
  aggregatedDiscovery,
  apiGroups,
  apiResources,
  apiVersions,
} from '../../../src/kube/server/discovery.ts';
import {
  deletedDocument,
  listDocument,
  tableDocument,
  watchDocument,
} from '../../../src/kube/server/documents.ts';
import { kinds } from '../../support/kinds.ts';
import { addArticleCluster, apiBench } from '../bench.ts';

function article() {
  const bench = apiBench();
  addArticleCluster(bench.store);
  bench.oc(`patch hostsubnet worker01 --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`);
  const worker = bench.store.get(HostSubnets, 'worker01');
  if (worker === null) throw new Error('no worker01');
  return { ...bench, worker, context: { clock: bench.clock, listStyle: 'go' as const } };
}

describe('what goes over HTTP', () => {
  test('a Table has all columns, their priorities, and the metadata of each row', () => {
    const { context, worker } = article();
    expect(tableDocument(HostSubnets, [worker], context, 12)).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '12' },
      columnDefinitions: ['Name', 'Host', 'Host IP', 'Subnet', 'Egress CIDRs', 'Egress IPs'].map(
        (name) => ({
          name,
          type: 'string',
          format: name === 'Name' ? 'name' : '',
          description: '',
          priority: 0,
        }),
      ),
      rows: [
        {
          cells: [
            'worker01',
            'worker01',
            '192.168.50.144',
            '10.11.0.0/23',
            '[192.168.50.0/24]',
            null,
          ],
          object: {
            kind: 'PartialObjectMetadata',
            apiVersion: 'meta.k8s.io/v1',
            metadata: worker.metadata,
          },
        },
      ],
    });
    expect(tableDocument(HostSubnets, [worker], context, 12, 'Object').rows).toMatchObject([
      { object: worker },
    ]);
    expect(tableDocument(HostSubnets, [worker], context, 12, 'None').rows).toMatchObject([
      { cells: { length: 6 } },
    ]);
  });

  test('wide columns have priority 1, numbers are integers', () => {
    const { context, store } = article();
    const nodes = tableDocument(Nodes, store.list(Nodes).items, context, 1);
    expect(nodes.columnDefinitions).toContainEqual({
      name: 'Internal-IP',
      type: 'string',
      format: '',
      description: '',
      priority: 1,
    });
    const spaces = tableDocument(NetNamespaces, store.list(NetNamespaces).items, context, 1);
    expect(spaces).toMatchObject({
      columnDefinitions: [{}, { name: 'NetID', type: 'integer' }, {}],
      rows: [{ cells: ['mywebserver', 5_281_170, null] }],
    });
  });

  test('lists, watch events and answers to a delete', () => {
    const { store, worker } = article();
    const { items, resourceVersion } = store.list(HostSubnets);
    expect(listDocument(HostSubnets, items, resourceVersion)).toMatchObject({
      kind: 'HostSubnetList',
      apiVersion: 'network.openshift.io/v1',
      metadata: { resourceVersion: String(resourceVersion) },
      items: { length: 5 },
    });
    expect(watchDocument('MODIFIED', { a: 1 })).toEqual({ type: 'MODIFIED', object: { a: 1 } });
    expect(deletedDocument(HostSubnets, worker)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: 'worker01',
        group: 'network.openshift.io',
        kind: 'hostsubnets',
        uid: worker.metadata.uid,
      },
    });
  });

  test('discovery names every resource with what kubectl needs', () => {
    expect(aggregatedDiscovery(kinds, 'groups')).toMatchObject({
      items: [
        {
          metadata: { name: 'network.openshift.io', creationTimestamp: null },
          versions: [
            {
              version: 'v1',
              resources: [
                {
                  resource: 'hostsubnets',
                  singularResource: 'hostsubnet',
                  scope: 'Cluster',
                  responseKind: {
                    group: 'network.openshift.io',
                    version: 'v1',
                    kind: 'HostSubnet',
                  },
                },
                { resource: 'netnamespaces' },
              ],
            },
          ],
        },
      ],
    });
    const core = JSON.stringify(aggregatedDiscovery(kinds, 'core'));
    for (const name of [
      'nodes',
      'namespaces',
      'events',
      'pods',
      '"subresource":"log"',
      '"shortNames":["no"]',
    ])
      expect(core).toContain(name);
    expect(apiVersions(kinds, '127.0.0.1:1')).toMatchObject({
      kind: 'APIVersions',
      versions: ['v1'],
    });
    expect(apiGroups(kinds)).toMatchObject({ groups: [{ name: 'network.openshift.io' }] });
    expect(apiResources(kinds, { group: '', version: 'v1' })).toMatchObject({
      groupVersion: 'v1',
      resources: { length: 9 },
    });
    expect(apiResources(kinds, { group: 'network.openshift.io', version: 'v1' })).toMatchObject({
      groupVersion: 'network.openshift.io/v1',
    });
    expect(apiResources(kinds, { group: 'apps', version: 'v1' })).toBeNull();
  });
});
