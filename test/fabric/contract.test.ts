// The contract of cluster networks, held by OpenShift SDN, by OVN-Kubernetes, and by one that is nowhere in src.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openshiftSdn } from '../../src/fabric/openshift-sdn/index.ts';
import { ovnKubernetes } from '../../src/fabric/ovn-kubernetes/index.ts';
import { topologyJsonSchema } from '../../src/topology/json-schema.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { fabricContract } from '../contract/fabric.ts';
import { staticFabric } from '../support/static-fabric/index.ts';

fabricContract('OpenShift SDN', {
  fabric: openshiftSdn,
  node: ', egressIPs: [192.168.50.120]',
  namespace: 'egressIPs: [192.168.50.120]',
  egress: '192.168.50.120',
  holds: '{ hostsubnet: worker02, egressIPs: [192.168.50.120] }',
  fails: '{ netnamespace: shop, egressIPs: [] }',
});

fabricContract('OVN-Kubernetes', {
  fabric: ovnKubernetes,
  node: ', labels: { k8s.ovn.org/egress-assignable: "" }',
  namespace: 'annotations: {}',
  cluster:
    '  egressIPs: { prod: { egressIPs: [192.168.50.120], namespaceSelector: { matchLabels: { env: prod } } } }\n',
  egress: '192.168.50.120',
  holds: '{ egressip: prod, assigned: { 192.168.50.120: worker02 } }',
  fails: '{ egressip: prod, nodes: [worker01] }',
});

fabricContract('the static fabric', {
  fabric: staticFabric,
  node: '',
  namespace: 'gateway: worker02',
  egress: '192.168.50.3',
  holds: '{ gateway: shop, node: worker02 }',
  fails: '{ gateway: shop, node: worker01 }',
});

test('two networks stand side by side: each file is read in the words of the one that it names', () => {
  const fabrics = [openshiftSdn, staticFabric];
  const read = (kind: string, namespace: string): string[] => {
    const text = `name: two
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  fabric: ${kind}
  segment: lan
  nodes: { n1: { address: 192.168.50.1 } }
  namespaces: { shop: { ${namespace} } }
`;
    return parseTopology(text, { file: 'two.yaml', fabrics }).diagnostics.map(
      ({ message }) => message,
    );
  };
  expect(read('openshift-sdn', 'netid: 7')).toEqual([]);
  expect(read('static', 'gateway: n1')).toEqual([]);
  expect(read('static', 'netid: 7')).toEqual(['unknown key "netid"']);
  expect(read('openshift-sdn', 'gateway: n1')).toEqual(['unknown key "gateway"']);
  expect(read('statik', 'netid: 7')).toEqual([
    'expected one of openshift-sdn, static, found "statik"',
  ]);
  const schema = JSON.stringify(topologyJsonSchema(fabrics));
  expect(['"netid"', '"gateway"', '"static"'].filter((word) => !schema.includes(word))).toEqual([]);
});

const SOURCE = resolve(import.meta.dirname, '../../src');

/** Where commands and their help stand: `oc get hostsubnets` is what people type. */
const COMMANDS = /^(cli\/commands\/live\/oc|kube\/oc\/\w+|public\/cluster)\.ts$/;

test('nothing outside its folder knows the objects and numbers of OpenShift SDN', () => {
  const knowing = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .filter((path) => !path.startsWith('fabric/openshift-sdn/') && !COMMANDS.test(path))
    .filter((path) =>
      /host-?subnet|net-?namespace|vnid|netid/i.test(readFileSync(join(SOURCE, path), 'utf8')),
    );
  expect(knowing).toEqual([]);
});
