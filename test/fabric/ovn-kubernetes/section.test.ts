// What a topology may say of OVN-Kubernetes: what is refused, and what is only odd.

import { describe, expect, test } from 'vitest';
import { ovnSettings } from '../../../src/fabric/ovn-kubernetes/settings.ts';
import { parseTopology } from '../../../src/topology/parse.ts';

interface Parts {
  readonly fabric?: string;
  readonly mode?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly labels?: string;
  readonly eip?: string;
}

function cluster({ eip, fabric, labels, mode, namespace, pod }: Parts): string {
  return `name: lab
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  fabric: ${fabric ?? '{ kind: ovn-kubernetes, profile: "4.14" }'}
  gatewayMode: ${mode ?? 'shared'}
  segment: lan
  nodes:
    worker01: { address: 192.168.50.144/24, subnet: 10.128.2.0/23, labels: { ${labels ?? 'k8s.ovn.org/egress-assignable: ""'} } }
  namespaces: { shop: { ${namespace ?? 'labels: { env: prod }'} }, empty: {} }
  pods: { web: { ${pod ?? 'namespace: shop, node: worker01, labels: { app: web }'} } }
  egressIPs:
    prod: { ${eip ?? 'egressIPs: [192.168.50.120], namespaceSelector: { matchLabels: { env: prod } }'} }
`;
}

function said(parts: Parts): { readonly runs: boolean; readonly lines: readonly string[] } {
  const { diagnostics, topology } = parseTopology(cluster(parts), { file: 'lab.yaml' });
  const lines = diagnostics.map(
    ({ message, position, severity }) => `${severity} ${position.line} ${message}`,
  );
  return { runs: topology !== null, lines };
}

describe('what a topology says of OVN-Kubernetes', () => {
  test.each(['4.10', '4.14', '4.18', 'head'])('profile %s runs', (profile) => {
    const fabric = `{ kind: ovn-kubernetes, profile: "${profile}" }`;
    expect(said({ fabric })).toEqual({ runs: true, lines: [] });
  });

  test('the default profile is 4.18, the default mode shared', () => {
    const text = cluster({ fabric: 'ovn-kubernetes' }).replace('  gatewayMode: shared\n', '');
    const { topology } = parseTopology(text, { file: 'lab.yaml' });
    const settings = topology?.cluster?.fabric.settings ?? {};
    expect(ovnSettings(settings)).toMatchObject({ profile: '4.18', gatewayMode: 'shared' });
  });

  const refused: readonly (readonly [string, Parts, string])[] = [
    [
      'an unknown profile',
      { fabric: '{ kind: ovn-kubernetes, profile: "4.15" }' },
      'error 4 expected one of 4.10, 4.14, 4.18, head, found "4.15"',
    ],
    [
      'an unknown quirk',
      { fabric: '{ kind: ovn-kubernetes, quirks: { ovnk-no-grap: true } }' },
      'error 4 unknown key "ovnk-no-grap"',
    ],
    ['an unknown mode', { mode: 'shred' }, 'error 5 expected one of shared, local, found "shred"'],
    ['a pod without a namespace', { pod: 'node: worker01' }, 'error 10 "namespace" is missing'],
    [
      'a bad address',
      { eip: 'egressIPs: [192.168.50.999], namespaceSelector: {}' },
      'error 12 "192.168.50.999" is not an IP address',
    ],
    [
      'a network',
      { eip: 'egressIPs: [192.168.50.0/24], namespaceSelector: {}' },
      'error 12 "192.168.50.0/24" is not an IP address',
    ],
    [
      'the address of a node',
      { eip: 'egressIPs: [192.168.50.144], namespaceSelector: {}' },
      'error 12 192.168.50.144 is the address of node "worker01", which no EgressIP can have',
    ],
    [
      'no address',
      { eip: 'egressIPs: [], namespaceSelector: {}' },
      'error 12 expected at least one address, found []',
    ],
    [
      'no selector',
      { eip: 'egressIPs: [192.168.50.120]' },
      'error 12 "namespaceSelector" is missing',
    ],
  ];
  test.each(refused)('%s is refused, with its place', (_what, parts, line) => {
    expect(said(parts)).toEqual({ runs: false, lines: [line] });
  });

  test.each([
    { labels: '"k8s.ovn.org/egress assignable": ""' },
    { namespace: 'labels: { env: "pr od" }' },
    { eip: 'egressIPs: [192.168.50.120], namespaceSelector: { matchLabels: { "env!": prod } }' },
  ])('labels that are no labels are refused: %j', (parts) => {
    const { lines, runs } = said(parts);
    expect(runs).toBe(false);
    expect(lines[0]).toMatch(/^error (8|9|12) /);
  });

  const odd: readonly (readonly [string, string, string])[] = [
    [
      'a selector that matches no namespace',
      'egressIPs: [192.168.50.120], namespaceSelector: { matchLabels: { env: prd } }',
      '"namespaceSelector" matches no namespace of this topology',
    ],
    [
      'a selector that matches no pod',
      'egressIPs: [192.168.50.120], namespaceSelector: {}, podSelector: { matchLabels: { app: wbe } }',
      '"podSelector" matches no pod of the selected namespaces',
    ],
    [
      'a namespace without pods',
      'egressIPs: [192.168.50.120], namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: empty } }',
      'the namespaces that "namespaceSelector" matches have no pods: empty',
    ],
    [
      'an address of IPv6',
      'egressIPs: ["fd00::120"], namespaceSelector: {}',
      'fd00::120 is assigned as any other, but the lab carries no IPv6 packets yet',
    ],
    [
      'an address given twice',
      'egressIPs: [192.168.50.120, 192.168.50.120], namespaceSelector: {}',
      '192.168.50.120 is given twice',
    ],
  ];
  test.each(odd)('%s is a warning: the topology runs', (_what, eip, message) => {
    expect(said({ eip })).toEqual({ runs: true, lines: [`warning 12 ${message}`] });
  });

  test('one address in two objects is legal', () => {
    const two = cluster({}).concat(
      '    other: { egressIPs: [192.168.50.120], namespaceSelector: {} }\n',
    );
    expect(parseTopology(two, { file: 'lab.yaml' }).diagnostics).toEqual([]);
  });
});
