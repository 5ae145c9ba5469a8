import { describe, expect, test } from 'vitest';
import { invalidText } from '../../../src/fabric/ovn-kubernetes/control/allocator/allocator.ts';
import { cloudName } from '../../../src/fabric/ovn-kubernetes/control/allocator/cloud.ts';
import { EgressIpManager } from '../../../src/fabric/ovn-kubernetes/control/allocator/manager.ts';
import { MARK_POOL, MarkPool } from '../../../src/fabric/ovn-kubernetes/control/allocator/marks.ts';
import {
  networkOf,
  networksOfNode,
} from '../../../src/fabric/ovn-kubernetes/control/allocator/networks.ts';
import { hostCidrs } from '../../../src/fabric/ovn-kubernetes/control/annotations.ts';
import { formatIp, formatNetwork, parseIp } from '../../../src/fabric/ovn-kubernetes/ip-text.ts';
import type {
  EgressIp,
  EgressIpStatusItem,
} from '../../../src/fabric/ovn-kubernetes/kinds/egress-ip.ts';
import { resolveProfile } from '../../../src/fabric/ovn-kubernetes/profile.ts';
import type { Node } from '../../../src/kube/kinds/node.ts';
import { Random } from '../../../src/sim/random.ts';
import { eipOf, nodeOf, type VectorEip, type VectorNode } from './objects.ts';
import { asSet, type Vector, vectors } from './vector-file.ts';

/** The original iterates maps at random; what a vector asserts holds for every order. */
const SEEDS = Array.from({ length: 25 }, (_, seed) => seed + 1);

interface Given {
  readonly mode?: 'bareMetal' | 'aws';
  readonly nodes: readonly VectorNode[];
  readonly eips?: readonly VectorEip[];
  readonly allocations?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly nodesFromCache?: boolean;
  readonly cacheNetworks?: Readonly<Record<string, readonly string[]>>;
  readonly cloudPrivateIPConfigs?: readonly {
    readonly ip: string;
    readonly specNode: string;
    readonly statusNode: string;
    readonly assigned: boolean;
  }[];
  readonly markPool?: readonly [number, number];
}

interface VectorEvent {
  readonly reason: string;
  readonly object: string;
  readonly message: string;
}

type Items = readonly EgressIpStatusItem[];

interface Expect {
  readonly status?: Readonly<Record<string, Items>>;
  readonly statusOneOf?: Readonly<Record<string, readonly Items[]>>;
  readonly statusSequence?: Readonly<Record<string, readonly Items[]>>;
  readonly assigned?: Items;
  readonly events?: readonly VectorEvent[];
  readonly eventsInclude?: readonly VectorEvent[];
  readonly eventsExactly?: readonly VectorEvent[];
  readonly eventsOneOf?: readonly (readonly VectorEvent[])[];
  readonly patches?: Readonly<Record<string, number>>;
  readonly incomplete?: readonly string[];
  readonly tracked?: readonly string[];
  readonly assignable?: readonly string[];
  readonly reachable?: Readonly<Record<string, boolean>>;
  readonly networks?: Readonly<Record<string, readonly string[]>>;
  readonly mark?: Readonly<Record<string, string>>;
  readonly markSet?: readonly string[];
  readonly markDiffers?: readonly (readonly string[])[];
  readonly rememberMark?: readonly string[];
  readonly sameMark?: readonly string[];
  readonly markRange?: readonly [number, number];
  readonly markInPool?: Readonly<Record<string, boolean>>;
  readonly cloudPrivateIPConfigs?: Readonly<Record<string, string>>;
  readonly error?: string;
  readonly validIPs?: readonly string[];
  readonly allocationsUnchanged?: boolean;
  readonly countPerNodeOneOf?: readonly Readonly<Record<string, number>>[];
  readonly logs?: readonly string[];
  readonly kind?: string;
  readonly network?: string;
}

interface Step {
  readonly do: string;
  readonly node?: VectorNode;
  readonly name?: string;
  readonly eip?: string;
  readonly ips?: readonly string[];
  readonly ip?: string;
  readonly answers?: Readonly<Record<string, boolean>>;
  readonly times?: number;
}

/** An API server with one client, whose watch events wait in a queue. */
class World {
  readonly manager: EgressIpManager;
  readonly events: VectorEvent[] = [];
  readonly logs: string[] = [];
  readonly patches: (readonly [string, Items | null])[] = [];
  readonly cloud = new Map<string, string>();
  readonly #given: Given;
  readonly #nodes = new Map<string, Node>();
  readonly #objects = new Map<string, EgressIp>();
  readonly #watched: (() => void)[] = [];
  readonly #answers = new Map<string, boolean>();
  readonly #marks = new Map<string, string>();
  readonly #marksDrawn: number[] = [];
  #version = 1;
  #assigned: Items = [];
  #error: string | null = null;
  #valid: readonly string[] = [];
  #network: ReturnType<typeof networkOf> = null;

  constructor(given: Given, seed: number) {
    this.#given = given;
    const isCloud = given.mode === 'aws';
    this.manager = new EgressIpManager({
      random: new Random(seed),
      quirks: resolveProfile('head').quirks,
      isCloud,
      marks: new MarkPool(given.markPool ?? MARK_POOL),
      voice: {
        log: (_severity, _at, text) => this.logs.push(text),
        event: (object, event) => this.events.push({ object, ...event }),
      },
      client: (node) => ({
        isConnected: false,
        connect: (_addresses, done) => done(this.#answers.get(node) ?? true),
        probe: (done) => done(this.#answers.get(node) ?? true),
        disconnect: () => undefined,
      }),
      patch: (name, patch, done) => {
        const object = this.#objects.get(name);
        if (object === undefined) {
          done(null);
          return;
        }
        this.patches.push([name, patch.items ?? null]);
        const written = this.#store({
          ...object,
          metadata: {
            ...object.metadata,
            ...(patch.mark === undefined
              ? {}
              : { annotations: { 'k8s.ovn.org/egressip-mark': String(patch.mark) } }),
          },
          ...(patch.items === undefined ? {} : { status: { items: patch.items } }),
        });
        this.#watched.push(() => this.manager.updateObject(written));
        done(written);
      },
      askCloud: (request, done) => {
        if (request.kind === 'delete') this.cloud.delete(request.name);
        else this.cloud.set(request.object.metadata.name, request.object.spec.node ?? '');
        done();
      },
    });
    for (const node of given.nodes) this.#nodes.set(node.name, nodeOf(node));
    for (const eip of given.eips ?? []) this.#store(eipOf(eip));
    if (given.allocations !== undefined) this.#remember(given.allocations, isCloud);
    for (const { ip, specNode } of given.cloudPrivateIPConfigs ?? []) {
      this.cloud.set(cloudName(ip), specNode);
    }
  }

  #remember(allocations: NonNullable<Given['allocations']>, isCloud: boolean): void {
    const { allocator } = this.manager;
    for (const [name, held] of Object.entries(allocations)) {
      const record = allocator.track(name);
      const node = this.#nodes.get(name);
      if (node === undefined) throw new Error(`no node ${name}`);
      record.networks = networksOfNode(node, isCloud) ??
        networksOfNode(node, false) ?? { primary: [], secondary: [] };
      const capacity = this.#given.nodes.find((each) => each.name === name)?.cloud?.capacity;
      if (capacity !== undefined) {
        const { ip = null, ipv4 = null, ipv6 = null } = capacity;
        record.capacity = { ip, ipv4, ipv6 };
      }
      record.assignable = true;
      record.ready = true;
      record.reachable = true;
      for (const [ip, object] of Object.entries(held)) record.allocate(ip, object);
    }
    for (const [name, node] of this.#nodes) {
      allocator.hosts.set(name, hostCidrs(node)?.map(formatIp) ?? null);
    }
  }

  #store(object: EgressIp): EgressIp {
    const stored = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(++this.#version) },
    };
    this.#objects.set(object.metadata.name, stored);
    return stored;
  }

  run(step: Step & { readonly expect?: Expect }): void {
    const before = {
      events: this.events.length,
      logs: this.logs.length,
      patches: this.patches.length,
    };
    this.#do(step);
    for (let task = this.#watched.shift(); task !== undefined; task = this.#watched.shift()) task();
    if (step.expect !== undefined) this.check(step.expect, before);
  }

  #do(step: Step): void {
    const { manager } = this;
    const name = step.name ?? '';
    for (const [node, answer] of Object.entries(step.answers ?? {}))
      this.#answers.set(node, answer);
    switch (step.do) {
      case 'start':
        manager.start([...this.#nodes.values()], [...this.#objects.values()]);
        break;
      case 'startEgressIPs':
        manager.start([], [...this.#objects.values()]);
        break;
      case 'startMarkSync':
        for (const object of this.#objects.values()) manager.addObject(object);
        manager.syncMarks();
        break;
      case 'startCloudSync':
        for (const object of this.#objects.values()) manager.learn(object);
        manager.syncCloud(
          [...this.cloud].map(([cloud, node]) => ({
            apiVersion: 'cloud.network.openshift.io/v1',
            kind: 'CloudPrivateIPConfig',
            metadata: { ...eipOf({ name: cloud, ips: [] }).metadata, name: cloud },
            spec: { node },
          })),
        );
        this.#watched.length = 0;
        break;
      case 'addNode':
      case 'updateNode': {
        const node = nodeOf(step.node ?? { name });
        const known = this.#nodes.get(node.metadata.name);
        this.#nodes.set(node.metadata.name, node);
        if (step.do === 'addNode' || known === undefined) manager.addNode(node);
        else manager.updateNode(known, node);
        break;
      }
      case 'deleteNode': {
        const node = this.#nodes.get(name);
        this.#nodes.delete(name);
        if (node !== undefined) manager.deleteNode(node);
        break;
      }
      case 'createEIP':
        manager.addObject(this.#store(eipOf({ name, ips: step.ips ?? [] })));
        break;
      case 'updateEIP': {
        const object = this.#objects.get(name);
        if (object === undefined) throw new Error(`no EgressIP ${name}`);
        const spec = { ...object.spec, egressIPs: step.ips ?? [] };
        manager.updateObject(this.#store({ ...object, spec }));
        break;
      }
      case 'deleteEIP': {
        const object = this.#objects.get(name);
        this.#objects.delete(name);
        if (object !== undefined) manager.deleteObject(object);
        break;
      }
      case 'check':
        manager.check();
        break;
      case 'assign':
        this.#assigned = manager.allocator.assign(step.eip ?? '', step.ips ?? []);
        break;
      case 'validate': {
        const valid = manager.allocator.validate(step.eip ?? '', step.ips ?? []);
        this.#valid = valid ?? [];
        this.#error = valid === null ? invalidText(step.ips?.[0] ?? '') : null;
        break;
      }
      case 'network': {
        const networks = networksOfNode(nodeOf(step.node ?? { name }), false);
        const ip = parseIp(step.ip ?? '');
        this.#network = networks === null || ip === null ? null : networkOf(networks, ip);
        break;
      }
      case 'allocateAndFreeMark':
        for (let round = 0; round < (step.times ?? 1); round++) {
          const mark = manager.marks.allocate(step.eip ?? '');
          if (mark === null) throw new Error('no mark is free');
          this.#marksDrawn.push(mark);
          manager.marks.free(step.eip ?? '');
        }
        break;
      default:
        throw new Error(`unknown step ${step.do}`);
    }
  }

  #items(name: string): Items {
    return this.#objects.get(name)?.status?.items ?? [];
  }

  #mark(name: string): string | undefined {
    return this.#objects.get(name)?.metadata.annotations?.['k8s.ovn.org/egressip-mark'];
  }

  check(wanted: Expect, before = { events: 0, logs: 0, patches: 0 }): void {
    const { allocator } = this.manager;
    const events = this.events.slice(before.events);
    const patches = this.patches.slice(before.patches);
    for (const [name, items] of Object.entries(wanted.status ?? {})) {
      expect(asSet(this.#items(name)), name).toEqual(asSet(items));
    }
    for (const [name, all] of Object.entries(wanted.statusOneOf ?? {})) {
      expect(all.map(asSet)).toContainEqual(asSet(this.#items(name)));
    }
    for (const [name, sequence] of Object.entries(wanted.statusSequence ?? {})) {
      const seen = this.#lastStep.flatMap(([object, items]) =>
        object === name && items !== null ? [asSet(items)] : [],
      );
      expect(seen).toEqual(sequence.map(asSet));
    }
    if (wanted.assigned !== undefined)
      expect(asOrdered(this.#assigned)).toEqual(asOrdered(wanted.assigned));
    if (wanted.events !== undefined) expect(asSet(events)).toEqual(asSet(wanted.events));
    if (wanted.eventsExactly !== undefined)
      expect(asSet(events)).toEqual(asSet(wanted.eventsExactly));
    for (const event of wanted.eventsInclude ?? [])
      expect(asSet(events)).toContain(asSet([event])[0]);
    if (wanted.eventsOneOf !== undefined) {
      expect(wanted.eventsOneOf.map(asOrdered)).toContainEqual(asOrdered(events));
    }
    for (const [name, count] of Object.entries(wanted.patches ?? {})) {
      expect(patches.filter(([object]) => object === name)).toHaveLength(count);
    }
    if (wanted.incomplete !== undefined) {
      const incomplete = [...this.#objects.values()].filter(
        ({ spec, status }) => spec.egressIPs.length > (status?.items.length ?? 0),
      );
      expect(incomplete.map(({ metadata }) => metadata.name).sort()).toEqual(
        [...wanted.incomplete].sort(),
      );
    }
    const records = [...allocator.records.values()];
    if (wanted.tracked !== undefined) {
      expect(records.map(({ name }) => name).sort()).toEqual([...wanted.tracked].sort());
    }
    if (wanted.assignable !== undefined) {
      const labelled = records.filter(({ assignable }) => assignable);
      expect(labelled.map(({ name }) => name).sort()).toEqual([...wanted.assignable].sort());
    }
    for (const [name, reachable] of Object.entries(wanted.reachable ?? {})) {
      expect(allocator.record(name)?.reachable).toBe(reachable);
    }
    for (const [name, networks] of Object.entries(wanted.networks ?? {})) {
      expect(allocator.record(name)?.networks.primary.map(formatNetwork)).toEqual(networks);
    }
    for (const [name, mark] of Object.entries(wanted.mark ?? {}))
      expect(this.#mark(name)).toBe(mark);
    for (const name of wanted.markSet ?? []) expect(this.#mark(name)).toBeDefined();
    for (const [a = '', b = ''] of wanted.markDiffers ?? [])
      expect(this.#mark(a)).not.toBe(this.#mark(b));
    for (const name of wanted.rememberMark ?? []) this.#marks.set(name, this.#mark(name) ?? '');
    for (const name of wanted.sameMark ?? []) expect(this.#mark(name)).toBe(this.#marks.get(name));
    for (const [name, held] of Object.entries(wanted.markInPool ?? {})) {
      expect(this.manager.marks.of(name) !== null).toBe(held);
    }
    if (wanted.markRange !== undefined) {
      const [low, high] = wanted.markRange;
      expect(Math.min(...this.#marksDrawn)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...this.#marksDrawn)).toBeLessThanOrEqual(high);
    }
    if (wanted.cloudPrivateIPConfigs !== undefined) {
      expect(Object.fromEntries(this.cloud)).toEqual(wanted.cloudPrivateIPConfigs);
    }
    if (wanted.error !== undefined) expect(this.#error).toBe(wanted.error);
    if (wanted.validIPs !== undefined) expect(asSet(this.#valid)).toEqual(asSet(wanted.validIPs));
    if (wanted.allocationsUnchanged === true) {
      const held = records.map(({ name, allocations }) => [name, Object.fromEntries(allocations)]);
      expect(Object.fromEntries(held)).toEqual(this.#given.allocations);
    }
    if (wanted.countPerNodeOneOf !== undefined) {
      const counts: Record<string, number> = {};
      for (const { status } of this.#objects.values()) {
        for (const { node } of status?.items ?? []) counts[node] = (counts[node] ?? 0) + 1;
      }
      expect(wanted.countPerNodeOneOf).toContainEqual(counts);
    }
    for (const text of wanted.logs ?? []) expect(this.logs.slice(before.logs)).toContain(text);
    if (wanted.kind !== undefined) expect(this.#network?.kind ?? 'none').toBe(wanted.kind);
    if (wanted.network !== undefined) expect(this.#network?.network).toBe(wanted.network);
  }

  /** Patches of the last step: what `statusSequence` of a vector looks at. */
  #lastStep: readonly (readonly [string, Items | null])[] = [];

  runAll({ steps, expect: wanted }: Vector<Given, Step, Expect>): void {
    let events = 0;
    for (const [index, step] of steps.entries()) {
      const from = this.patches.length;
      events = this.events.length;
      try {
        this.run(step);
      } catch (error) {
        throw new Error(`step ${index} (${step.do}): ${String(error)}`, { cause: error });
      }
      this.#lastStep = this.patches.slice(from);
    }
    if (wanted !== undefined) this.check(wanted, { events, logs: 0, patches: 0 });
  }
}

function asOrdered(items: readonly unknown[]): readonly string[] {
  return items.flatMap((item) => asSet([item]));
}

const cases = vectors<Given, Step, Expect>('allocatorVectors').map(
  (vector) => [vector.name, vector] as const,
);

describe('the cluster manager allocates as the original', () => {
  test.each(cases)('%s', (_name, vector) => {
    for (const seed of SEEDS) {
      try {
        new World(vector.given, seed).runAll(vector);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
  });
});
