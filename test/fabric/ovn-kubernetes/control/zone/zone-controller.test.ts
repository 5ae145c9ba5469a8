import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZoneController } from '../../../../../src/fabric/ovn-kubernetes/control/zone/zone-controller.ts';
import type { EgressIp } from '../../../../../src/fabric/ovn-kubernetes/kinds/egress-ip.ts';
import {
  NorthboundDatabase,
  SERVED_PODS,
} from '../../../../../src/fabric/ovn-kubernetes/northbound.ts';
import { resolveProfile } from '../../../../../src/fabric/ovn-kubernetes/profile.ts';
import type { Namespace } from '../../../../../src/kube/kinds/namespace.ts';
import type { Pod } from '../../../../../src/kube/kinds/pod.ts';
import { Random } from '../../../../../src/sim/random.ts';
import { eipOf, namespaceOf, nodeOf, podOf } from '../../objects.ts';

const NODES = ['n0', 'n1', 'n2'] as const;
const nodes = NODES.map((name, i) =>
  nodeOf({
    name,
    primary: [`192.168.1.${10 + i}/24`],
    hostCIDRs: [`192.168.1.${10 + i}/24`],
    join: [`100.64.0.${2 + i}`],
    transit: [`100.88.0.${2 + i}`],
    mgmt: [`10.128.${i}.2`],
  }),
);

const node = fc.constantFrom(...NODES);
const index = fc.nat(2);
const step = fc.oneof(
  fc.record({ do: fc.constant('status' as const), object: index, on: fc.subarray([...NODES]) }),
  fc.record({ do: fc.constant('delete' as const), object: index }),
  fc.record({
    do: fc.constant('pod' as const),
    pod: index,
    node,
    label: fc.boolean(),
    last: fc.nat(3),
  }),
  fc.record({ do: fc.constant('no pod' as const), pod: index }),
  fc.record({ do: fc.constant('label' as const), namespace: index, env: fc.nat(3) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Objects that a zone is told of one by one. */
class Cluster {
  readonly pods = new Map<string, Pod>();
  readonly namespaces = new Map<string, Namespace>();
  readonly objects = new Map<string, EgressIp>();
  readonly database = new NorthboundDatabase();
  readonly zone: ZoneController;

  constructor(name: string | null) {
    this.zone = zoneOf(name, this.database);
    for (let i = 0; i < 3; i++)
      this.namespaces.set(`ns${i}`, namespaceOf(`ns${i}`, { env: `e${i}` }));
    for (let i = 0; i < 3; i++) {
      const object = eipOf({
        name: `eip${i}`,
        ips: [`192.168.1.${100 + i}`, `192.168.1.${110 + i}`, `192.168.1.${120 + i}`],
        namespaceSelector: { matchLabels: { env: `e${i}` } },
        ...(i === 0 ? { podSelector: { matchLabels: { app: 'web' } } } : {}),
      });
      this.objects.set(object.metadata.name, object);
    }
    start(this.zone, this);
  }

  do(given: Step): void {
    switch (given.do) {
      case 'status': {
        const before = this.objects.get(`eip${given.object}`);
        if (before === undefined) return;
        const items = given.on.map((each) => ({
          node: each,
          egressIP: before.spec.egressIPs[NODES.indexOf(each)] ?? '',
        }));
        const object = { ...before, status: { items } };
        this.objects.set(object.metadata.name, object);
        if (this.zone.leaveEgressIp(object) === null) this.zone.joinEgressIp(object);
        return;
      }
      case 'delete':
        this.objects.delete(`eip${given.object}`);
        this.zone.deleteEgressIp(`eip${given.object}`);
        return;
      case 'pod': {
        const pod = podOf({
          namespace: `ns${given.pod}`,
          name: 'pod',
          node: given.node,
          ips: [`10.128.${NODES.indexOf(given.node as 'n0')}.${10 + given.pod * 4 + given.last}`],
          labels: given.label ? { app: 'web' } : {},
        });
        this.pods.set(`ns${given.pod}/pod`, pod);
        this.zone.setPod(pod);
        return;
      }
      case 'no pod':
        this.pods.delete(`ns${given.pod}/pod`);
        this.zone.deletePod(`ns${given.pod}/pod`);
        return;
      case 'label': {
        const name = `ns${given.namespace}`;
        const namespace = namespaceOf(name, { env: `e${given.env}` });
        this.namespaces.set(name, namespace);
        this.zone.setNamespace(namespace);
      }
    }
  }
}

function zoneOf(name: string | null, database: NorthboundDatabase): ZoneController {
  return new ZoneController({
    profile: resolveProfile('head'),
    database,
    node: name,
    clusterSubnets: ['10.128.0.0/14'],
    podSnat: false,
    random: new Random(1),
    voice: { log: () => undefined, event: () => undefined },
  });
}

function start(
  zone: ZoneController,
  cluster: Pick<Cluster, 'pods' | 'namespaces' | 'objects'>,
): void {
  const egressIps = [...cluster.objects.values()];
  const namespaces = [...cluster.namespaces.values()];
  zone.learn({ nodes, namespaces, pods: [...cluster.pods.values()], egressIps });
  zone.start(egressIps);
}

function rowsOf(database: NorthboundDatabase): unknown {
  const policies = database.policies.map(({ key, nexthops }) => `${key} ${[...nexthops].sort()}`);
  const nats = database.nats.map(({ key }) => key);
  return {
    policies: policies.sort(),
    nats: nats.sort(),
    served: [...database.addresses(SERVED_PODS)].sort(),
  };
}

describe('ZoneController', () => {
  test('a zone that heard of everything bit by bit has the rows of one that starts with all of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('n0', 'n1', null),
        fc.array(step, { minLength: 1, maxLength: 25 }),
        (name, steps) => {
          const cluster = new Cluster(name);
          for (const each of steps) cluster.do(each);
          const database = new NorthboundDatabase();
          start(zoneOf(name, database), cluster);
          expect(rowsOf(cluster.database)).toEqual(rowsOf(database));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a zone with neither pod nor IP remembers nothing, until two objects want the pod', () => {
    const cluster = new Cluster('n2');
    cluster.do({ do: 'pod', pod: 1, node: 'n0', label: false, last: 0 });
    cluster.do({ do: 'status', object: 1, on: ['n0'] });
    expect(cluster.zone.states.size).toBe(0);
    const second = eipOf({
      name: 'second',
      ips: ['192.168.1.200'],
      namespaceSelector: {},
      status: [{ node: 'n2', egressIP: '192.168.1.200' }],
    });
    cluster.zone.leaveEgressIp(second);
    cluster.zone.joinEgressIp(second);
    const state = cluster.zone.states.get('ns1/pod');
    expect(state?.serving).toBe('eip1');
    expect([...(state?.standby ?? [])]).toEqual(['second']);
    expect(cluster.database.nats).toEqual([]);
    cluster.do({ do: 'delete', object: 1 });
    expect(cluster.database.nats.map(({ externalIp }) => externalIp)).toEqual(['192.168.1.200']);
  });
});
