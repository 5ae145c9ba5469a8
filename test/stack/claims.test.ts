// Who answers for an address: kernels by their interfaces and by what they publish, others by what they claim.

import { describe, expect, test } from 'vitest';
import { createLab } from '../../src/lab/lab.ts';
import { type Claim, Claims, kernelClaims } from '../../src/stack/claims.ts';
import { ip } from '../support/frames.ts';
import { topologyOf } from '../support/scenarios.ts';

const TEXT = `name: claims
segments: { lan: { subnet: 192.168.50.0/24 }, dmz: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 192.168.50.1 } } }
  b: { interfaces: { eth0: { segment: lan, address: 192.168.50.1 } } }
  r: { forwarding: true, interfaces: { eth0: { segment: lan, address: 192.168.50.254 }, eth1: { segment: dmz, address: 10.0.0.1 } } }
`;

function lab() {
  return createLab(topologyOf(TEXT, 'claims.yaml'));
}

describe('an address', () => {
  test('is held by everybody who has it, as long as there is power', () => {
    const running = lab();
    expect(running.claims.holders(ip('192.168.50.1'))).toEqual(['a', 'b']);
    running.fail('a');
    expect(running.claims.holders(ip('192.168.50.1'))).toEqual(['b']);
    expect(running.claims.holders(ip('192.168.50.77'))).toEqual([]);
  });

  test('is held by who publishes it for another, if it is routed elsewhere', () => {
    const running = lab();
    const { arp, interfaces } = running.stack('r');
    const eth0 = interfaces.find(({ name }) => name === 'eth0');
    if (eth0 === undefined) throw new Error('no eth0');
    arp.proxy.publish(eth0, ip('10.0.0.9'));
    arp.proxy.publish(eth0, ip('192.168.50.9'));
    expect(running.claims.claims(ip('10.0.0.9'))).toEqual([
      { holder: 'r', machine: 'r', interface: 'eth0', kind: 'published' },
    ]);
    expect(running.claims.holders(ip('192.168.50.9'))).toEqual([]);
    expect(running.claims.addresses()).toContain(ip('10.0.0.9'));
  });

  test('that is published is said in the log, once, and so is its end', () => {
    const running = lab();
    const { arp, interfaces } = running.stack('r');
    const eth0 = interfaces.find(({ name }) => name === 'eth0');
    if (eth0 === undefined) throw new Error('no eth0');
    const before = running.events.events.length;
    arp.proxy.publish(eth0, ip('10.0.0.9'));
    arp.proxy.publish(eth0, ip('10.0.0.9'));
    arp.proxy.publish(eth0, ip('10.0.0.10'));
    arp.proxy.withdraw(eth0, ip('10.0.0.10'));
    arp.proxy.withdrawAll(eth0);
    const said = running.events.events.slice(before).map(({ kind, fields }) => [kind, fields]);
    expect(said.map(([kind]) => kind)).toEqual([
      'claim-added',
      'claim-added',
      'claim-removed',
      'claim-removed',
    ]);
    expect(said.at(-1)?.[1]).toEqual({ address: '10.0.0.9', holder: 'r', interface: 'eth0' });
    expect(running.claims.addresses()).not.toContain(ip('10.0.0.9'));
  });

  test('is claimed, not held, by a proxy for a whole network', () => {
    const running = lab();
    running.stack('r').sysctl.set('proxy_arp', 1, 'eth0');
    expect(running.claims.claims(ip('10.0.0.9')).map(({ kind }) => kind)).toEqual(['proxy']);
    expect(running.claims.holders(ip('10.0.0.9'))).toEqual([]);
  });

  test('is held by the machine of a router, though its kernel does not know of it', () => {
    const router: Claim = { holder: 'GR_b', machine: 'b', interface: 'rtoe-GR_b', kind: 'address' };
    const claims = new Claims([
      kernelClaims(lab().stack('a')),
      {
        addresses: () => [ip('192.168.50.120')],
        claims: (address) => (address === ip('192.168.50.120') ? [router] : []),
      },
    ]);
    expect(claims.holders(ip('192.168.50.120'))).toEqual(['b']);
    expect(claims.addresses()).toEqual([ip('192.168.50.1'), ip('192.168.50.120')]);
  });
});
