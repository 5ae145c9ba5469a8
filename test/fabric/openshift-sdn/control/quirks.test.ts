import { describe, expect, test } from 'vitest';
import { EgressLabError } from '../../../../src/base/errors.ts';
import { formatKlog } from '../../../../src/fabric/klog.ts';
import { allocate } from '../../../../src/fabric/openshift-sdn/control/allocator.ts';
import { viewHostSubnet } from '../../../../src/fabric/openshift-sdn/control/host-subnet-view.ts';
import { messages } from '../../../../src/fabric/openshift-sdn/control/messages.ts';
import {
  type Profile,
  type ProfileName,
  profiles,
  resolveProfile,
} from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import {
  type QuirkName,
  quirkNames,
  quirks,
} from '../../../../src/fabric/openshift-sdn/control/quirks.ts';
import { Tracker } from '../../../../src/fabric/openshift-sdn/control/tracker.ts';
import { podName, processId } from '../../../../src/fabric/pod-names.ts';
import { Random } from '../../../../src/sim/random.ts';
import { ArticleCluster } from './cluster.ts';
import { hostSubnet } from './objects.ts';

const A = '172.17.0.100';
const B = '172.17.0.101';

function profile(name: ProfileName, quirk: QuirkName, on: boolean): Profile {
  return resolveProfile(name, new Map([[quirk, on]]));
}

function subnet(host: string, egressIPs: readonly string[], egressCIDRs: readonly string[] = []) {
  return viewHostSubnet(
    hostSubnet({ host, hostIP: `172.17.0.${host.slice(-1)}`, egressIPs, egressCIDRs }),
  );
}

function outcomes(tracker: Tracker): unknown {
  return [...tracker.state.namespaces.values()].map(({ vnid, outcome }) => [vnid, outcome?.kind]);
}

describe('each quirk can be switched by itself', () => {
  test('history-dependent-activation: the second of two IPs on one node kills the first only when it is off', () => {
    const active = (on: boolean): unknown => {
      const tracker = new Tracker({ profile: profile('head', 'history-dependent-activation', on) });
      tracker.updateNetNamespace('ns', 42, [A, B]);
      tracker.updateHostSubnet(subnet('node-3', [A]));
      tracker.updateHostSubnet(subnet('node-3', [A, B]));
      return outcomes(tracker);
    };
    expect(active(true)).toEqual([[42, 'via']]);
    expect(active(false)).toEqual([[42, 'dropped']]);
  });

  test('stale-netid-request: a changed netid leaves the old request behind', () => {
    const told = (on: boolean): unknown => {
      const tracker = new Tracker({ profile: profile('v4.3', 'stale-netid-request', on) });
      tracker.updateHostSubnet(subnet('node-3', [A]));
      tracker.updateNetNamespace('project1', 42, [A]);
      tracker.updateNetNamespace('project1', 43, [A]);
      return outcomes(tracker);
    };
    expect(told(true)).toEqual([
      [42, 'dropped'],
      [43, 'dropped'],
    ]);
    expect(told(false)).toEqual([[43, 'via']]);
  });

  test('single-ip-ignores-offline: a namespace with one IP is sent to a dead node', () => {
    const told = (on: boolean): unknown => {
      const tracker = new Tracker({ profile: profile('v4.3', 'single-ip-ignores-offline', on) });
      tracker.updateHostSubnet(subnet('node-3', [A]));
      tracker.updateNetNamespace('ns', 42, [A]);
      tracker.setNodeOffline('172.17.0.3', true);
      return outcomes(tracker);
    };
    expect(told(true)).toEqual([[42, 'via']]);
    expect(told(false)).toEqual([[42, 'dropped']]);
  });

  test('siblings-share-a-node: two IPs of one namespace land on one node', () => {
    const placed = (on: boolean): unknown => {
      const chosen = profile('head', 'siblings-share-a-node', on);
      const tracker = new Tracker({ profile: chosen });
      tracker.updateHostSubnet(subnet('node-3', [], ['172.17.0.0/24']));
      tracker.updateNetNamespace('ns', 42, [A, B]);
      return [
        ...allocate({ state: tracker.state, profile: chosen, random: new Random(1) }).values(),
      ];
    };
    expect(placed(true)).toEqual([[A, B]]);
    expect(placed(false)).toEqual([[A]]);
  });

  test('static-ips-block-rebalancing: a static IP keeps an emptied node empty for ever', () => {
    const onReturned = (on: boolean): number => {
      const chosen = profile('v4.3', 'static-ips-block-rebalancing', on);
      const tracker = new Tracker({ profile: chosen });
      const ips = [1, 2, 3, 4].map((last) => `172.17.0.${last}0`);
      tracker.updateHostSubnet(subnet('node-5', [A]));
      tracker.updateNetNamespace('static', 99, [A]);
      ips.forEach((ip, at) => {
        tracker.updateNetNamespace(`ns-${at}`, 100 + at, [ip]);
      });
      tracker.updateHostSubnet(subnet('node-3', ips, ['172.17.0.0/24']));
      tracker.updateHostSubnet(subnet('node-4', [], ['172.17.0.0/24']));
      const random = new Random(1);
      for (let round = 0; round < 4; round++) {
        const allocation = allocate({ state: tracker.state, profile: chosen, random });
        for (const node of ['node-3', 'node-4']) {
          tracker.updateHostSubnet(subnet(node, allocation.get(node) ?? [], ['172.17.0.0/24']));
        }
      }
      return allocate({ state: tracker.state, profile: chosen, random }).get('node-4')?.length ?? 0;
    };
    expect(onReturned(true)).toBe(0);
    expect(onReturned(false)).toBe(2);
  });

  test('no-conntrack-commit: egress traffic to another node is not committed', () => {
    const commit = (on: boolean): unknown => {
      const cluster = new ArticleCluster({ profile: profile('head', 'no-conntrack-commit', on) });
      cluster.oc(
        `patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`,
      );
      cluster.oc(`patch hostsubnet worker01 --type=merge -p '{"egressIPs": ["192.168.50.120"]}'`);
      cluster.until(1);
      return cluster.site('worker02').node.namespaces.get(5_281_170);
    };
    expect(commit(true)).toMatchObject({ kind: 'via', commit: false });
    expect(commit(false)).toMatchObject({ kind: 'via', commit: true });
  });
});

describe('profiles', () => {
  test('every quirk says what it does in one sentence', () => {
    for (const name of quirkNames) expect(quirks[name]).toMatch(/^[a-z].{30,}[^.]$/);
  });

  test('an unknown profile or quirk is refused with the known ones', () => {
    const refusal = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error instanceof EgressLabError ? [error.code, error.message, error.hint] : error;
      }
    };
    expect(refusal(() => resolveProfile('v4.4'))).toEqual([
      'EGL_SDN_PROFILE',
      'there is no OpenShift SDN profile "v4.4"',
      'Did you mean "v4.3"? Known: v4.3, head.',
    ]);
    expect(refusal(() => resolveProfile('head', new Map([['sticky-fail-count', true]])))).toEqual([
      'EGL_SDN_QUIRK',
      'there is no quirk "sticky-fail-count"',
      expect.stringContaining('Did you mean "sticky-failure-count"?'),
    ]);
  });

  test('switching a quirk leaves the profile itself alone', () => {
    profile('head', 'sticky-failure-count', false);
    expect(profiles.head.quirks.has('sticky-failure-count')).toBe(true);
  });
});

describe('klog', () => {
  test('a line of the article, character by character', () => {
    const micros = 1_589_011_743_956_672;
    const text =
      'Multiple EgressIPs (192.168.50.120, 192.168.50.121) for VNID 5281170 on node 192.168.50.144';
    expect(formatKlog('E', micros, 2649, messages['tracker-error'].at['v4.3'], text)).toBe(
      `E0509 08:09:03.956672    2649 egressip.go:370] ${text}`,
    );
  });

  test('V4 lines appear with --v=4', () => {
    const tracker = new Tracker({ profile: profiles.head, verbosity: 4 });
    const lines = [
      ...tracker.updateNetNamespace('ns', 42, [A]),
      ...tracker.updateHostSubnet(subnet('node-3', [A])),
      ...tracker.setNodeOffline('172.17.0.3', true),
      ...tracker.updateNetNamespace('other', 43, [A]),
    ].flatMap((effect) => (effect.kind === 'log' ? [effect.entry.text] : []));
    expect(lines).toEqual([
      `VNID 42 cannot use unassigned egress IP ${A}`,
      `Assigning egress IP ${A} to node 172.17.0.3`,
      `VNID 42 cannot use egress IP ${A} on offline node 172.17.0.3`,
      `Multiple namespaces (42, 43) claiming EgressIP ${A}`,
      `Removing egress IP ${A} from node 172.17.0.3`,
      `VNID 42 gets no egress due to multiply-assigned egress IP ${A}`,
      `VNID 43 gets no egress due to multiply-assigned egress IP ${A}`,
    ]);
  });
});

test('pods are named as Kubernetes names them, from the seed', () => {
  const name = podName('sdn', new Random(3).fork('names:worker01'));
  expect(name).toMatch(/^sdn-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(podName('sdn', new Random(3).fork('names:worker01'))).toBe(name);
  expect(processId(new Random(3))).toBeGreaterThan(1000);
});
