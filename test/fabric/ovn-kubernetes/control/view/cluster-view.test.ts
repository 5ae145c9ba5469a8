import { describe, expect, test } from 'vitest';
import {
  ClusterView,
  type ZoneObjects,
} from '../../../../../src/fabric/ovn-kubernetes/control/view/cluster-view.ts';
import { eipOf, namespaceOf, nodeOf, podOf } from '../../objects.ts';

const objects: ZoneObjects = {
  nodes: [nodeOf({ name: 'a' }), nodeOf({ name: 'b' })],
  namespaces: [namespaceOf('shop', { env: 'prod' }), namespaceOf('bank', { env: 'test' })],
  pods: [
    podOf({ namespace: 'shop', name: 'web', node: 'a', ips: ['10.128.0.5'], labels: {} }),
    podOf({ namespace: 'bank', name: 'app', node: 'b', ips: ['10.128.1.5'], labels: {} }),
  ],
  egressIps: [
    eipOf({
      name: 'prod',
      ips: ['192.168.1.9'],
      namespaceSelector: { matchLabels: { env: 'prod' } },
    }),
  ],
};

describe('ClusterView', () => {
  test('zones that start with the same lists and hear the same changes hold the same view', () => {
    const first = ClusterView.of(objects);
    const second = ClusterView.of(objects);
    expect(second).toBe(first);
    const placed = eipOf({
      name: 'prod',
      ips: ['192.168.1.9'],
      namespaceSelector: { matchLabels: { env: 'prod' } },
      status: [{ node: 'b', egressIP: '192.168.1.9' }],
    });
    const moved = podOf({
      namespace: 'shop',
      name: 'web',
      node: 'b',
      ips: ['10.128.1.6'],
      labels: {},
    });
    const hear = (view: ClusterView): ClusterView =>
      view.withEgressIp(placed).withPod(moved).withoutNode('a').withoutEgressIp('prod');
    expect(hear(second)).toBe(hear(first));
    expect(first.withEgressIp(placed)).toBe(second.withEgressIp(placed));
    expect(first.facts(placed).pods.map(({ key }) => key)).toEqual(['shop/web']);
    expect([...first.withEgressIp(placed).facts(placed).nodes].sort()).toEqual(['a', 'b']);
  });

  test('a zone that lags keeps its view, and one that hears in another order has its own', () => {
    const view = ClusterView.of({ ...objects });
    const pod = podOf({
      namespace: 'shop',
      name: 'two',
      node: 'a',
      ips: ['10.128.0.6'],
      labels: {},
    });
    const label = namespaceOf('bank', { env: 'prod' });
    const one = view.withPod(pod).withNamespace(label);
    const other = view.withNamespace(label).withPod(pod);
    expect(view.pods.get('shop/two')).toBeUndefined();
    const [object] = objects.egressIps;
    if (object === undefined) throw new Error('there is one');
    for (const each of [one, other]) {
      expect(each.facts(object).pods.map(({ key }) => key)).toEqual([
        'bank/app',
        'shop/web',
        'shop/two',
      ]);
    }
    expect(view.facts(object).pods).toHaveLength(1);
  });

  test('a heartbeat of a node, and what it writes about its own addresses, is no news', () => {
    const view = ClusterView.of({ ...objects, pods: [] });
    const node = nodeOf({ name: 'a' });
    const annotations = {
      ...node.metadata.annotations,
      'k8s.ovn.org/bridge-egress-ips': '["192.168.1.9"]',
    };
    expect(view.withNode({ ...node, metadata: { ...node.metadata, annotations } })).toBe(view);
    const other = nodeOf({ name: 'a', hostCIDRs: ['10.9.9.9/24'] });
    expect(view.withNode(other).hostAddresses).toContain('10.9.9.9');
    expect(view.hostAddresses).not.toContain('10.9.9.9');
  });
});
