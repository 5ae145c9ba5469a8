// The twin of the article's session on OVN-Kubernetes: the same five nodes, one EgressIP, typed at a running
// lab by an unmodified kubectl; then `egresslab why`, `ovn`, `arp` and `conntrack`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Ended, type LiveLab, startLiveLab } from '../support/live-lab.ts';
import { topologyOf } from '../support/scenarios.ts';
import { requireTools } from '../support/tools.ts';

const SPEED = 10;
const PATIENCE_MILLISECONDS = 60_000;

const TWIN = `name: twin
epoch: 2026-08-21T08:00:00Z
segments:
  lan: { subnet: 192.168.50.0/24, latency: 50us }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    services: [{ tcp: 5432, app: whoami }]
cluster:
  fabric: ovn-kubernetes
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141/24, subnet: 10.128.0.0/23 }
    master02: { role: master, address: 192.168.50.142/24, subnet: 10.129.0.0/23 }
    master03: { role: master, address: 192.168.50.143/24, subnet: 10.130.0.0/23 }
    worker01: { address: 192.168.50.144/24, subnet: 10.131.0.0/23 }
    worker02: { address: 192.168.50.145/24, subnet: 10.128.2.0/23 }
  namespaces: { mywebserver: { labels: { env: prod } } }
  pods: { web: { namespace: mywebserver, node: worker01, labels: { app: web } } }
`;

const EGRESS_IP = `apiVersion: k8s.ovn.org/v1
kind: EgressIP
metadata:
  name: prod
spec:
  egressIPs: [192.168.50.120]
  namespaceSelector: { matchLabels: { env: prod } }
`;

const LABEL = 'k8s.ovn.org/egress-assignable=';

let live: LiveLab | null = null;
afterEach(async () => {
  await live?.stop();
  live = null;
});

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}

// .ci/run says so on a system that offers no kubectl.
const tools =
  process.env.EGRESSLAB_NO_KUBECTL === '1'
    ? { skip: true, remark: ' (skipped: no kubectl for this system)' }
    : requireTools('kubectl');

describe.skipIf(tools.skip)(`an unmodified kubectl${tools.remark}`, () => {
  test(
    'applies an EgressIP, labels nodes, and sees it move when its node dies',
    async () => {
      const lab = await startLiveLab(topologyOf(TWIN, 'twin.yaml'), { speed: SPEED });
      live = lab;
      const type = (...words: readonly string[]): Promise<Ended> => lab.kubectl(...words);
      const text = async (...words: readonly string[]): Promise<string> => {
        const { code, stderr, stdout } = await type(...words);
        expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' });
        return stdout;
      };
      const file = join(lab.home, 'prod.yaml');
      writeFileSync(file, EGRESS_IP);
      expect(await text('apply', '-f', file)).toBe('egressip.k8s.ovn.org/prod created\n');
      // No node may have it yet: no status, and an event that says why.
      expect(await text('get', 'eip')).toBe(
        'NAME   EGRESSIPS        ASSIGNED NODE   ASSIGNED EGRESSIPS\nprod   192.168.50.120                   \n',
      );
      let events = '';
      while (!events.includes('NoMatchingNodeFound')) {
        events = await text('get', 'events', '-o', 'wide');
      }
      expect(events).toContain(
        'no assignable nodes for EgressIP: prod, please tag at least one node with label: k8s.ovn.org/egress-assignable',
      );
      expect(events).toContain('ovnk-controlplane');
      expect(await text('label', 'node', 'worker01', LABEL)).toBe('node/worker01 labeled\n');
      const item = 'jsonpath={.status.items[0].node}';
      const held = (): Promise<string> => text('get', 'eip', 'prod', '-o', item);
      while ((await held()) !== 'worker01') await pause();
      await text('label', 'node', 'worker02', LABEL);
      const row = (node: string): string =>
        `NAME   EGRESSIPS        ASSIGNED NODE   ASSIGNED EGRESSIPS\nprod   192.168.50.120   ${node}        192.168.50.120\n`;
      expect(await text('get', 'egressips')).toBe(row('worker01'));
      expect(await text('get', 'eip', '-o', 'wide')).toBe(row('worker01'));
      const described = await text('describe', 'eip', 'prod');
      expect(described).toMatch(/Egress IP: +192\.168\.50\.120\n +Node: +worker01/);
      expect(described).toContain('NoMatchingNodeFound');

      // The lab's own words.
      const why = (await lab.cli('why', 'web')).stdout;
      expect(why).toContain('leaves as 192.168.50.120 by worker01');
      const policies = (
        await lab.cli('ovn', 'lr-policy-list', 'ovn_cluster_router', '--node', 'worker01')
      ).stdout;
      expect(policies).toMatch(/ 100 +ip4\.src == 10\.131\.0\.3 +reroute +100\.64\.0\.5\n$/);
      expect((await lab.cli('ovn', 'lr-nat-list', 'GR_worker01')).stdout).toMatch(
        /snat +192\.168\.50\.120 +10\.131\.0\.3\n$/,
      );
      expect((await lab.cli('ping', 'web', 'db')).code).toBe(0);
      expect((await lab.cli('conntrack', 'worker01')).stdout).toContain('dst=192.168.50.120');
      expect((await lab.cli('arp', 'db')).stdout).toContain('192.168.50.120 dev eth0 lladdr');
      expect((await lab.cli('why', 'wep')).stderr).toContain('Did you mean "web"?');

      // The logs of its pods.
      const namespace = ['-n', 'openshift-ovn-kubernetes'];
      const pods = await text('get', 'pods', ...namespace, '-o', 'name');
      const managers = pods.match(/pod\/ovnkube-control-plane-\S+/g) ?? [];
      expect(managers).toHaveLength(3);
      expect(pods.match(/pod\/ovnkube-node-\S+/g)).toHaveLength(5);
      const logs = await Promise.all(managers.map((pod) => text('logs', pod, ...namespace)));
      expect(logs.join('')).toMatch(
        /I0821 .*Successful assignment of egress IP: 192\.168\.50\.120 to network 192\.168\.50\.0\/24 on node: /,
      );

      // The node dies, and the IP moves at the second missed check.
      expect((await lab.cli('fail', 'worker01')).code).toBe(0);
      while ((await held()) !== 'worker02') await pause();
      expect(await text('get', 'eip')).toBe(row('worker02'));
      expect((await lab.cli('why', 'web')).stdout).toContain('192.168.50.120 on worker02');
      // Nothing moves back.
      expect((await lab.cli('restore', 'worker01')).code).toBe(0);
      await text('wait', '--for=condition=Ready', 'node/worker01', '--timeout=600s');
      expect(await held()).toBe('worker02');
      const patch = '{"spec": {"egressIPs": ["192.168.50.121"]}}';
      expect(await text('patch', 'eip', 'prod', '--type=merge', '-p', patch)).toBe(
        'egressip.k8s.ovn.org/prod patched\n',
      );
      const ip = 'jsonpath={.status.items[*].egressIP}';
      while ((await text('get', 'eip', 'prod', '-o', ip)) !== '192.168.50.121') await pause();
      const refused = await type(
        'patch',
        'eip',
        'prod',
        '--type=merge',
        '-p',
        '{"spec": {"egressIPs": 7}}',
      );
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('spec.egressIPs');
      expect(await text('delete', 'eip', 'prod')).toMatch(/"prod" deleted/);
      expect((await lab.cli('ovn', 'lr-nat-list', 'GR_worker02')).stdout).not.toContain(
        '192.168.50.12',
      );
    },
    PATIENCE_MILLISECONDS,
  );
});
