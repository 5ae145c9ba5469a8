import { describe, expect, test } from 'vitest';
import { profiles, resolveProfile } from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import type { QuirkName } from '../../../../src/fabric/openshift-sdn/control/quirks.ts';
import { HostSubnets } from '../../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { Namespaces } from '../../../../src/kube/kinds/namespace.ts';
import { Nodes } from '../../../../src/kube/kinds/node.ts';
import { formatSeconds, seconds } from '../../../../src/sim/time.ts';
import { formatIpv4, parseIpv4 } from '../../../../src/wire/ipv4-address.ts';
import { ArticleCluster } from './cluster.ts';

const IP = '192.168.50.120';
const OTHER = '192.168.50.121';

/** The article's three commands. Returns who got the IP. */
function startAutomatic(cluster: ArticleCluster): string {
  cluster.until(1);
  cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
  for (const worker of ['worker01', 'worker02']) {
    cluster.oc(`patch hostsubnet ${worker} --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`);
  }
  cluster.until(6);
  const [holder, ...others] = cluster.holders(IP);
  expect(others).toEqual([]);
  return holder ?? '';
}

function without(...quirks: readonly QuirkName[]) {
  return resolveProfile('v4.3', new Map(quirks.map((quirk) => [quirk, false])));
}

function withQuirk(quirk: QuirkName) {
  return resolveProfile('v4.3', new Map([[quirk, true]]));
}

describe('automatic egress IPs', () => {
  test('the claim follows the last command of a burst after one quiet second, and is announced twice', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    const { node } = cluster.site(holder);
    const at = node.arps[0]?.at ?? 0;
    // Three notifications: the first tick hears of two more and waits for another second.
    expect(formatSeconds(at)).toBe('3.003');
    expect(node.arps).toEqual([
      { at, ip: IP, form: 'reply', note: `announce 1/2 of ${IP} by ${holder}` },
      { at: at + seconds(2), ip: IP, form: 'request', note: `announce 2/2 of ${IP} by ${holder}` },
    ]);
    expect([...node.snat.values()]).toEqual([0x50_9592]);
  });

  test('a node that falls silent loses its IP after 15 s of dials, and another takes it one second later', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    const other = holder === 'worker01' ? 'worker02' : 'worker01';
    cluster.kill(holder);
    cluster.until(40);
    const story = cluster.story(
      'node-offline',
      'egress-ip-unassigned',
      'egress-ip-assigned',
      'egress-ip-claimed',
    );
    expect(story.slice(2).map((line) => line.replace(/ip=192.168.50.14\d/, 'ip=...'))).toEqual([
      `23.003 controller node-offline node=${holder} ip=...`,
      `24.004 controller egress-ip-unassigned ip=${IP} node=${holder}`,
      `25.006 controller egress-ip-assigned ip=${IP} node=${other}`,
      `25.007 ${other} egress-ip-claimed ip=${IP} vnid=5281170 interface=enp1s0`,
    ]);
    // The dead node undoes nothing: that asymmetry is the point of the lab.
    expect(cluster.holders(IP)).toEqual(['worker01', 'worker02']);
  });

  test('a single IP does not move back when its node recovers, and the node lets go of it', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    cluster.kill(holder);
    cluster.until(40);
    const { agent, connection } = cluster.site(holder);
    cluster.setAnswers(holder, true);
    connection.restore();
    agent.start();
    cluster.until(80);
    expect(cluster.holders(IP)).toHaveLength(1);
    expect(cluster.holders(IP)).not.toContain(holder);
    expect(cluster.log(agent.pod)).toContainEqual(
      expect.stringMatching(
        /^I0509 08:00:4\d\.\d{6} +\d+ egressip.go:78\] Cleaning up stale egress IP 192.168.50.120$/,
      ),
    );
  });

  test('addresses of an earlier life stay when that old defect is switched on', () => {
    const cluster = new ArticleCluster({ profile: withQuirk('stale-addresses-kept') });
    const holder = startAutomatic(cluster);
    cluster.kill(holder);
    cluster.until(40);
    cluster.setAnswers(holder, true);
    cluster.site(holder).connection.restore();
    cluster.site(holder).agent.start();
    cluster.until(80);
    expect(cluster.holders(IP)).toEqual(['worker01', 'worker02']);
  });

  test('a node whose API connection is cut keeps the IP, and lets go when it hears of the move', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    cluster.site(holder).connection.cut();
    cluster.setAnswers(holder, false);
    cluster.until(40);
    expect(cluster.holders(IP)).toEqual(['worker01', 'worker02']);
    cluster.site(holder).connection.restore();
    cluster.until(41.5);
    expect(cluster.holders(IP)).not.toContain(holder);
    expect(cluster.holders(IP)).toHaveLength(1);
  });

  test('an agent that is dead while its node answers changes nothing', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    cluster.site(holder).agent.stop();
    cluster.until(60);
    expect(cluster.holders(IP)).toEqual([holder]);
    expect(cluster.story('node-offline')).toEqual([]);
  });

  test('without a controller nothing moves; a new one starts over and finds the node dead', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    cluster.controller.stop();
    cluster.kill(holder);
    cluster.until(60);
    expect(cluster.story('node-offline')).toEqual([]);
    cluster.controller.start();
    cluster.until(90);
    expect(cluster.story('node-offline')).toHaveLength(1);
    expect(cluster.holders(IP)).toEqual(['worker01', 'worker02']);
  });

  test('the controller tries again when somebody else wrote the HostSubnet meanwhile', () => {
    const cluster = new ArticleCluster();
    cluster.until(1);
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`);
    // The allocation is computed at 3.002 and arrives at 3.003.
    cluster.until(3.0015);
    cluster.oc('annotate hostsubnet worker01 somebody=else');
    cluster.until(4);
    expect(cluster.holders(IP)).toEqual(['worker01']);
    expect(cluster.log(cluster.controller.pod)).toEqual([]);
  });

  test('a controller that cannot reach the API says so', () => {
    const cluster = new ArticleCluster();
    cluster.until(1);
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`);
    cluster.until(2);
    cluster.controllerConnection.cut();
    cluster.until(40);
    expect(cluster.log(cluster.controller.pod)).toContainEqual(
      expect.stringMatching(
        /^E0509 .* egressip.go:113\] Could not update HostSubnet EgressIPs: .*i\/o timeout$/,
      ),
    );
    expect(cluster.holders(IP)).toEqual([]);
  });
});

describe('static egress IPs', () => {
  test('a namespace with two IPs uses the first, and the second while the first node is offline', () => {
    const cluster = new ArticleCluster();
    cluster.oc(
      `patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}", "${OTHER}"]}'`,
    );
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker02 --type=merge -p '{"egressIPs": ["${OTHER}"]}'`);
    cluster.until(2);
    const { node } = cluster.site('master01');
    const [FIRST, SECOND] = ['192.168.50.144', '192.168.50.145'];
    const via = (): unknown => {
      const egress = node.namespaces.get(5_281_170);
      if (egress?.kind !== 'via') return egress?.kind;
      return egress.buckets.map((bucket) =>
        bucket.kind === 'remote' ? formatIpv4(bucket.hostIp) : 'here',
      );
    };
    expect(via()).toEqual([FIRST]);
    node.answer = () => 'timeout';
    const count = (ip: string, received: number, sent: number): void => {
      node.counters.set(ip, { received, sent });
    };
    cluster.until(6);
    count('192.168.50.144', 0, 3);
    cluster.until(20);
    expect(via()).toEqual([SECOND]);
    count('192.168.50.144', 1, 3);
    cluster.until(30);
    expect(via()).toEqual([FIRST]);
  });

  test('both nodes listing both IPs is logged by every pod and by the controller, in the words of 2020', () => {
    const cluster = new ArticleCluster();
    cluster.oc(
      `patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}", "${OTHER}"]}'`,
    );
    cluster.until(543.9556);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}", "${OTHER}"]}'`);
    cluster.until(544.7465);
    cluster.oc(`patch hostsubnet worker02 --type=merge -p '{"egressIPs": ["${IP}", "${OTHER}"]}'`);
    cluster.until(545);
    const pods = [...cluster.sites.values()].map(({ agent }) => agent.pod);
    for (const pod of [...pods, cluster.controller.pod]) {
      expect(cluster.log(pod).map((line) => line.replace(/ +\d+ egress/, ' PID egress'))).toEqual([
        `E0509 08:09:03.956600 PID egressip.go:370] Multiple EgressIPs (${IP}, ${OTHER}) for VNID 5281170 on node 192.168.50.144`,
        `E0509 08:09:03.956600 PID egressip.go:370] Multiple EgressIPs (${OTHER}, ${IP}) for VNID 5281170 on node 192.168.50.144`,
        `E0509 08:09:04.747500 PID egressip.go:370] Multiple nodes (192.168.50.144, 192.168.50.145) claiming EgressIP ${IP}`,
        `E0509 08:09:04.747500 PID egressip.go:370] Multiple nodes (192.168.50.144, 192.168.50.145) claiming EgressIP ${OTHER}`,
      ]);
    }
    expect(cluster.oc('get hostsubnets').split('\n').at(-2)).toBe(
      'worker02   worker02   192.168.50.145   10.8.2.0/23                   [192.168.50.120 192.168.50.121]',
    );
  });

  test('an IP outside the primary network cannot be assigned, and the namespace leaves marked but untranslated', () => {
    const cluster = new ArticleCluster();
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["10.10.10.81"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["10.10.10.81"]}'`);
    cluster.until(1);
    const { agent, node } = cluster.site('worker01');
    expect(cluster.log(agent.pod)).toEqual([
      expect.stringMatching(
        /egressip.go:121\] Error assigning Egress IP "10.10.10.81": egress IP "10.10.10.81" is not in local network 192.168.50.0\/24 of interface enp1s0$/,
      ),
    ]);
    expect(cluster.log(cluster.site('worker02').agent.pod)).toEqual([]);
    expect(node.holds).toEqual([]);
    expect(node.snat.size).toBe(0);
    expect(node.namespaces.get(5_281_170)).toMatchObject({
      kind: 'via',
      buckets: [{ kind: 'local' }],
    });
  });

  test('it is dropped instead when that quirk is off', () => {
    const cluster = new ArticleCluster({ profile: without('failed-assignment-leaks') });
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["10.10.10.81"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["10.10.10.81"]}'`);
    cluster.until(1);
    expect(cluster.site('worker01').node.namespaces.get(5_281_170)).toEqual({ kind: 'dropped' });
  });

  test('a kernel that refuses the address is quoted', () => {
    const cluster = new ArticleCluster();
    const { agent, node } = cluster.site('worker01');
    node.refuseAddresses = 'operation not permitted';
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.until(1);
    expect(cluster.log(agent.pod)[0]).toMatch(
      /Error assigning Egress IP "192.168.50.120": could not add egress IP "192.168.50.120" to enp1s0: operation not permitted$/,
    );
  });

  test('nothing is announced when the IP is taken away within the two seconds, nor on release', () => {
    const cluster = new ArticleCluster();
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.until(1);
    cluster.oc(
      `patch hostsubnet worker01 --type=json -p '[{"op": "remove", "path": "/egressIPs"}]'`,
    );
    cluster.until(10);
    const { node } = cluster.site('worker01');
    expect(node.holds).toEqual([]);
    expect(node.snat.size).toBe(0);
    expect(node.arps.map(({ form }) => form)).toEqual(['reply']);
  });

  test('with the defect of 2018 nothing is announced at all', () => {
    const cluster = new ArticleCluster({ profile: withQuirk('no-announcement') });
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.until(5);
    expect(cluster.site('worker01').node.arps).toEqual([]);
    expect(cluster.holders(IP)).toEqual(['worker01']);
  });

  test('HEAD puts a claimed address back that somebody took off; 4.3 does not', () => {
    for (const [profile, stays] of [
      [profiles.head, true],
      [profiles['v4.3'], false],
    ] as const) {
      const cluster = new ArticleCluster({ profile });
      cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
      cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"]}'`);
      cluster.until(5);
      const address = parseIpv4(IP);
      if (address !== null) cluster.site('worker01').node.lose(address);
      cluster.until(6);
      expect(cluster.holders(IP)).toEqual(stays ? ['worker01'] : []);
    }
  });

  test('a HostSubnet that HEAD finds invalid is ignored as a whole and complained about', () => {
    const cluster = new ArticleCluster({ profile: profiles.head });
    cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(
      `patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"], "egressCIDRs": ["192.168.50.120/24"]}'`,
    );
    cluster.until(1);
    expect(cluster.holders(IP)).toEqual([]);
    expect(cluster.log(cluster.site('master02').agent.pod)[0]).toMatch(
      /egressip.go:247\] Ignoring invalid HostSubnet worker01 \(host: "worker01", ip: "192.168.50.144", subnet: "10.11.0.0\/23"\): egressCIDRs\[0\]: Invalid value: "192.168.50.120\/24": CIDR network specification "192.168.50.120\/24" is not in canonical form \(should be 192.168.50.0\/24 or 192.168.50.120\/32\?\)$/,
    );
  });

  test('HEAD sends a namespace with two IPs to both nodes, and drops it where none is left', () => {
    const cluster = new ArticleCluster({ profile: profiles.head });
    cluster.oc(
      `patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}", "${OTHER}"]}'`,
    );
    cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["${IP}"]}'`);
    cluster.oc(`patch hostsubnet worker02 --type=merge -p '{"egressIPs": ["${OTHER}"]}'`);
    cluster.until(2);
    const { node } = cluster.site('master01');
    expect(node.namespaces.get(5_281_170)).toMatchObject({
      buckets: [{ kind: 'remote' }, { kind: 'remote' }],
      commit: true,
    });
    cluster.setAnswers('worker01', false);
    cluster.setAnswers('worker02', false);
    cluster.until(60);
    expect(node.namespaces.get(5_281_170)).toEqual({ kind: 'dropped' });
    // Verdicts of nodes do not take addresses off.
    expect(cluster.holders(IP)).toEqual(['worker01']);
  });
});

describe('a pod with nothing to complain about', () => {
  const said = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replace(/^(I)\d{4} [\d:.]+ +\d+ /, '$1 '));

  test.each([
    [
      'v4.3',
      'I node.go:148] Initializing SDN node of type "redhat/openshift-ovs-networkpolicy" with configured hostname "worker01" (IP "")',
      'I networkpolicy.go:332] SyncVNIDRules: 0 unused VNIDs',
    ],
    [
      'head',
      'I node.go:137] Initializing SDN node "worker01" (192.168.50.144) of type "redhat/openshift-ovs-networkpolicy"',
      'I networkpolicy.go:572] SyncVNIDRules: 0 unused VNIDs',
    ],
  ] as const)(
    'logs how it starts, and the VNIDs it looks through each hour: %s',
    (name, first, sync) => {
      const cluster = new ArticleCluster({ profile: profiles[name] });
      const { agent, node } = cluster.site('worker01');
      const { pod } = agent;
      expect(cluster.wholeLog(pod), 'a day old').toEqual([]);
      node.isSetUp = false;
      for (const process of [agent, cluster.controller]) {
        process.stop();
        process.start();
      }
      const started = said(cluster.wholeLog(pod));
      expect(started[0]).toBe(first);
      expect(started.at(-1)).toMatch(/cmd.go:\d+\] openshift-sdn network plugin ready$/);
      expect(started).toContain(sync);
      expect(started.join()).toContain('full SDN setup required (Link not found)');
      cluster.until(2 * 3600 + 1);
      expect(said(cluster.wholeLog(pod)).slice(started.length)).toEqual([sync, sync]);
      const old = cluster.site('worker02').agent.pod;
      expect(said(cluster.wholeLog(old))).toEqual([sync, sync]);
      expect(said(cluster.wholeLog(cluster.controller.pod))[0]).toContain('Started OpenShift');
    },
  );

  test('that is started again finds the pod switch standing', () => {
    const cluster = new ArticleCluster();
    const { agent } = cluster.site('worker01');
    const found = (): string[] =>
      cluster.wholeLog(agent.pod).filter((line) => line.includes('[SDN'));
    agent.stop();
    agent.start();
    cluster.until(2);
    expect(found()).toEqual([expect.stringMatching(/SDN is already set up$/)]);
  });
});

describe('objects that depend on others', () => {
  test('a deleted Node takes its HostSubnet with it, and its egress IP goes elsewhere', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    cluster.oc(`delete node ${holder}`);
    cluster.until(15);
    expect(cluster.oc(`get hostsubnet ${holder}`)).toContain('not found');
    expect(cluster.holders(IP)).toHaveLength(1);
    expect(cluster.holders(IP)).not.toContain(holder);
    expect(cluster.log(cluster.controller.pod)[0]).toMatch(
      new RegExp(
        `subnets.go:165\\] Deleted HostSubnet ${holder} \\(host: "${holder}", ip: "192.168.50.14`,
      ),
    );
  });

  test('a Node that registers again gets a HostSubnet with the subnet it had, and no egress fields', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    const { store } = cluster.bench;
    const node = store.get(Nodes, holder);
    const before = store.get(HostSubnets, holder);
    if (node === null || before === null) throw new Error('there is none');
    cluster.oc(`delete node ${holder}`);
    cluster.until(15);
    const { metadata, ...rest } = node;
    store.create(Nodes, { ...rest, metadata: { name: metadata.name } });
    cluster.until(20);
    const { host, hostIP, subnet } = before;
    expect(store.get(HostSubnets, holder)).toMatchObject({ host, hostIP, subnet });
    expect(store.get(HostSubnets, holder)).not.toHaveProperty('egressCIDRs');
    expect(cluster.log(cluster.controller.pod).at(-1)).toMatch(
      new RegExp(`subnets.go:149\\] Created HostSubnet ${holder} \\(host: "${holder}", ip: `),
    );
  });

  test('a node that was renumbered keeps its egress fields', () => {
    const cluster = new ArticleCluster();
    const holder = startAutomatic(cluster);
    const addresses = [{ type: 'InternalIP', address: '192.168.50.199' }];
    cluster.oc(
      `patch node ${holder} --subresource=status -p '${JSON.stringify({ status: { addresses } })}'`,
    );
    cluster.until(10);
    expect(cluster.oc(`get hostsubnet ${holder} --no-headers`)).toMatch(
      /192.168.50.199 .* \[192.168.50.120\]/,
    );
    // The node itself still has its old address: its pod lets go of what now belongs to another.
    expect(cluster.holders(IP)).toEqual([]);
  });

  test('a deleted Namespace takes its NetNamespace with it', () => {
    const cluster = new ArticleCluster();
    cluster.bench.store.create(Namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'mywebserver' },
    });
    startAutomatic(cluster);
    cluster.oc('delete namespace mywebserver');
    cluster.until(10);
    expect(cluster.oc('get netnamespaces')).toBe('No resources found\n');
    expect(cluster.holders(IP)).toEqual([]);
  });
});

describe('one seed, one history', () => {
  test('two runs tell the same story, another seed gives the IP to the other node', () => {
    const run = (seed: number): string => {
      const cluster = new ArticleCluster({ seed });
      startAutomatic(cluster);
      return cluster.story().join('\n') + cluster.log(cluster.controller.pod).join('\n');
    };
    expect(run(7)).toBe(run(7));
    const holders = new Set(
      Array.from({ length: 12 }, (_, seed) => startAutomatic(new ArticleCluster({ seed }))),
    );
    expect([...holders].sort()).toEqual(['worker01', 'worker02']);
  });
});
