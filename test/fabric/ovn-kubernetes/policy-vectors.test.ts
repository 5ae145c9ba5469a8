import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../../src/fabric/ovn-kubernetes/control/zone/rows.ts';
import { ZoneController } from '../../../src/fabric/ovn-kubernetes/control/zone/zone-controller.ts';
import type {
  EgressIp,
  EgressIpStatusItem,
} from '../../../src/fabric/ovn-kubernetes/kinds/egress-ip.ts';
import {
  familyOf,
  matchText,
  NODE_ADDRESSES,
  NorthboundDatabase,
  SERVED_PODS,
} from '../../../src/fabric/ovn-kubernetes/northbound.ts';
import { resolveProfile } from '../../../src/fabric/ovn-kubernetes/profile.ts';
import type { Namespace } from '../../../src/kube/kinds/namespace.ts';
import type { Node } from '../../../src/kube/kinds/node.ts';
import type { TextMap } from '../../../src/kube/kinds/object.ts';
import type { Pod } from '../../../src/kube/kinds/pod.ts';
import { Random } from '../../../src/sim/random.ts';
import {
  eipOf,
  namespaceOf,
  nodeOf,
  podOf,
  type VectorEip,
  type VectorNode,
  type VectorPod,
} from './objects.ts';
import { asSet, type Vector, vectors } from './vector-file.ts';

const SEEDS = Array.from({ length: 25 }, (_, seed) => seed + 1);

interface VectorReroute {
  readonly match: string;
  readonly nexthops: readonly string[];
  readonly pktMark?: string;
  readonly owner?: string;
}

interface VectorNat {
  readonly router: string;
  readonly externalIP: string;
  readonly logicalIP: string;
  readonly logicalPort?: string;
  readonly owner?: string;
}

interface VectorNamespace {
  readonly name: string;
  readonly labels: TextMap;
  readonly network?: string;
}

interface Given {
  readonly zone: string;
  readonly clusterSubnets: readonly string[];
  readonly nodes: readonly VectorNode[];
  readonly namespaces: readonly VectorNamespace[];
  readonly pods: readonly VectorPod[];
  readonly eips: readonly VectorEip[];
  readonly disableSNATMultipleGWs?: boolean;
  readonly db?: {
    readonly reroutes?: readonly VectorReroute[];
    readonly nats?: readonly VectorNat[];
    readonly nodeSnats?: readonly VectorNat[];
  };
}

interface Step {
  readonly do: string;
  readonly eip?: string | VectorEip;
  readonly status?: readonly EgressIpStatusItem[];
  readonly pod?: VectorPod;
  readonly namespace?: string | VectorNamespace;
  readonly name?: string;
  readonly cleanupFails?: boolean;
}

interface Expect {
  readonly reroutes?: readonly VectorReroute[];
  readonly nats?: readonly VectorNat[];
  readonly nodeSnats?: readonly VectorNat[];
  readonly staticRoutes?: readonly unknown[];
  readonly staticRoutePrefixes?: readonly string[];
  readonly servedPods?: readonly string[];
  readonly nodeIPs?: readonly string[];
  readonly allow?: readonly unknown[];
  readonly allowIncludes?: readonly unknown[];
  readonly qos?: readonly unknown[];
  readonly serving?: Readonly<
    Record<string, { readonly eip: string; readonly standby: readonly string[] }>
  >;
  readonly events?: readonly unknown[];
  readonly transactions?: number;
  readonly rerouteSequence?: Readonly<Record<string, readonly (readonly string[] | null)[]>>;
  readonly udnReroutes?: readonly unknown[];
  readonly gwMarks?: readonly unknown[];
  readonly status?: Readonly<Record<string, readonly EgressIpStatusItem[]>>;
  readonly error?: boolean;
}

/** The objects of a cluster and the controller of one zone, whose database outlives it. */
class World {
  readonly #given: Given;
  readonly #seed: number;
  readonly #database = new NorthboundDatabase();
  readonly #nodes = new Map<string, Node>();
  readonly #namespaces = new Map<string, Namespace>();
  readonly #networks = new Map<string, string>();
  readonly #pods = new Map<string, Pod>();
  readonly #eips = new Map<string, EgressIp>();
  readonly #events: unknown[] = [];
  readonly #reroutes = new Map<string, (readonly string[] | null)[]>();
  #controller: ZoneController;
  #problem: string | null = null;

  constructor(given: Given, seed: number) {
    this.#given = given;
    this.#seed = seed;
    for (const node of given.nodes) this.#nodes.set(node.name, this.#node(node));
    for (const namespace of given.namespaces) this.#setNamespace(namespace);
    for (const pod of given.pods) this.#pods.set(`${pod.namespace}/${pod.name}`, podOf(pod));
    for (const eip of given.eips) this.#eips.set(eip.name, eipOf(eip));
    this.#seedDatabase(given.db ?? {});
    this.#database.onChange((changes) => {
      for (const change of changes) {
        if (change.table !== 'policy') continue;
        const { before, after } = change;
        const match = (after ?? before)?.match;
        if (match?.kind !== 'source') continue;
        const seen = this.#reroutes.get(match.source) ?? [];
        this.#reroutes.set(match.source, [...seen, after?.nexthops ?? null]);
      }
    });
    this.#controller = this.#create();
  }

  /** Gateway routers of user-defined networks have annotations of their own. */
  #node(given: VectorNode): Node {
    // The vector of a user-defined network names no join address, but its routes need one.
    const node = nodeOf({ join: ['100.64.0.2'], ...given });
    const own = Object.entries(given.udn ?? {}).map(([network, { join = [] }]) => [
      `k8s.ovn.org/node-gateway-router-lrp-ifaddrs-${network}`,
      JSON.stringify({ ipv4: `${join[0]}/16` }),
    ]);
    const annotations = { ...node.metadata.annotations, ...Object.fromEntries(own) };
    return { ...node, metadata: { ...node.metadata, annotations } };
  }

  #seedDatabase({ nats = [], nodeSnats = [], reroutes = [] }: NonNullable<Given['db']>): void {
    for (const { match, nexthops, owner } of reroutes) {
      const source = match.split(' == ')[1] ?? '';
      const externalIds: Record<string, string> =
        owner === undefined ? {} : { 'k8s.ovn.org/name': owner };
      this.#database.put('policy', {
        key: `left ${match}`,
        externalIds,
        priority: 100,
        match: { kind: 'source', source },
        action: 'reroute',
        nexthops,
        pktMark: null,
      });
    }
    for (const [index, nat] of [...nats, ...nodeSnats].entries()) {
      const { router, externalIP, logicalIP, logicalPort, owner } = nat;
      this.#database.put('nat', {
        key: logicalPort === undefined ? `node_${router}_${logicalIP}` : `left ${index}`,
        externalIds: owner === undefined ? {} : { 'k8s.ovn.org/name': owner },
        router,
        type: 'snat',
        externalIp: externalIP,
        logicalIp: logicalIP,
        logicalPort: logicalPort ?? null,
      });
    }
  }

  #setNamespace({ name, labels, network }: VectorNamespace): void {
    this.#namespaces.set(name, namespaceOf(name, labels));
    if (network !== undefined) this.#networks.set(name, network);
  }

  #create(): ZoneController {
    const { zone, clusterSubnets, disableSNATMultipleGWs } = this.#given;
    return new ZoneController({
      profile: resolveProfile('head'),
      database: this.#database,
      node: zone,
      clusterSubnets,
      podSnat: disableSNATMultipleGWs === true,
      random: new Random(this.#seed),
      voice: {
        log: () => undefined,
        event: (object, event) => this.#events.push({ object, ...event }),
      },
      networkOf: (namespace) => this.#networks.get(namespace) ?? null,
    });
  }

  #start(): void {
    this.#controller = this.#create();
    const egressIps = [...this.#eips.values()];
    this.#controller.learn({
      nodes: [...this.#nodes.values()],
      namespaces: [...this.#namespaces.values()],
      pods: [...this.#pods.values()],
      egressIps,
    });
    this.#controller.start(egressIps);
  }

  #setEip(object: EgressIp): void {
    this.#eips.set(object.metadata.name, object);
    this.#problem = this.#controller.leaveEgressIp(object);
    if (this.#problem === null) this.#controller.joinEgressIp(object);
  }

  #withStatus(step: Step): EgressIp {
    const object = this.#eips.get(String(step.eip));
    if (object === undefined) throw new Error(`no EgressIP ${String(step.eip)}`);
    return { ...object, status: { items: step.status ?? [] } };
  }

  run(step: Step & { readonly expect?: Expect }): void {
    const events = this.#events.length;
    const { transactions } = this.#database;
    this.#reroutes.clear();
    for (const policy of this.#database.policies) {
      if (policy.match.kind === 'source')
        this.#reroutes.set(policy.match.source, [policy.nexthops]);
    }
    this.#do(step);
    if (step.expect !== undefined) this.check(step.expect, events, transactions);
  }

  #do(step: Step): void {
    switch (step.do) {
      case 'start':
      case 'restart':
        this.#start();
        break;
      case 'restartWithStatus': {
        const object = this.#withStatus(step);
        this.#eips.set(object.metadata.name, object);
        this.#start();
        break;
      }
      case 'setStatus':
        this.#setEip(this.#withStatus(step));
        break;
      case 'createEIP':
      case 'updateEIP':
        if (typeof step.eip === 'object') this.#setEip(eipOf(step.eip));
        break;
      case 'deleteEIP':
        this.#eips.delete(step.name ?? '');
        this.#controller.deleteEgressIp(step.name ?? '');
        break;
      case 'createPod':
      case 'updatePod':
        if (step.pod !== undefined) {
          const pod = podOf(step.pod);
          this.#pods.set(`${step.pod.namespace}/${step.pod.name}`, pod);
          this.#controller.setPod(pod);
        }
        break;
      case 'deletePod': {
        const key = `${String(step.namespace)}/${step.name}`;
        this.#pods.delete(key);
        if (step.cleanupFails === true) this.#controller.losePod(key);
        else this.#controller.deletePod(key);
        break;
      }
      case 'updateNamespace':
        if (typeof step.namespace === 'object') {
          this.#setNamespace(step.namespace);
          const { name, labels } = step.namespace;
          this.#controller.setNamespace(namespaceOf(name, labels));
        }
        break;
      case 'deleteNode':
        this.#nodes.delete(step.name ?? '');
        this.#controller.deleteNode(step.name ?? '');
        break;
      default:
        throw new Error(`unknown step ${step.do}`);
    }
  }

  check(wanted: Expect, events: number, transactions: number): void {
    const { nats, networkPolicies, policies, qos, routes } = this.#database;
    if (wanted.reroutes !== undefined) {
      const seen = policies
        .filter(({ priority, action }) => priority === 100 && action === 'reroute')
        .map(({ match, nexthops, pktMark }) => reroute(matchText(match), nexthops, pktMark));
      expect(asSet(seen)).toEqual(asSet(wanted.reroutes.map(sortedHops)));
    }
    if (wanted.nats !== undefined) {
      const seen = nats.flatMap(({ externalIp, logicalIp, logicalPort, router }) =>
        logicalPort === null
          ? []
          : [{ router, externalIP: externalIp, logicalIP: logicalIp, logicalPort }],
      );
      expect(asSet(seen)).toEqual(asSet(wanted.nats));
    }
    if (wanted.nodeSnats !== undefined) {
      const seen = nats.flatMap(({ externalIp, logicalIp, logicalPort, router }) =>
        logicalPort === null ? [{ router, externalIP: externalIp, logicalIP: logicalIp }] : [],
      );
      expect(asSet(seen)).toEqual(asSet(wanted.nodeSnats));
    }
    if (wanted.staticRoutes !== undefined) {
      const seen = routes.map(({ nexthop, prefix }) => ({ prefix, policy: 'src-ip', nexthop }));
      expect(asSet(seen)).toEqual(asSet(wanted.staticRoutes));
    }
    for (const prefix of wanted.staticRoutePrefixes ?? []) {
      expect(routes.map((route) => route.prefix)).toContain(prefix);
    }
    if (wanted.servedPods !== undefined) {
      expect(asSet(this.#database.addresses(SERVED_PODS))).toEqual(asSet(wanted.servedPods));
    }
    if (wanted.nodeIPs !== undefined) {
      expect(asSet(this.#database.addresses(NODE_ADDRESSES))).toEqual(asSet(wanted.nodeIPs));
    }
    const allow = policies
      .filter(({ action }) => action === 'allow')
      .map(({ match, pktMark }) => ({
        match: symbolic(matchText(match)),
        ...(pktMark === null ? {} : { pktMark: String(pktMark) }),
      }));
    if (wanted.allow !== undefined) expect(asSet(allow)).toEqual(asSet(wanted.allow));
    for (const policy of wanted.allowIncludes ?? [])
      expect(asSet(allow)).toContain(asSet([policy])[0]);
    if (wanted.qos !== undefined) {
      const seen = qos.map(({ externalIds, mark, match, priority }) => ({
        switch: externalIds.node,
        priority,
        direction: 'from-lport',
        match: match.replace(`$${SERVED_PODS}`, '$<egress IP pods>'),
        mark,
      }));
      expect(asSet(seen)).toEqual(asSet(wanted.qos));
    }
    if (wanted.serving !== undefined) {
      const seen = [...this.#controller.states.values()].map(({ key, serving, standby }) => [
        key,
        { eip: serving, standby: [...standby].sort() },
      ]);
      expect(Object.fromEntries(seen)).toEqual(wanted.serving);
    }
    if (wanted.events !== undefined) {
      expect(asSet(this.#events.slice(events))).toEqual(asSet(wanted.events));
    }
    if (wanted.transactions !== undefined) {
      expect(this.#database.transactions - transactions).toBe(wanted.transactions);
    }
    for (const [pod, sequence] of Object.entries(wanted.rerouteSequence ?? {})) {
      expect(this.#reroutes.get(pod)).toEqual(sequence);
    }
    if (wanted.udnReroutes !== undefined) {
      const seen = networkPolicies
        .filter(({ nexthops }) => nexthops.length > 0)
        .map(({ externalIds, match, nexthops, pktMark }) => ({
          ...reroute(match, nexthops, pktMark),
          network: externalIds.network,
        }));
      expect(asSet(seen)).toEqual(asSet(wanted.udnReroutes));
    }
    if (wanted.gwMarks !== undefined) {
      const seen = networkPolicies
        .filter(({ nexthops }) => nexthops.length === 0)
        .map(({ match, pktMark, priority, router }) => ({
          router,
          match,
          priority,
          pktMark: String(pktMark),
        }));
      expect(asSet(seen)).toEqual(asSet(wanted.gwMarks));
    }
    for (const [name, items] of Object.entries(wanted.status ?? {})) {
      expect(asSet(this.#eips.get(name)?.status?.items)).toEqual(asSet(items));
    }
    if (wanted.error !== undefined) expect(this.#problem !== null).toBe(wanted.error);
  }

  runAll({ steps, expect: wanted }: Vector<Given, Step, Expect>): void {
    let events = 0;
    for (const [index, step] of steps.entries()) {
      events = this.#events.length;
      try {
        this.run(step);
      } catch (error) {
        throw new Error(`step ${index} (${step.do}): ${String(error)}`, { cause: error });
      }
    }
    if (wanted !== undefined) this.check(wanted, events, this.#database.transactions);
  }
}

function reroute(
  match: string,
  nexthops: readonly string[],
  pktMark: number | null,
): VectorReroute {
  const mark = pktMark === null ? {} : { pktMark: String(pktMark) };
  return sortedHops({ match, nexthops, ...mark });
}

function sortedHops(row: VectorReroute): VectorReroute {
  return { ...row, nexthops: [...row.nexthops].sort() };
}

/** Hash names of address sets by their meaning, as the vectors have them. */
function symbolic(match: string): string {
  return match
    .replace(/\$egressip_served_pods_v\d/, '$<egress IP pods>')
    .replace(/\$egresssvc_served_pods_v\d/, '$<egress service pods>')
    .replace(/\$node_ips_v\d/, '$<node IPs>');
}

describe('ovnkube-controller writes the rows that the original writes', () => {
  test.each(
    vectors<Given, Step, Expect>('policyVectors').map((vector) => [vector.name, vector] as const),
  )('%s', (_name, vector) => {
    for (const seed of SEEDS) {
      try {
        new World(vector.given, seed).runAll(vector);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
  });

  test('the owner of a row is read from its external ids', () => {
    const ids = { 'k8s.ovn.org/name': 'my_egress_ns-1/pod-2' };
    expect(ownerOf(ids)).toEqual({ object: 'my_egress', pod: 'ns-1/pod-2' });
    expect(ownerOf({})).toBeNull();
    expect(familyOf('fd00::1')).toBe('ip6');
  });
});
