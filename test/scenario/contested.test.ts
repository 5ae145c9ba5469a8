// Which addresses a run is about, and from when on.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { contestedAddresses } from '../../src/scenario/contested.ts';
import { ip } from '../support/frames.ts';
import { parseOc } from '../support/kinds.ts';
import { cidr, nic } from '../support/lan.ts';
import { topologyOf } from '../support/scenarios.ts';

function hosts(second = '10.0.0.12'): Lab {
  return createLab(
    topologyOf(
      `name: contested
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  first: { interfaces: { eth0: { segment: lan, address: 10.0.0.11 } } }
  second: { interfaces: { eth0: { segment: lan, address: ${second} } } }
`,
      'contested.yaml',
    ),
  );
}

function cluster(): Lab {
  return createLab(
    topologyOf(
      `name: contested
segments: { lan: { subnet: 10.0.0.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    one: { role: master, address: 10.0.0.1, egressCIDRs: [10.0.0.0/24] }
    two: { address: 10.0.0.2, egressCIDRs: [10.0.0.0/24] }
  namespaces: { shop: { egressIPs: [10.0.0.100] } }
`,
      'contested.yaml',
    ),
  );
}

describe('an address of hosts', () => {
  test('is news when a logical router answers for it besides its owner', () => {
    const lab = hosts();
    const fields = { holder: 'GR_second', interface: 'rtoe-GR_second', mac: '02:00:00:00:00:02' };
    lab.events.emit('second', 'claim-added', { address: '10.0.0.11', ...fields });
    expect(contestedAddresses(lab).list()).toEqual(['10.0.0.11']);
    const contested = contestedAddresses(lab);
    lab.events.emit('second', 'claim-added', { address: '10.0.0.99', ...fields });
    expect(contested.has('10.0.0.99')).toBe(false);
    lab.events.emit('first', 'claim-added', { address: '10.0.0.99', ...fields });
    expect(contested.has('10.0.0.99')).toBe(true);
  });

  test('is news when two machines have it from the start; loopback never is', () => {
    expect(contestedAddresses(hosts()).list()).toEqual([]);
    const lab = hosts('10.0.0.11');
    expect(contestedAddresses(lab).list()).toEqual(['10.0.0.11']);
    expect(contestedAddresses(lab).has('127.0.0.1')).toBe(false);
  });

  test('is news from the moment when another takes it, and stays so', () => {
    const lab = hosts();
    const contested = contestedAddresses(lab);
    const second = lab.stack('second');
    second.addresses.add(nic(second), cidr('10.0.0.11/24'));
    expect(contested.has('10.0.0.11')).toBe(true);
    second.addresses.remove(nic(second), ip('10.0.0.11'));
    expect(contested.list()).toEqual(['10.0.0.11']);
  });

  test('is none that one machine has twice, or takes back', () => {
    const lab = hosts();
    const contested = contestedAddresses(lab);
    const first = lab.stack('first');
    first.addresses.add(first.loopback, cidr('10.0.0.11/32'));
    first.addresses.remove(nic(first), ip('10.0.0.11'));
    first.addresses.add(nic(first), cidr('10.0.0.11/24'));
    expect(contested.list()).toEqual([]);
  });

  test('is news when one machine had it and another has it now', () => {
    const lab = hosts();
    const contested = contestedAddresses(lab);
    const [first, second] = [lab.stack('first'), lab.stack('second')];
    first.addresses.remove(nic(first), ip('10.0.0.11'));
    second.addresses.add(nic(second), cidr('10.0.0.11/32'));
    expect(contested.has('10.0.0.11')).toBe(true);
  });

  test('is news when it is announced, in the order in which that happens', () => {
    const lab = hosts();
    const contested = contestedAddresses(lab);
    for (const address of ['10.0.0.99', '10.0.0.98', '10.0.0.99']) {
      lab.events.emit('first', 'announced', { address, interface: 'eth0', form: 'reply' });
    }
    expect(contested.list()).toEqual(['10.0.0.99', '10.0.0.98']);
  });
});

describe('an egress IP', () => {
  test('is news from the start, before anybody holds it', () => {
    const lab = cluster();
    const contested = contestedAddresses(lab);
    expect(contested.list()).toEqual(['10.0.0.100']);
    lab.advance('5s');
    expect(contested.list()).toEqual(['10.0.0.100']);
  });

  test('is news as soon as an object names it, and stays so when it was held', () => {
    const lab = cluster();
    const contested = contestedAddresses(lab);
    expect(contested.has('10.0.0.101')).toBe(false);
    const patch = (...addresses: string[]): void => {
      const body = JSON.stringify({ egressIPs: addresses });
      const typed = `patch netnamespace shop --type=merge -p '${body}'`;
      expect(lab.cluster?.oc(parseOc(typed), typed).exitCode).toBe(0);
    };
    patch('10.0.0.101');
    expect(contested.has('10.0.0.101'), 'at once').toBe(true);
    lab.advance('5s');
    patch();
    lab.advance('5s');
    expect(contested.list()).toContain('10.0.0.101');
  });
});
