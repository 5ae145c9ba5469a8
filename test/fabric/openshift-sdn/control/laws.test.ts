import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Allocation,
  allocate,
} from '../../../../src/fabric/openshift-sdn/control/allocator.ts';
import { viewHostSubnet } from '../../../../src/fabric/openshift-sdn/control/host-subnet-view.ts';
import {
  type Profile,
  profiles,
  resolveProfile,
} from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { Tracker } from '../../../../src/fabric/openshift-sdn/control/tracker.ts';
import { activationError } from '../../../../src/fabric/openshift-sdn/control/tracker-rules.ts';
import { Random } from '../../../../src/sim/random.ts';
import { type HistoryEvent, historyArbitrary, topologyOf, Witness } from './history.ts';
import { hostSubnet } from './objects.ts';

/** Runs `law` after every event of random histories; a failure is told as a topology. */
function always(profile: Profile, law: (witness: Witness, event: HistoryEvent) => void): void {
  fc.assert(
    fc.property(historyArbitrary, (history) => {
      const witness = new Witness(profile);
      try {
        for (const event of history) {
          witness.apply(event);
          law(witness, event);
        }
      } catch (error) {
        const topology = topologyOf(history, profile);
        throw new Error(`${String(error)}\nreplay it with:\n${topology}`, { cause: error });
      }
    }),
    { numRuns: 300 },
  );
}

describe.each([profiles['v4.3'], profiles.head])('in every history ($name)', (profile) => {
  test('an egress IP has one holder at a time, and is released before it is claimed elsewhere', () => {
    always(profile, ({ claimed, listed, requested }) => {
      for (const ip of claimed.keys()) {
        expect([...listed.values()].filter((ips) => ips.includes(ip))).toHaveLength(1);
        expect([...requested.values()].filter((ips) => ips.includes(ip))).toHaveLength(1);
      }
    });
  });

  test('a namespace that requests egress IPs never leaves by the node IP', () => {
    always(profile, ({ outcomes, requested }) => {
      for (const [vnid, ips] of requested) {
        if (ips.length > 0) expect(outcomes.get(vnid)?.kind).toMatch(/^(via|dropped)$/);
        else expect(outcomes.get(vnid)?.kind ?? 'normal').toBe('normal');
      }
    });
  });

  test('what a namespace uses is claimed where it says, is requested, and is in its own order', () => {
    always(profile, ({ claimed, outcomes, requested }) => {
      for (const [vnid, outcome] of outcomes) {
        if (outcome.kind !== 'via') continue;
        const used = outcome.assignments.map(({ egressIp }) => egressIp);
        for (const { egressIp, nodeIp } of outcome.assignments)
          expect(claimed.get(egressIp)).toBe(nodeIp);
        const wanted = requested.get(vnid) ?? [];
        expect([...used].sort()).toEqual(wanted.filter((ip) => used.includes(ip)).sort());
        if (profile.namespaceUses === 'first-usable') expect(used).toHaveLength(1);
      }
    });
  });

  test('nobody is remembered whom nobody mentions', () => {
    always(profile, ({ listed, requested, tracker }) => {
      const mentioned = new Set([...listed.values(), ...requested.values()].flat());
      expect([...tracker.state.egressIps.keys()].every((ip) => mentioned.has(ip))).toBe(true);
      expect([...tracker.state.namespaces.values()].every((ns) => ns.requested.length > 0)).toBe(
        true,
      );
    });
  });

  test('a HostSubnet that is handed on again changes nothing', () => {
    always(profile, (witness, event) => {
      if (event.do === 'host-subnet') expect(witness.apply(event)).toEqual([]);
    });
  });

  test('without its dependence on history, an IP is active exactly when the rules say so now', () => {
    const fixed = resolveProfile(profile.name, new Map([['history-dependent-activation', false]]));
    always(fixed, ({ claimed, tracker }) => {
      for (const record of tracker.state.egressIps.values()) {
        expect(claimed.has(record.ip)).toBe(activationError(record, tracker.state) === null);
      }
    });
  });
});

interface Cluster {
  readonly nodes: readonly { readonly cidr: string; readonly offline: boolean }[];
  readonly namespaces: readonly (readonly string[])[];
  readonly seed: number;
}

const clusterArbitrary: fc.Arbitrary<Cluster> = fc.record({
  nodes: fc.array(
    fc.record({
      cidr: fc.constantFrom('192.168.50.0/24', '192.168.50.0/29', '192.168.50.8/29'),
      offline: fc.nat(4).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  namespaces: fc
    .shuffledSubarray(Array.from({ length: 16 }, (_, last) => `192.168.50.${last}`))
    .chain((ips) =>
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 }).map((sizes) => {
        const rest = [...ips];
        return sizes.map((size) => rest.splice(0, size)).filter((list) => list.length > 0);
      }),
    ),
  seed: fc.nat(1000),
});

/** A tracker whose HostSubnets are written as the allocator says. */
class Allocating {
  readonly tracker: Tracker;
  readonly #cluster: Cluster;
  readonly #profile: Profile;
  readonly #random: Random;

  constructor(cluster: Cluster, profile: Profile) {
    this.#cluster = cluster;
    this.#profile = profile;
    this.#random = new Random(cluster.seed);
    this.tracker = new Tracker({ profile });
    this.write(new Map());
    cluster.nodes.forEach(({ offline }, at) => {
      this.tracker.setNodeOffline(`192.168.51.${at}`, offline);
    });
    cluster.namespaces.forEach((ips, at) => {
      this.tracker.updateNetNamespace(`ns-${at}`, 100 + at, ips);
    });
  }

  allocate(): Allocation {
    return allocate({ state: this.tracker.state, profile: this.#profile, random: this.#random });
  }

  write(allocation: Allocation): void {
    this.#cluster.nodes.forEach(({ cidr }, at) => {
      const egressIPs = allocation.get(`node-${at}`) ?? [];
      const fields = {
        host: `node-${at}`,
        hostIP: `192.168.51.${at}`,
        egressIPs,
        egressCIDRs: [cidr],
      };
      this.tracker.updateHostSubnet(viewHostSubnet(hostSubnet(fields)));
    });
  }
}

describe.each([profiles['v4.3'], profiles.head])('in every cluster ($name)', (profile) => {
  test('the allocator places an IP once, only where it belongs, and moves it only by way of nowhere', () => {
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const run = new Allocating(cluster, profile);
        for (let round = 0; round < 6; round++) {
          const before = new Map(
            [...run.tracker.state.egressIps.values()].flatMap(({ assignedNodeIp, ip }) =>
              assignedNodeIp === null ? [] : [[ip, assignedNodeIp] as const],
            ),
          );
          const allocation = run.allocate();
          const placed = [...allocation.values()].flat();
          expect(new Set(placed).size).toBe(placed.length);
          for (const [name, ips] of allocation) {
            const at = Number(name.slice('node-'.length));
            if (cluster.nodes[at]?.offline === true) expect(ips).toEqual([]);
            for (const ip of ips)
              expect(before.get(ip) ?? `192.168.51.${at}`).toBe(`192.168.51.${at}`);
            for (const wanted of cluster.namespaces) {
              expect(ips.filter((ip) => wanted.includes(ip)).length).toBeLessThanOrEqual(1);
            }
          }
          run.write(allocation);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('it comes to rest', () => {
    fc.assert(
      fc.property(clusterArbitrary, (cluster) => {
        const run = new Allocating(cluster, profile);
        for (let round = 0; round < 8; round++) run.write(run.allocate());
        const sets = (allocation: Allocation): unknown =>
          [...allocation].map(([name, ips]) => [name, [...ips].sort()]);
        const before = run.allocate();
        run.write(before);
        expect(sets(run.allocate())).toEqual(sets(before));
      }),
      { numRuns: 300 },
    );
  });
});
