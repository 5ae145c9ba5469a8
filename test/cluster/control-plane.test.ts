// Nodes that fail in each way and come back: who holds the egress IP, who knows of it, who decides.

import { describe, expect, test } from 'vitest';
import { HostSubnets } from '../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { sdnNode } from '../fabric/openshift-sdn/sdn-node.ts';
import { ip } from '../support/frames.ts';
import { parseOc } from '../support/kinds.ts';
import { topologyOf } from '../support/scenarios.ts';

const EGRESS = '192.168.50.120';

function cluster(
  roles: readonly string[] = ['master', 'worker', 'worker'],
  interfaceName = '',
): Lab {
  const named = interfaceName === '' ? '' : `, interface: ${interfaceName}`;
  const nodes = roles.map(
    (role, index) =>
      `    n${index}: { role: ${role}, address: 192.168.50.${index + 1}${named}, egressCIDRs: [${role === 'master' ? '' : '192.168.50.0/24'}] }`,
  );
  const text = `name: control
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
${nodes.join('\n')}
  namespaces: { shop: { netid: 42, egressIPs: [${EGRESS}] } }
  pods: { web: { namespace: shop, node: n1 } }
`;
  const lab = createLab(topologyOf(text, 'control.yaml'));
  lab.advance('5s');
  return lab;
}

function holders(lab: Lab): string[] {
  return lab
    .stacks()
    .filter((stack) => stack.powered && stack.addresses.isLocal(ip(EGRESS)))
    .map(({ name }) => name);
}

function assigned(lab: Lab): string[] {
  const subnets = lab.cluster?.store.list(HostSubnets).items ?? [];
  return subnets
    .filter(({ egressIPs = [] }) => egressIPs.includes(EGRESS))
    .map(({ metadata }) => metadata.name);
}

function oc(lab: Lab, command: string): number {
  const result = lab.cluster?.oc(parseOc(command), command);
  return result?.exitCode ?? -1;
}

const other = (name: string | undefined): string => (name === 'n1' ? 'n2' : 'n1');
const running = (lab: Lab, node: string): boolean =>
  lab.cluster?.controlPlane.agents(node).some(({ isRunning }) => isRunning) ?? false;

describe('the node that holds the egress IP', () => {
  test('loses it with its power, and gets nothing back by booting', () => {
    const lab = cluster();
    const [first = ''] = holders(lab);
    expect(assigned(lab)).toEqual([first]);
    lab.fail(first);
    expect(holders(lab)).toEqual([]);
    lab.advance('60s');
    expect(holders(lab)).toEqual([other(first)]);
    lab.restore(first);
    lab.advance('60s');
    expect(holders(lab)).toEqual([other(first)]);
    expect(assigned(lab)).toEqual([other(first)]);
    expect(running(lab, first)).toBe(true);
  });

  test('that is only unplugged keeps the address: two hold it, until it is plugged in again', () => {
    const lab = cluster();
    const [first = ''] = holders(lab);
    lab.fail(first, 'unplugged');
    lab.advance('60s');
    expect(holders(lab).sort()).toEqual(['n1', 'n2']);
    lab.restore(first);
    lab.advance('60s');
    expect(holders(lab)).toEqual([other(first)]);
  });

  test('whose agent is stopped, then its power, boots with everything running', () => {
    const lab = cluster();
    const [first = ''] = holders(lab);
    lab.fail(first, 'agent-stopped');
    expect(running(lab, first)).toBe(false);
    expect(holders(lab)).toEqual([first]);
    lab.fail(first);
    lab.advance('60s');
    expect(holders(lab)).toEqual([other(first)]);
    lab.restore(first);
    expect(running(lab, first)).toBe(true);
    lab.advance('30s');
    expect(holders(lab)).toEqual([other(first)]);
    // The agent listens again: it does what it is told.
    lab.fail(other(first));
    lab.advance('60s');
    expect(holders(lab)).toEqual([first]);
  });

  test('whose agent is stopped holds on to what it should give up, and gives it up when it starts', () => {
    const lab = cluster();
    const [first = ''] = holders(lab);
    lab.fail(first, 'agent-stopped');
    oc(lab, `patch netnamespace shop --type=merge -p '{"egressIPs": []}'`);
    lab.advance('10s');
    expect(assigned(lab)).toEqual([]);
    expect(holders(lab)).toEqual([first]);
    lab.restore(first);
    lab.advance('10s');
    expect(holders(lab)).toEqual([]);
    expect(lab.events.events.some(({ kind }) => kind === 'powered-on')).toBe(false);
  });

  test('keeps its own address over a power failure, however long the name of its interface', () => {
    const lab = cluster(undefined, 'enp0s31f6xyz');
    const [first = ''] = holders(lab);
    expect(first).not.toBe('');
    const own = ip(`192.168.50.${Number(first.slice(1)) + 1}`);
    expect(sdnNode(lab, first).egressAddresses('enp0s31f6xyz')).toEqual([ip(EGRESS)]);
    lab.fail(first);
    lab.restore(first);
    expect(lab.stack(first).addresses.isLocal(own)).toBe(true);
    expect(lab.stack(first).addresses.isLocal(ip(EGRESS))).toBe(false);
  });
});

describe('the controller', () => {
  test('is gone with its node: nothing moves meanwhile; it goes on when the node is back', () => {
    const lab = cluster();
    const [first = ''] = holders(lab);
    lab.fail('n0');
    lab.fail(first);
    lab.advance('120s');
    expect(holders(lab)).toEqual([]);
    expect(assigned(lab)).toEqual([first]);
    lab.restore('n0');
    lab.advance('60s');
    expect(holders(lab)).toEqual([other(first)]);
  });

  test('fails and returns with nothing else wrong: nothing moves', () => {
    const lab = cluster();
    const before = holders(lab);
    lab.fail('n0');
    lab.advance('30s');
    lab.restore('n0');
    lab.advance('60s');
    expect(holders(lab)).toEqual(before);
  });
});

describe('the API', () => {
  test('reaches no node that is cut from the masters, until the partition is healed', () => {
    const lab = cluster();
    const [first = ''] = holders(lab);
    lab.partition('lan', [[first], ['n0', other(first)]]);
    lab.advance('60s');
    expect(assigned(lab)).toEqual([other(first)]);
    expect(holders(lab).sort()).toEqual(['n1', 'n2']);
    lab.heal('lan');
    lab.advance('30s');
    expect(holders(lab)).toEqual([other(first)]);
  });

  test('is reached by another master when one is gone', () => {
    const lab = cluster(['master', 'master', 'worker', 'worker']);
    const [first = ''] = holders(lab);
    lab.fail('n1');
    lab.fail(first);
    lab.advance('60s');
    expect(holders(lab)).toHaveLength(1);
    expect(holders(lab)).not.toEqual([first]);
  });

  test('without any master is outside: every node that has power reaches it', () => {
    const lab = cluster(['worker', 'worker', 'worker']);
    const [first = ''] = holders(lab);
    expect(first).not.toBe('');
    const rest = ['n0', 'n1', 'n2'].filter((name) => name !== first);
    // The controller runs on the first node; fail another one.
    if (first === 'n0') return;
    lab.fail(first);
    lab.advance('60s');
    expect(rest).toEqual(expect.arrayContaining(holders(lab)));
    expect(holders(lab)).toHaveLength(1);
  });

  test('a cable that is down takes the connection along, one direction is enough', () => {
    const lab = cluster();
    const cable = { kind: 'interface', machine: 'n1', interface: 'enp1s0' } as const;
    const up = (): boolean => lab.cluster?.controlPlane.connection('n1')?.up ?? false;
    expect(up()).toBe(true);
    lab.setLink(cable, false, 'in');
    expect(up()).toBe(false);
    lab.fail('n1');
    lab.restore('n1');
    expect(up()).toBe(false);
    lab.setLink(cable, true, 'in');
    expect(up()).toBe(true);
  });
});
