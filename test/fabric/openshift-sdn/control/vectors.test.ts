import { describe, expect, test } from 'vitest';
import {
  type Allocation,
  allocate,
} from '../../../../src/fabric/openshift-sdn/control/allocator.ts';
import {
  type CloudNode,
  cloudError,
  parseEgressIpConfig,
} from '../../../../src/fabric/openshift-sdn/control/cloud.ts';
import { viewHostSubnet } from '../../../../src/fabric/openshift-sdn/control/host-subnet-view.ts';
import { markForVnid } from '../../../../src/fabric/openshift-sdn/control/mark.ts';
import {
  type Profile,
  type ProfileName,
  profiles,
} from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { Tracker } from '../../../../src/fabric/openshift-sdn/control/tracker.ts';
import type {
  NamespaceOutcome,
  TrackerEffect,
} from '../../../../src/fabric/openshift-sdn/control/tracker-state.ts';
import { hostSubnetError } from '../../../../src/fabric/openshift-sdn/control/validation.ts';
import { formatMark } from '../../../../src/nat/snat/rule.ts';
import { Random } from '../../../../src/sim/random.ts';
import { type HostSubnetFields, hostSubnet, meta } from './objects.ts';
import {
  type AllocationExpectation,
  type TrackerVector,
  type VectorOutcome,
  type VectorStep,
  vectorFile,
} from './vector-file.ts';

/** The original iterates maps at random; what a vector asserts holds for every order we may draw. */
const SEEDS = Array.from({ length: 25 }, (_, seed) => seed + 1);

function outcomeOf(outcome: NamespaceOutcome): VectorOutcome {
  if (outcome.kind !== 'via') return outcome.kind;
  const via = outcome.assignments.map(({ egressIp, nodeIp }) => ({
    egressIP: egressIp,
    nodeIP: nodeIp,
  }));
  return { via };
}

function sorted<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => JSON.stringify(item))
    .sort()
    .map((text) => JSON.parse(text));
}

class VectorRun {
  readonly #tracker: Tracker;
  readonly #profile: Profile;
  readonly #random: Random;
  readonly #cloud: ReadonlyMap<string, CloudNode> | null;
  readonly #stored = new Map<string, HostSubnetFields>();
  readonly #namespaces: Record<string, VectorOutcome> = {};
  readonly #variables = new Map<string, string>();
  #allocation: Allocation = new Map();

  constructor(vector: TrackerVector, profile: Profile, seed: number) {
    this.#profile = profile;
    this.#random = new Random(seed).fork('allocator');
    this.#cloud = cloudOf(vector);
    this.#tracker = new Tracker({ profile, cloud: this.#cloud });
  }

  run(step: VectorStep): void {
    const resolved = this.#resolve(step);
    const effects = this.#do(resolved);
    for (const effect of effects) {
      if (effect.kind === 'namespace') this.#namespaces[effect.vnid] = outcomeOf(effect.outcome);
    }
    this.#check(resolved, effects);
  }

  #resolve(step: VectorStep): VectorStep {
    const text = JSON.stringify(step).replaceAll(/"\$(\w+)"/g, (_, name: string) =>
      JSON.stringify(this.#variables.get(name)),
    );
    return JSON.parse(text);
  }

  #do(step: VectorStep): readonly TrackerEffect[] {
    switch (step.do) {
      case 'updateHostSubnet': {
        const fields = this.#fields(step);
        this.#stored.set(step.name ?? '', fields);
        return this.#update(step.name ?? '', fields, step.via === 'watchEvent');
      }
      case 'deleteHostSubnet': {
        const stored = this.#stored.get(step.name ?? '');
        if (stored === undefined) throw new Error(`no HostSubnet ${step.name}`);
        return this.#tracker.deleteHostSubnet(viewHostSubnet(hostSubnet(stored)));
      }
      case 'updateNetNamespace':
        return this.#tracker.updateNetNamespace(
          step.name ?? '',
          step.netid ?? 0,
          step.egressIPs as readonly string[],
        );
      case 'deleteNetNamespace':
        return this.#tracker.deleteNetNamespace(step.name ?? '', step.netid ?? 0);
      case 'setNodeOffline':
        return this.#tracker.setNodeOffline(step.nodeIP ?? '', step.offline ?? false);
      case 'reallocate':
        this.#reallocate(step);
        return [];
      case 'applyAllocation':
        return [...this.#allocation].flatMap(([name, egressIPs]) => {
          const stored = { ...(this.#stored.get(name) as HostSubnetFields), egressIPs };
          this.#stored.set(name, stored);
          return this.#update(name, stored, false);
        });
      case 'validateHostSubnet':
      case 'comment':
        return [];
      default:
        throw new Error(`unknown step ${step.do}`);
    }
  }

  #fields(step: VectorStep): HostSubnetFields {
    const { host = '', hostIP = '', subnet = '', egressIPs = [], egressCIDRs = [] } = step;
    const ips =
      'fromLastAllocation' in egressIPs
        ? this.#allocation.get(egressIPs.fromLastAllocation)
        : egressIPs;
    return { host, hostIP, subnet, egressIPs: ips ?? [], egressCIDRs };
  }

  #update(name: string, fields: HostSubnetFields, watched: boolean): readonly TrackerEffect[] {
    const view = viewHostSubnet(hostSubnet(fields, meta(name)));
    return watched ? this.#tracker.receiveHostSubnet(view) : this.#tracker.updateHostSubnet(view);
  }

  #reallocate(step: VectorStep): void {
    const { state } = this.#tracker;
    this.#allocation = allocate({ state, profile: this.#profile, random: this.#random });
    for (const [variable, { nodeIPHosting, ipOnNode }] of Object.entries(step.bind ?? {})) {
      const name = [...this.#allocation].find(([, ips]) => ips.includes(nodeIPHosting ?? ''))?.[0];
      const value =
        ipOnNode === undefined
          ? this.#stored.get(name ?? '')?.hostIP
          : this.#allocation.get(ipOnNode)?.[0];
      this.#variables.set(variable, value ?? '');
    }
  }

  #check(step: VectorStep, effects: readonly TrackerEffect[]): void {
    const wanted = step.expect;
    if (wanted === undefined) return;
    if (wanted.claims !== undefined) {
      const claims = effects.flatMap((effect) => {
        if (effect.kind !== 'claim') return [];
        const { vnid, egressIp: egressIP, nodeIp: nodeIP, sdnIp: sdnIP, nodeOffline } = effect;
        const all: Record<string, unknown> = { egressIP, nodeIP, vnid, sdnIP, nodeOffline };
        const like = wanted.claims?.find((claim) => claim.egressIP === egressIP) ?? {};
        return [Object.fromEntries(Object.keys(like).map((key) => [key, all[key]]))];
      });
      expect(sorted(claims)).toEqual(sorted(wanted.claims));
    }
    if (wanted.releases !== undefined) {
      const releases = effects.flatMap((effect) =>
        effect.kind === 'release' ? [{ egressIP: effect.egressIp, nodeIP: effect.nodeIp }] : [],
      );
      expect(sorted(releases)).toEqual(sorted(wanted.releases));
    }
    if (wanted.namespaceCalls !== undefined) {
      const calls = effects.flatMap((effect) =>
        effect.kind === 'namespace'
          ? [{ outcome: outcomeOf(effect.outcome), vnid: effect.vnid }]
          : [],
      );
      const expected = wanted.namespaceCalls.map(({ vnid, outcome }) => ({ outcome, vnid }));
      expect(sorted(calls)).toEqual(sorted(expected));
    }
    if (wanted.namespaces !== undefined) expect(this.#namespaces).toEqual(wanted.namespaces);
    if (wanted.errors !== undefined) {
      const errors = effects.flatMap((effect) =>
        effect.kind === 'log' ? [effect.entry.text] : [],
      );
      expect(sorted(errors)).toEqual(sorted(wanted.errors));
    }
    const updates = effects.filter((effect) => effect.kind === 'reallocate').length;
    if (typeof wanted.egressCIDRUpdates === 'number') {
      expect(updates).toBe(wanted.egressCIDRUpdates);
    } else if (wanted.egressCIDRUpdates !== undefined) {
      expect(updates).toBeGreaterThanOrEqual(wanted.egressCIDRUpdates.min);
    }
    if (wanted.allocation !== undefined) checkAllocation(this.#allocation, wanted.allocation);
    if (wanted.valid !== undefined) {
      const view = viewHostSubnet(hostSubnet(this.#fields(step)));
      const node = this.#cloud?.get(step.host ?? '');
      expect(node === undefined ? null : cloudError(view, node)).toBe(wanted.errorText ?? null);
    }
  }
}

function cloudOf(vector: TrackerVector): ReadonlyMap<string, CloudNode> | null {
  if (vector.nodes === undefined) return null;
  return new Map(
    Object.entries(vector.nodes).flatMap(([name, { annotation }]) => {
      const [config] = Object.values(annotation).map((value) =>
        parseEgressIpConfig(JSON.stringify(value)),
      );
      return config === undefined || config === null ? [] : [[name, config] as const];
    }),
  );
}

function checkAllocation(allocation: Allocation, wanted: AllocationExpectation): void {
  const on = (node: string): readonly string[] => allocation.get(node) ?? [];
  const placed = [...allocation.values()].flat();
  const asSets = (map: Readonly<Record<string, readonly string[]>>): unknown =>
    Object.fromEntries(Object.entries(map).map(([node, ips]) => [node, [...ips].sort()]));
  const entries = <T>(map: Readonly<Record<string, T>> | undefined): [string, T][] =>
    Object.entries(map ?? {});
  if (wanted.exact !== undefined) {
    for (const [node, ips] of entries(wanted.exact)) {
      expect(allocation.has(node)).toBe(true);
      expect([...on(node)].sort()).toEqual([...ips].sort());
    }
  }
  if (wanted.oneOf !== undefined) {
    expect(wanted.oneOf.map(asSets)).toContainEqual(asSets(Object.fromEntries(allocation)));
  }
  for (const [node, count] of entries(wanted.count)) expect(on(node)).toHaveLength(count);
  for (const [node, min] of entries(wanted.countMin))
    expect(on(node).length).toBeGreaterThanOrEqual(min);
  for (const [node, max] of entries(wanted.countMax))
    expect(on(node).length).toBeLessThanOrEqual(max);
  if (wanted.total?.eq !== undefined) expect(placed).toHaveLength(wanted.total.eq);
  if (wanted.total?.max !== undefined) expect(placed.length).toBeLessThanOrEqual(wanted.total.max);
  for (const node of wanted.keysAbsent ?? []) expect([...allocation.keys()]).not.toContain(node);
  for (const ip of wanted.assignedAll ?? []) expect(placed).toContain(ip);
  for (const ip of wanted.assignedNone ?? []) expect(placed).not.toContain(ip);
  for (const group of wanted.assignedAny ?? [])
    expect(group.some((ip) => placed.includes(ip))).toBe(true);
  for (const group of wanted.notAllOf ?? [])
    expect(group.every((ip) => placed.includes(ip))).toBe(false);
  for (const [node, ips] of entries(wanted.onNode))
    expect(on(node)).toEqual(expect.arrayContaining([...ips]));
  for (const [node, ips] of entries(wanted.notOnNode))
    for (const ip of ips) expect(on(node)).not.toContain(ip);
}

const cases = vectorFile.vectors.flatMap((vector) =>
  vector.profiles.map((profile): [ProfileName, string, TrackerVector] => [
    profile,
    vector.name,
    vector,
  ]),
);

describe('the tracker and the allocator decide as the original', () => {
  test.each(cases)('%s: %s', (profile, _name, vector) => {
    for (const seed of SEEDS) {
      const run = new VectorRun(vector, profiles[profile], seed);
      vector.steps.forEach((step, index) => {
        try {
          run.run(step);
        } catch (error) {
          throw new Error(`step ${index} (${step.do}), seed ${seed}: ${String(error)}`, {
            cause: error,
          });
        }
      });
    }
  });
});

describe('the packet mark of a VNID', () => {
  const marks = vectorFile.markVectors.flatMap((vector) =>
    vector.profiles.map((profile) => [profile, vector.name, vector] as const),
  );
  test.each(marks)('%s: %s', (profile, _name, { vnid, masqueradeBit, mark }) => {
    expect(formatMark(markForVnid(vnid, profiles[profile], masqueradeBit))).toBe(mark);
  });

  test('before 4.8 the mark of the article keeps the drop bit', () => {
    expect(formatMark(markForVnid(5_281_170, profiles['v4.3']))).toBe('0x00509592');
  });
});

describe('a HostSubnet is valid for the watch handlers', () => {
  test.each(vectorFile.validationVectors.map((vector) => [vector.name, vector] as const))(
    '%s',
    (_name, { hostSubnet: given, error }) => {
      const { metadata, ...fields } = given;
      const object = hostSubnet(fields, meta(metadata.name, metadata.annotations));
      expect(hostSubnetError(object)).toBe(error ?? null);
    },
  );
});
