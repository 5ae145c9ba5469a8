// Case 15 by itself: the whole control plane of a large OVN-Kubernetes cluster, an agent on each node, nothing on
// the wire. A process that has done nothing else tells its own peak memory.

import { EgressIps } from '../../src/fabric/ovn-kubernetes/kinds/egress-ip.ts';
import { Namespaces } from '../../src/kube/kinds/namespace.ts';
import { Nodes } from '../../src/kube/kinds/node.ts';
import { Pods } from '../../src/kube/kinds/pod.ts';
import type { ObjectStore } from '../../src/kube/server/store.ts';
import { nodePlan, OvnCluster } from '../fabric/ovn-kubernetes/control/cluster.ts';
import { time } from './measure.ts';

const NODES = 500;
const OBJECTS = 5_000;
const PODS = 20_000;

const workers = Array.from({ length: NODES }, (_, i) => `worker${String(i).padStart(3, '0')}`);

/** Each object selects a namespace, each namespace has four pods on four nodes. */
function createPods(store: ObjectStore): void {
  for (let i = 0; i < OBJECTS; i++) {
    const metadata = { name: `ns${i}`, labels: { team: `team${i}` } };
    store.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }
  for (let i = 0; i < PODS; i++) {
    const node = i % NODES;
    store.create(Pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod${i}`, namespace: `ns${i >> 2}`, labels: { app: 'web' } },
      spec: { nodeName: workers[node] ?? '', containers: [{ name: 'web' }] },
      status: {
        phase: 'Running',
        podIP: `10.${128 + (node >> 8)}.${node & 255}.${5 + Math.floor(i / NODES)}`,
      },
    });
  }
}

function createObjects(store: ObjectStore): void {
  for (let i = 0; i < OBJECTS; i++) {
    store.create(EgressIps, {
      apiVersion: 'k8s.ovn.org/v1',
      kind: 'EgressIP',
      metadata: { name: `eip${i}` },
      spec: {
        egressIPs: [`10.100.${100 + Math.floor(i / 250)}.${1 + (i % 250)}`],
        namespaceSelector: { matchLabels: { team: `team${i}` } },
      },
    });
  }
}

/** Rows of egress IPs in the databases of all nodes. */
function rows(cluster: OvnCluster): { readonly policies: number; readonly nats: number } {
  let policies = 0;
  let nats = 0;
  for (const node of workers) {
    const database = cluster.database(node);
    policies += database.policies.filter(({ action }) => action === 'reroute').length;
    nats += database.nats.filter(({ logicalPort }) => logicalPort !== null).length;
  }
  return { policies, nats };
}

function expectRows(cluster: OvnCluster, when: string): void {
  const { nats, policies } = rows(cluster);
  if (nats === PODS && policies === PODS) return;
  throw new Error(`${when}: ${policies} policies and ${nats} SNAT rows`);
}

const cluster = new OvnCluster({
  nodes: [
    nodePlan('master00', '10.100.0.1/16', '10.130.0.0/24'),
    ...workers.map((name, i) =>
      nodePlan(
        name,
        `10.100.${1 + Math.floor(i / 250)}.${1 + (i % 250)}/16`,
        `10.${128 + (i >> 8)}.${i & 255}.0/24`,
      ),
    ),
  ],
  egressNodes: workers,
  create: createPods,
});
cluster.until(10);
const allocation = time(() => {
  createObjects(cluster.store);
  cluster.until(60);
});
expectRows(cluster, 'allocated');

const [victim = ''] = workers;
const moving = cluster.store
  .list(EgressIps)
  .items.filter(({ status }) => status?.items.some(({ node }) => node === victim));
if (moving.length === 0) throw new Error(`${victim} has no IP`);
const failure = time(() => {
  const node = cluster.store.get(Nodes, victim);
  if (node === null) throw new Error(victim);
  cluster.store.patch(Nodes, victim, undefined, 'merge', {
    status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] },
  });
  cluster.until(64);
});
const left = cluster.store
  .list(EgressIps)
  .items.filter(({ status }) => status?.items.some(({ node }) => node === victim));
if (left.length > 0) throw new Error(`${left.length} objects are still on ${victim}`);
expectRows(cluster, 'moved');

const megabytes = process.resourceUsage().maxRSS / 1024;
const line = (name: string, value: string, aim: string): void => {
  process.stdout.write(`${name.padEnd(62)} ${value.padStart(10)}   aim ${aim}\n`);
};
line(
  '15 OVN-Kubernetes, 500 zones, 20,000 pods: 5,000 EgressIPs',
  `${Math.round(allocation)} ms`,
  '3,000',
);
line(
  `   one node fails, ${moving.length} EgressIPs move, all rows settle`,
  `${Math.round(failure)} ms`,
  '300',
);
line('   peak memory', `${Math.round(megabytes)} MB`, '600');
