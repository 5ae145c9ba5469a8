// Clusters, with every default filled in as OpenShift would.

import { describe, expect, test } from 'vitest';
import { quirkNames } from '../../src/fabric/openshift-sdn/control/quirks.ts';
import { sdnSettings } from '../../src/fabric/openshift-sdn/settings.ts';
import type { ClusterSpec } from '../../src/topology/model.ts';
import { formatCidr } from '../../src/wire/ipv4-address.ts';
import { formatMac, parseMac } from '../../src/wire/mac-address.ts';
import { problems, sound } from './support.ts';

const HEAD = 'name: x\nsegments: { lan: { subnet: 192.168.50.0/24, latency: 1ms }, wan: {} }\n';

function cluster(lines: string): ClusterSpec {
  const { cluster: found } = sound(`${HEAD}cluster:\n  segment: lan\n${lines}`);
  if (found === null) throw new Error('no cluster');
  return found;
}

const NODE = '  nodes: { worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 } }\n';
const SDN = '  sdn: openshift-sdn\n';

describe('the SDN', () => {
  test('is of the era whose logs people quote', () => {
    expect(cluster(SDN + NODE).fabric).toEqual({
      kind: 'openshift-sdn',
      settings: {
        profile: 'v4.3',
        quirks: {},
        serviceNetwork: '172.30.0.0/16',
        nodes: { worker01: { egressIps: [], egressCidrs: [] } },
        namespaces: {},
      },
    });
  });

  test('is named by `fabric`, or by `sdn`, which is its older name, but not by both', () => {
    expect(cluster(`  fabric: { kind: openshift-sdn, profile: head }\n${NODE}`).fabric).toEqual(
      cluster(`  sdn: { kind: openshift-sdn, profile: head }\n${NODE}`).fabric,
    );
    const head = `${HEAD}cluster:\n  segment: lan\n`;
    expect(problems(`${head}${SDN}  fabric: openshift-sdn\n${NODE}`)).toEqual([
      '5:3 "sdn" and "fabric" say the same, and both are given → keep "fabric"',
    ]);
    expect(problems(head + NODE)).toEqual([
      '3:1 "fabric" is missing → "cluster" needs the key "fabric": openshift-sdn, ovn-kubernetes',
    ]);
  });

  test('is of another era, with quirks switched', () => {
    const sdn =
      '  sdn: { kind: openshift-sdn, profile: head, quirks: { sticky-failure-count: false, no-announcement: true } }\n';
    expect(cluster(sdn + NODE).fabric.settings).toMatchObject({
      profile: 'head',
      quirks: { 'sticky-failure-count': false, 'no-announcement': true },
    });
  });

  test('knows every quirk', () => {
    const switches = quirkNames.map((name) => `${name}: true`).join(', ');
    const { settings } = cluster(
      `  sdn: { kind: openshift-sdn, quirks: { ${switches} } }\n${NODE}`,
    ).fabric;
    expect(Object.keys(sdnSettings(settings).quirks)).toEqual(quirkNames);
  });
});

describe('a node', () => {
  test('is a machine with its primary interface first', () => {
    const [node] = cluster(`${SDN}  nodes:
    worker01:
      address: 192.168.50.144
      subnet: 10.11.0.0/23
      loss: 1%
      mtu: 9000
      mac: 52:54:00:00:00:01
      gateway: 192.168.50.1
      interfaces: { eth1: { segment: wan, address: 203.0.113.7/24, snat: masquerade } }
      services: [{ tcp: 9, app: discard }]
      firewall: [{ drop: { tcp: 9 } }]
      sysctls: { arp_announce: 2, net.ipv4.conf.enp1s0.arp_ignore: 1, net.ipv4.conf.eth1.arp_ignore: 1 }
`).nodes;
    expect(node).toMatchObject({
      name: 'worker01',
      role: 'worker',
      primaryInterface: 'enp1s0',
      machine: { name: 'worker01', forwarding: true },
    });
    const own = node?.machine.interfaces ?? [];
    expect(own.map(({ name, segment }) => [name, segment])).toEqual([
      ['enp1s0', 'lan'],
      ['eth1', 'wan'],
    ]);
    expect(own[0]).toMatchObject({
      mac: parseMac('52:54:00:00:00:01'),
      mtu: 9000,
      cable: { out: { latency: 1_000_000, loss: 0.01 } },
    });
    expect(node?.machine.routes).toMatchObject([{ dev: 'enp1s0' }]);
    expect(node?.machine.services).toHaveLength(1);
    expect(node?.machine.firewall).toHaveLength(1);
    expect(node?.machine.sysctls).toHaveLength(3);
  });

  test('has what its HostSubnet starts with, as it was written', () => {
    const { fabric, nodes } = cluster(`${SDN}  nodes:
    worker01: { address: 192.168.50.144, interface: eth0, subnet: 10.11.0.0/23, egressIPs: [192.168.50.120], egressCIDRs: [192.168.50.120/24] }
`);
    expect(nodes[0]?.primaryInterface).toBe('eth0');
    expect(sdnSettings(fabric.settings).nodes.worker01).toEqual({
      egressIps: ['192.168.50.120'],
      // Host bits are the profile's business: 4.3 ignores them, head refuses the object.
      egressCidrs: ['192.168.50.120/24'],
    });
  });

  test('may host an egress IP that another machine has, or that is on another network', () => {
    const text = `${HEAD}hosts: { printer: { interfaces: { eth0: { segment: lan, address: 192.168.50.120 } } } }
cluster:
  segment: lan
  sdn: openshift-sdn
  nodes: { worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressIPs: [192.168.50.120, 10.10.10.81] } }
`;
    expect(problems(text)).toEqual([]);
  });
});

describe('pod subnets', () => {
  test('that are not given are the next free ones of OpenShift’s default network', () => {
    const { nodes, clusterNetwork } = cluster(`${SDN}  nodes:
    a: { address: 192.168.50.1 }
    b: { address: 192.168.50.2, subnet: 10.128.2.0/23 }
    c: { address: 192.168.50.3 }
`);
    expect(nodes.map(({ name, subnet }) => [name, formatCidr(subnet)])).toEqual([
      ['a', '10.128.0.0/23'],
      ['b', '10.128.2.0/23'],
      ['c', '10.128.4.0/23'],
    ]);
    expect(formatCidr(clusterNetwork)).toBe('10.128.0.0/21');
  });

  test('are within the cluster network when there is one', () => {
    const { nodes, clusterNetwork } = cluster(
      `${SDN}  clusterNetwork: 172.20.0.0/22\n  nodes: { a: { address: 192.168.50.1 }, b: { address: 192.168.50.2 } }\n`,
    );
    expect(nodes.map(({ subnet }) => formatCidr(subnet))).toEqual([
      '172.20.0.0/23',
      '172.20.2.0/23',
    ]);
    expect(formatCidr(clusterNetwork)).toBe('172.20.0.0/22');
  });

  test('that do not fit are told', () => {
    const nodes = '  nodes: { a: { address: 192.168.50.1 }, b: { address: 192.168.50.2 } }\n';
    expect(
      problems(`${HEAD}cluster:\n  segment: lan\n${SDN}  clusterNetwork: 172.20.0.0/23\n${nodes}`),
    ).toEqual(['7:42 the cluster network 172.20.0.0/23 has no free /23 left → give it a "subnet"']);
  });

  test('overlap with the widest one before them, not only with the last', () => {
    const text = `${HEAD}cluster:
  segment: lan
  sdn: openshift-sdn
  nodes:
    a: { address: 192.168.50.1, subnet: 10.0.0.0/16 }
    b: { address: 192.168.50.2, subnet: 10.0.1.0/24 }
    c: { address: 192.168.50.3, subnet: 10.0.2.0/24 }
`;
    expect(problems(text).map((problem) => problem.replace(/ → .*/, ''))).toEqual([
      '8:41 the pod subnet 10.0.1.0/24 overlaps 10.0.0.0/16 of "a"',
      '9:41 the pod subnet 10.0.2.0/24 overlaps 10.0.0.0/16 of "a"',
    ]);
  });
});

describe('the controller', () => {
  test('runs on the first master', () => {
    const { controller } = cluster(`${SDN}  nodes:
    a: { address: 192.168.50.1 }
    b: { role: master, address: 192.168.50.2 }
    c: { role: master, address: 192.168.50.3 }
`);
    expect(controller).toBe('b');
  });

  test('runs nowhere that can fail when there is no master', () => {
    expect(cluster(SDN + NODE).controller).toBeNull();
  });
});

describe('namespaces', () => {
  test('without a VNID get the next free one from 10', () => {
    const { namespaces } = sdnSettings(
      cluster(
        `${SDN}${NODE}  namespaces: { a: {}, b: { netid: 11, egressIPs: [192.168.50.120, 192.168.50.121] }, c: {}, d: { netid: 11 } }\n`,
      ).fabric.settings,
    );
    expect(namespaces).toEqual({
      a: { netid: 10, egressIps: [] },
      b: { netid: 11, egressIps: ['192.168.50.120', '192.168.50.121'] },
      c: { netid: 12, egressIps: [] },
      d: { netid: 11, egressIps: [] },
    });
  });
});

describe('labels and annotations', () => {
  test('are those of nodes, namespaces and pods', () => {
    const { nodes, namespaces, pods } = cluster(`${SDN}  nodes:
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, labels: { k8s.ovn.org/egress-assignable: "" } }
  namespaces: { shop: { labels: { env: prod }, annotations: { example.com/why: "a test, 1 2 3" } } }
  pods: { web: { namespace: shop, node: worker01, labels: { app: web } } }
`);
    expect(nodes[0]?.labels).toEqual({ 'k8s.ovn.org/egress-assignable': '' });
    expect(namespaces[0]?.labels).toEqual({ env: 'prod' });
    expect(namespaces[0]?.annotations).toEqual({ 'example.com/why': 'a test, 1 2 3' });
    expect(pods[0]?.labels).toEqual({ app: 'web' });
    expect(pods[0]?.annotations).toEqual({});
  });

  test.each([
    ['{ -x: a }', '6:35 a key has'],
    ['{ a/b/c: d }', '6:35 a key has'],
    ['{ Example.com/a: b }', '6:35 a key has'],
    ['{ a: b c }', '6:38 expected a text of at most 63'],
    ['{ a: true }', '6:38 expected a text of at most 63'],
  ])('%s are no labels', (labels, begin) => {
    const text = `${HEAD}cluster:\n  segment: lan\n${SDN}  namespaces: { shop: { labels: ${labels} } }\n${NODE}`;
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(begin)).toBe(true);
  });
});

describe('pods', () => {
  test('get the addresses that nobody asked for, in order, and the MACs that go with them', () => {
    const { pods } = cluster(`${SDN}${NODE}  namespaces: { shop: {} }
  pods:
    a: { namespace: shop, node: worker01 }
    b: { namespace: shop, node: worker01, services: [{ tcp: 80, app: whoami }] }
    c: { namespace: shop, node: worker01, address: 10.11.0.3 }
`);
    expect(
      pods.map(({ name, address, mac }) => [name, formatCidr(address), formatMac(mac)]),
    ).toEqual([
      ['a', '10.11.0.2/23', '0a:58:0a:0b:00:02'],
      ['b', '10.11.0.4/23', '0a:58:0a:0b:00:04'],
      ['c', '10.11.0.3/23', '0a:58:0a:0b:00:03'],
    ]);
    expect(pods[1]?.services).toMatchObject([{ protocol: 'tcp', port: 80, app: 'whoami' }]);
  });

  test('are as many as a subnet has addresses', () => {
    const lines = (count: number): string =>
      Array.from({ length: count }, (_, i) => `    p${i}: { namespace: shop, node: a }\n`).join('');
    const text = (count: number): string =>
      `${HEAD}cluster:\n  segment: lan\n${SDN}  nodes: { a: { address: 192.168.50.1, subnet: 10.0.0.0/29 } }\n  namespaces: { shop: {} }\n  pods:\n${lines(count)}`;
    expect(problems(text(5))).toEqual([]);
    expect(problems(text(6))).toEqual([
      '14:5 the pod subnet 10.0.0.0/29 of "a" is full → use a wider subnet or another node',
    ]);
  });
});

test('a large cluster is read in good time', () => {
  const nodes = Array.from(
    { length: 1000 },
    (_, i) => `    n${i}: { address: 10.1.${i >> 8}.${i & 255 || 1} }\n`,
  );
  const pods = Array.from(
    { length: 5000 },
    (_, i) => `    p${i}: { namespace: shop, node: n${i % 1000} }\n`,
  );
  const { cluster: found } = sound(`name: x
segments: { lan: { subnet: 10.1.0.0/16 } }
cluster:
  segment: lan
  sdn: openshift-sdn
  clusterNetwork: 172.16.0.0/12
  nodes:
${nodes.join('')}  namespaces: { shop: {} }
  pods:
${pods.join('')}`);
  expect(found?.nodes).toHaveLength(1000);
  expect(new Set(found?.pods.map(({ address }) => address.address)).size).toBe(5000);
});
