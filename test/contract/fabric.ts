// What every cluster network owes the lab, run on each of them: by test/fabric/contract.test.ts on OpenShift
// SDN and on the static fabric of the tests, which is nowhere in src.

import { describe, expect, test } from 'vitest';
import type { Fabric } from '../../src/fabric/fabric.ts';
import { conditionStatus } from '../../src/kube/kinds/conditions.ts';
import { Nodes } from '../../src/kube/kinds/node.ts';
import { parseOc } from '../../src/kube/oc/parse.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { addressOf } from '../../src/scenario/event-address.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { topologyJsonSchema } from '../../src/topology/json-schema.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { formatIpv4, parseIpv4 } from '../../src/wire/ipv4-address.ts';

/** A fabric, and how it says that namespace `shop` leaves by worker02. */
export interface FabricUnderTest {
  readonly fabric: Fabric;
  /** What follows `nodes: { worker02: { address: ...`. */
  readonly node: string;
  /** What stands in `namespaces: { shop: {` ... `} }`. */
  readonly namespace: string;
  /** Further keys of `cluster`, a line each, indented by two. */
  readonly cluster?: string;
  /** The address with which the pods leave. */
  readonly egress: string;
  /** One expectation of its objects that holds, and one that does not. */
  readonly holds: string;
  readonly fails: string;
}

export function fabricContract(name: string, fixture: FabricUnderTest): void {
  const { fabric, egress } = fixture;
  const fabrics = [fabric];
  const text = `name: contract
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts: { db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }, services: [{ tcp: 80, app: whoami }] } }
cluster:
  fabric: ${fabric.kind}
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.1, labels: { zone: a } }
    worker01: { address: 192.168.50.2 }
    worker02: { address: 192.168.50.3${fixture.node} }
  namespaces: { shop: { labels: { env: prod }, ${fixture.namespace} } }
  pods: { web: { namespace: shop, node: worker02, labels: { app: web } } }
${fixture.cluster ?? ''}scenario:
  duration: 10s
  flows: { calls: { from: web, to: db, tcp: 80, every: 100ms, start: 3s, stop: 9s } }
  steps:
    - { at: 9s, expect: [${fixture.holds}, ${fixture.fails}] }
`;

  function topology(): Topology {
    const parsed = parseTopology(text, { file: 'contract.yaml', fabrics });
    expect(parsed.diagnostics).toEqual([]);
    if (parsed.topology === null) throw new Error('no topology');
    return parsed.topology;
  }

  function running(): { readonly lab: Lab; readonly cluster: NonNullable<Lab['cluster']> } {
    const lab = createLab(topology(), { fabrics });
    lab.advance('5s');
    if (lab.cluster === null) throw new Error('no cluster');
    return { lab, cluster: lab.cluster };
  }

  describe(`${name} is a Fabric`, () => {
    test('what a topology says of it is plain data', () => {
      const plan = topology().cluster?.fabric;
      expect(plan?.kind).toBe(fabric.kind);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    });

    test('its keys are in the JSON Schema, and so are its expectations', () => {
      const schema = JSON.stringify(topologyJsonSchema(fabrics));
      const { section, expectations } = fabric;
      const shapes = [
        section.options,
        section.cluster,
        section.node,
        section.namespace,
        section.pod,
      ];
      const words = [
        ...shapes.flatMap((shape) => Object.keys(shape)),
        ...expectations.map(({ keyword }) => keyword),
      ];
      expect(words.filter((word) => !schema.includes(`"${word}"`))).toEqual([]);
    });

    test('a lab that was not given it says so', () => {
      expect(() => createLab(topology(), { fabrics: [{ ...fabric, kind: 'other' }] })).toThrow(
        /no fabric/,
      );
    });

    test('every node has its data path, every pod its stack, and a pod dies with its node', () => {
      const { lab, cluster } = running();
      expect([...cluster.nodes.keys()]).toEqual(['master01', 'worker01', 'worker02']);
      for (const [node, { stack }] of cluster.nodes) expect(stack).toBe(lab.machine(node).stack);
      const pod = cluster.pods.get('web');
      expect(pod?.stack.powered).toBe(true);
      lab.fail(pod?.node.name ?? '');
      expect(pod?.stack.powered).toBe(false);
      lab.restore(pod?.node.name ?? '');
      expect(pod?.stack.powered).toBe(true);
    });

    test('its processes run in pods of the API, die with their node and by themselves, and start again', () => {
      const { lab, cluster } = running();
      const agents = cluster.controlPlane.agents('worker01');
      const isAlive = (): boolean => agents.every(({ isRunning }) => isRunning);
      const pods = cluster.oc(parse(cluster, 'get pods -A -o name'), '').stdout;
      for (const { pod } of cluster.controlPlane.processes) expect(pods).toContain(`pod/${pod}\n`);
      expect(agents.length).toBeGreaterThan(0);
      expect(isAlive()).toBe(true);
      lab.fail('worker01', 'agent-stopped');
      expect([isAlive(), lab.stack('worker01').powered]).toEqual([false, true]);
      lab.restore('worker01');
      expect(isAlive()).toBe(true);
      lab.fail('worker01');
      expect(isAlive()).toBe(false);
      lab.restore('worker01');
      expect(isAlive()).toBe(true);
    });

    test('a Node that was deleted is back, Ready and without the labels of people, when its machine is', () => {
      const { lab, cluster } = running();
      const { store } = cluster;
      const before = store.get(Nodes, 'master01');
      if (before === null) throw new Error('no node');
      cluster.oc(parse(cluster, 'delete node master01'), '');
      lab.fail('master01');
      lab.advance('1s');
      lab.restore('master01');
      lab.advance('20s');
      const after = store.get(Nodes, 'master01');
      const { zone, ...labels } = before.metadata.labels ?? {};
      expect(zone).toBe('a');
      expect(after?.metadata.labels).toEqual(labels);
      expect(after?.metadata.annotations).toEqual(before.metadata.annotations);
      expect(after?.status.addresses).toEqual(before.status.addresses);
      expect(conditionStatus(after?.status.conditions, 'Ready')).toBe('True');
    });

    test('its kinds are served, and labels of the topology are in the API', () => {
      const { cluster } = running();
      for (const { plural } of fabric.kinds) {
        expect(cluster.oc(parse(cluster, `get ${plural}`), '').exitCode).toBe(0);
      }
      const named = (command: string): string => cluster.oc(parse(cluster, command), '').stdout;
      expect(named('get nodes -l zone=a -o name')).toBe('node/master01\n');
      expect(named('get namespaces -l env=prod -o name')).toBe('namespace/shop\n');
      expect(named('get pods -n shop -l app=web -o name')).toBe('pod/web\n');
    });

    test('the address that pods leave with is known, and one node answers for it', () => {
      const { lab, cluster } = running();
      const address = parseIpv4(egress);
      if (address === null) throw new Error(egress);
      expect(cluster.egressAddresses()).toContain(address);
      expect(lab.claims.holders(address)).toEqual(['worker02']);
    });

    test('the log says who answers for what, as those who answer do', () => {
      const { lab } = running();
      const said = new Map<string, Set<string>>();
      for (const event of lab.events.events) {
        const { kind, source } = event;
        const address = addressOf(event);
        if (address === null) continue;
        const claims = said.get(address) ?? new Set();
        said.set(address, claims);
        const where = 'interface' in event.fields ? event.fields.interface : '';
        if (kind === 'address-added' || kind === 'claim-added') claims.add(`${source} ${where}`);
        if (kind === 'address-removed' || kind === 'claim-removed')
          claims.delete(`${source} ${where}`);
      }
      for (const address of lab.claims.addresses()) {
        const now = lab.claims.claims(address).filter(({ kind }) => kind !== 'proxy');
        const claims = [...(said.get(formatIpv4(address)) ?? [])].sort();
        // A kernel and a router of one machine may both answer in one place.
        const places = new Set(now.map((each) => `${each.machine} ${each.interface}`));
        expect(claims).toEqual([...places].sort());
      }
    });

    test('pods are seen with it outside, its tables are in the report, its expectations are checked', async () => {
      const { flows, tables, expectations } = await runScenario(topology(), { fabrics });
      expect(flows[0]?.seenAs.map((seen) => seen.address)).toEqual([egress]);
      expect(flows[0]?.lost).toBe(0);
      const shown = ['nodes', ...fabric.tables.map(({ kind }) => kind.plural)];
      expect(Object.keys(tables?.before.tables ?? {})).toEqual(shown);
      expect(expectations.map(({ verdict }) => verdict)).toEqual(['held', 'failed']);
    });

    test('the same seed tells the same story', () => {
      const story = (): unknown => {
        const { lab } = running();
        lab.fail('worker02');
        lab.advance('60s');
        return lab.events.events;
      };
      expect(story()).toEqual(story());
    });
  });
}

function parse({ store }: NonNullable<Lab['cluster']>, line: string): ReturnType<typeof parseOc> {
  return parseOc(line, store.kinds);
}
