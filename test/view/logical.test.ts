// What is seen of logical routers: tables as ovn-nbctl prints them, zones of connection tracking, and the
// chain of reasons of a pod, for both cluster networks.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { runTool } from '../../src/view/linux-tools.ts';
import { nbctl } from '../../src/view/nbctl.ts';
import { viewTable } from '../../src/view/tables.ts';
import { whyLines, whyPod } from '../../src/view/why.ts';
import { ovnLab } from '../support/ovn-cluster.ts';
import { topologyOf } from '../support/scenarios.ts';

const SDN = `name: sdn
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23, egressIPs: [192.168.50.120] }
    worker02: { address: 192.168.50.145, subnet: 10.8.2.0/23 }
  namespaces: { shop: { egressIPs: [192.168.50.120] } }
  pods: { web: { namespace: shop, node: worker02 } }
`;

function settled(lab: Lab, duration: number): Lab {
  lab.advance(`${duration}s`);
  return lab;
}

describe('ovn-nbctl', () => {
  test('lists policies by priority, in the columns of the original', () => {
    const lab = settled(ovnLab({ labeled: ['w1'] }), 2);
    const [list, ...others] = nbctl(lab, 'w3', ['lr-policy-list', 'ovn_cluster_router']);
    expect(others).toEqual([]);
    expect(list?.lines[0]).toBe('Routing Policies');
    expect(list?.lines.at(-1)).toBe(
      '       100                             ip4.src == 10.128.46.3         reroute                100.88.0.3',
    );
    expect(list?.lines[1]).toMatch(/^ {7}102 \(ip4\.src == .* {11}allow {15}pkt_mark=1008$/);
  });

  test.each([
    [
      '4.10',
      'TYPE             EXTERNAL_IP        EXTERNAL_PORT    LOGICAL_IP          EXTERNAL_MAC         LOGICAL_PORT',
      17,
    ],
    [
      '4.14',
      'TYPE             GATEWAY_PORT          EXTERNAL_IP        EXTERNAL_PORT    LOGICAL_IP          EXTERNAL_MAC         LOGICAL_PORT',
      39,
    ],
    [
      '4.18',
      'TYPE             GATEWAY_PORT          MATCH                 EXTERNAL_IP        EXTERNAL_PORT    LOGICAL_IP          EXTERNAL_MAC         LOGICAL_PORT',
      61,
    ],
  ])('lists the NAT rows of a router as release %s does', (profile, header, column) => {
    const lab = settled(ovnLab({ profile, labeled: ['w1'] }), 2);
    const lists = nbctl(lab, null, ['lr-nat-list', 'GR_w1']);
    expect(lists).toHaveLength(1);
    const lines = lists[0]?.lines ?? [];
    expect(lines[0]).toBe(header);
    expect(lines[1]?.slice(column)).toBe('192.168.50.120                      10.128.46.3');
    expect(runTool(lab, 'w1', ['ovn-nbctl', 'lr-nat-list', 'GR_w1'])).toContain('192.168.50.120');
  });

  test('the cluster router is in the database of every zone, or in the one of all', () => {
    const list = ['lr-policy-list', 'ovn_cluster_router'];
    expect(nbctl(ovnLab(), null, list).map(({ database }) => database)).toEqual([
      'm1',
      'w1',
      'w2',
      'w3',
    ]);
    expect(nbctl(ovnLab({ profile: '4.10' }), null, list)).toHaveLength(1);
  });

  test('what it does not know is refused with what it does', () => {
    const lab = ovnLab();
    expect(() => nbctl(lab, null, ['lr-nat-list', 'GR_w9'])).toThrow(
      /GR_w9: no such logical router/,
    );
    expect(() => nbctl(lab, null, ['lr-nat-lst', 'GR_w1'])).toThrow(/no command "lr-nat-lst"/);
    expect(() => nbctl(lab, null, ['lr-nat-list'])).toThrow(/needs the name of one router/);
    const sdn = createLab(topologyOf(SDN, 'sdn.yaml'));
    expect(() => nbctl(sdn, null, ['lr-nat-list', 'GR_w1'])).toThrow(/no logical routers/);
  });
});

describe('conntrack of a node', () => {
  test('shows the zone of the gateway router and that of br-ex', () => {
    const lab = settled(ovnLab({ labeled: ['w1'] }), 2);
    const { rows } = viewTable(lab, 'conntrack', 'w1');
    expect(rows.every(({ zone }) => zone === undefined || zone === 0 || zone === 64_000)).toBe(
      true,
    );
  });
});

describe('why a pod leaves as it does', () => {
  test('with OVN-Kubernetes: selector, object, status, policy, next hop, SNAT row', () => {
    const lab = settled(ovnLab({ labeled: ['w1'] }), 2);
    expect(whyLines(whyPod(lab, 'web'))).toEqual([
      'shop/web on w3 leaves as 192.168.50.120 by w1',
      '  selector  EgressIP prod: namespaceSelector env=prod matches shop, podSelector of everything matches web',
      '  object    EgressIP prod asks for 192.168.50.120',
      '  status    192.168.50.120 on w1',
      '  policy    100 ip4.src == 10.128.46.3 reroute 100.88.0.3 (prod_shop/web)',
      '  next hop  100.88.0.3 is the cluster router of w1, over the transit switch',
      '  SNAT row  GR_w1: snat 192.168.50.120 10.128.46.3 (prod_shop/web)',
    ]);
  });

  test('without a labeled node the link that breaks is the status', () => {
    const lab = settled(ovnLab({ labeled: [] }), 2);
    const { reasons, verdict } = whyPod(lab, 'web');
    expect(verdict).toBe('leaves as 192.168.50.46 by w3');
    expect(reasons.filter(({ holds }) => !holds).map(({ what }) => what)).toEqual(['status']);
  });

  test('with OpenShift SDN: object, status, flow, SNAT rule', () => {
    const lab = settled(createLab(topologyOf(SDN, 'sdn.yaml')), 2);
    const { reasons, verdict } = whyPod(lab, 'web');
    expect(verdict).toBe('leaves as 192.168.50.120 by worker01');
    expect([...new Set(reasons.map(({ what }) => what))].slice(0, 3)).toEqual([
      'object',
      'status',
      'flow',
    ]);
    expect(reasons.every(({ holds }) => holds)).toBe(true);
  });

  test('a name that is no pod is refused with those that are', () => {
    expect(() => whyPod(ovnLab(), 'wep')).toThrow(/there is no machine "wep"/);
  });
});
