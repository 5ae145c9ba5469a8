import { describe, expect, test } from 'vitest';
import { OvnCluster } from './cluster.ts';

const PROD = {
  prod: {
    egressIps: ['192.168.50.120'],
    namespaceSelector: { matchLabels: { env: 'prod' } },
    podSelector: null,
  },
};

/** Next hops of worker01 and worker02, and what the store says. */
const HOPS: Readonly<Record<string, string>> = { worker01: '100.88.0.4', worker02: '100.88.0.5' };

function holderOf(cluster: OvnCluster, name = 'prod'): string {
  return cluster.oc(`get eip ${name} -o jsonpath={.status.items[0].node}`);
}

describe('OVN-Kubernetes without packets', () => {
  test('an EgressIP gets a node, a mark, a policy where its pods are and a NAT row where it is', () => {
    const cluster = new OvnCluster({ egressIPs: PROD });
    const node = holderOf(cluster);
    expect(Object.keys(HOPS)).toContain(node);
    expect(cluster.oc('get eip')).toBe(
      'NAME   EGRESSIPS        ASSIGNED NODE   ASSIGNED EGRESSIPS\n' +
        `prod   192.168.50.120   ${node}        192.168.50.120\n`,
    );
    expect(cluster.oc('get eip prod -o yaml')).toContain('k8s.ovn.org/egressip-mark: "50000"');
    expect(cluster.way()).toBe(`${HOPS[node]} | GR_${node} as 192.168.50.120`);
    expect(cluster.host(node).announced).toEqual(['br-ex 0.0.0.0']);
  });

  test('a dead node is found by the second probe, its IP moves in one patch and stays moved', () => {
    const cluster = new OvnCluster({ egressIPs: PROD });
    const first = holderOf(cluster);
    const other = first === 'worker01' ? 'worker02' : 'worker01';
    cluster.until(20);
    cluster.kill(first);
    cluster.until(31.5);
    expect(holderOf(cluster)).toBe(other);
    expect(cluster.way()).toContain(`${HOPS[other]} | `);
    const kinds = ['egress-ip-assigned', 'egress-ip-unassigned', 'node-offline'];
    const story = cluster.events.events.filter(({ at, kind }) => at > 1e9 && kinds.includes(kind));
    expect(story.map(({ kind }) => kind)).toEqual([
      'node-offline',
      'egress-ip-unassigned',
      'egress-ip-assigned',
    ]);
    const log = [...cluster.managers.values()]
      .flatMap(({ pod }) => cluster.logs.find(pod, 'openshift-ovn-kubernetes')?.lines() ?? [])
      .map(({ text }) => text);
    expect(log.join('\n')).toContain(
      `Node: ${first} is detected as unreachable, deleting it from egress assignment`,
    );
    const host = cluster.host(first);
    host.alive = true;
    for (const connection of cluster.connections.get(first) ?? []) connection.restore();
    cluster.agents.get(first)?.start();
    cluster.until(60);
    expect(holderOf(cluster)).toBe(other);
    expect(cluster.database(first).nats.filter(({ logicalPort }) => logicalPort !== null)).toEqual(
      [],
    );
  });

  test('without a candidate the status is empty, and the pod leaves with the address of its node', () => {
    const cluster = new OvnCluster({ egressIPs: PROD, egressNodes: ['worker01'] });
    cluster.oc('label node worker01 k8s.ovn.org/egress-assignable-');
    cluster.until(1);
    expect(cluster.oc('get eip')).toBe(
      'NAME   EGRESSIPS        ASSIGNED NODE   ASSIGNED EGRESSIPS\nprod   192.168.50.120                   \n',
    );
    expect(cluster.way()).toBe('none | none');
    const node = cluster
      .database('worker03')
      .nats.filter(({ logicalIp }) => logicalIp === '10.128.8.5');
    expect(node.map(({ externalIp }) => externalIp)).toEqual(['192.168.50.145']);
    expect(cluster.oc('get events')).toContain(
      'no assignable nodes for EgressIP: prod, please tag at least one node with label: k8s.ovn.org/egress-assignable',
    );
    cluster.oc('label node worker01 k8s.ovn.org/egress-assignable=');
    cluster.until(2);
    expect(holderOf(cluster)).toBe('worker01');
  });

  test('a zone that lags keeps its NAT row while the new holder has one: two routers, one address', () => {
    const cluster = new OvnCluster({
      egressIPs: PROD,
      egressNodes: ['worker01'],
      delays: { worker01: 5 },
    });
    cluster.until(8);
    expect(cluster.way()).toBe('100.88.0.4 | GR_worker01 as 192.168.50.120');
    cluster.oc('label node worker02 k8s.ovn.org/egress-assignable=');
    cluster.oc('label node worker01 k8s.ovn.org/egress-assignable-');
    cluster.until(9);
    expect(cluster.way()).toBe(
      '100.88.0.5 | GR_worker01 as 192.168.50.120, GR_worker02 as 192.168.50.120',
    );
    cluster.until(14);
    expect(cluster.way()).toBe('100.88.0.5 | GR_worker02 as 192.168.50.120');
  });

  test('an IP of a secondary network is configured in the kernel of its node', () => {
    const cluster = new OvnCluster({
      profile: 'head',
      egressIPs: { prod: { ...PROD.prod, egressIps: ['10.10.10.20'] } },
      secondary: { worker02: '10.10.10.3/24' },
    });
    cluster.until(1);
    expect(holderOf(cluster)).toBe('worker02');
    expect(cluster.way()).toBe('100.88.0.5 | none');
    const { announced, rules, snats } = cluster.host('worker02');
    expect(rules).toEqual([{ priority: 6000, from: '10.128.8.5', fwmark: null, table: 1002 }]);
    expect(snats).toEqual([{ podIp: '10.128.8.5', link: 'enp2s0', egressIp: '10.10.10.20' }]);
    expect(announced).toEqual(['enp2s0 10.10.10.20']);
    expect(cluster.oc('get node worker02 -o yaml')).toContain(
      `k8s.ovn.org/secondary-host-egress-ips: '["10.10.10.20"]'`,
    );
    cluster.oc('delete eip prod');
    cluster.until(2);
    expect([rules, snats]).toEqual([[], []]);
  });

  test('an agent that is away for two ticks looks dead to gRPC and alive to the dial of old', () => {
    const moved = (profile: '4.10' | '4.18'): boolean => {
      const cluster = new OvnCluster({ profile, egressIPs: PROD });
      const first = holderOf(cluster);
      cluster.until(20);
      cluster.agents.get(first)?.stop();
      cluster.until(32);
      return holderOf(cluster) !== first;
    };
    expect([moved('4.18'), moved('4.10')]).toEqual([true, false]);
  });

  test('before 4.14 one database has the rows of all nodes, and next hops are on the join switch', () => {
    const cluster = new OvnCluster({ profile: '4.10', egressIPs: PROD });
    cluster.until(1);
    const node = holderOf(cluster);
    expect(cluster.database('worker01')).toBe(cluster.database('worker03'));
    expect(cluster.way()).toBe(
      `${node === 'worker01' ? '100.64.0.4' : '100.64.0.5'} | GR_${node} as 192.168.50.120`,
    );
  });

  test('the second replica takes over when the lease of a dead leader has run out', () => {
    const cluster = new OvnCluster({ egressIPs: PROD });
    const leader = [...cluster.managers].find(([, { manager }]) => manager !== null)?.[0] ?? '';
    const other = leader === 'master01' ? 'master02' : 'master01';
    cluster.until(10);
    cluster.kill(leader);
    const holder = holderOf(cluster);
    cluster.kill(holder);
    cluster.until(100);
    expect(holderOf(cluster)).toBe(holder);
    cluster.until(220);
    expect(cluster.managers.get(other)?.manager).not.toBeNull();
    expect(holderOf(cluster)).not.toBe(holder);
    expect(cluster.oc('get leases -n openshift-ovn-kubernetes')).toContain(other);
  });

  test('the same seed tells the same story', () => {
    const story = (): unknown => {
      const cluster = new OvnCluster({ egressIPs: PROD, seed: 7 });
      cluster.kill(holderOf(cluster));
      cluster.until(30);
      return cluster.events.events;
    };
    expect(story()).toEqual(story());
  });
});
