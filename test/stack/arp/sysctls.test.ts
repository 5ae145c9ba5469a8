// Fixture 07, first half: arp_ignore, arp_filter and arp_announce with two interfaces on one LAN.

import { describe, expect, it } from 'vitest';
import { Scope } from '../../../src/stack/device/address.ts';
import type { Interface } from '../../../src/stack/device/interface.ts';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { ip } from '../../support/frames.ts';
import { truth } from '../../support/groundtruth.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

interface Scene {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly m: NetworkStack;
  readonly eth1: Interface;
}

function scene(): Scene {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.10/24');
  const m = lan.host('M', '10.0.0.1/24');
  const eth1 = lan.plug(m, 'eth1', { addresses: ['10.0.0.2/24'] });
  m.addresses.add(m.loopback, cidr('10.9.9.9/32'));
  m.addresses.add(m.loopback, cidr('192.168.99.1/32'));
  lan.nameMac(nic(m).mac, 'M0');
  lan.nameMac(eth1.mac, 'M1');
  return { lan, a, m, eth1 };
}

/** Who answers a request of A for `target`, told to come from `sender`. */
function answersBy({ lan, a }: Scene, target: string, sender = '10.0.0.10'): string[] {
  const { now } = lan.scheduler;
  a.arp.request(nic(a), ip(target), ip(sender));
  lan.run(1);
  return lan
    .arps(now)
    .filter((line) => line.includes(' is-at '))
    .map((line) => line.split(' ')[0] ?? '')
    .sort();
}

describe('arp_ignore (fixture 07)', () => {
  it.each([0, 1, 2, 3, 8])('%i answers as Linux answers', (level) => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.arp_ignore', level);
    expect({
      'who has M0': answersBy(all, '10.0.0.1'),
      'who has M1': answersBy(all, '10.0.0.2'),
      'who has VIP': answersBy(all, '10.9.9.9'),
      'who has M0, tell OUT': answersBy(all, '10.0.0.1', '172.16.0.9'),
    }).toEqual(truth('07-arp-sysctls', `arp-ignore-${level}`).fact('answersBy'));
  });

  it('3 does not answer for addresses of host scope', () => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.arp_ignore', 3);
    all.m.addresses.add(all.m.loopback, cidr('10.8.8.8/32'), { scope: Scope.Host });
    expect(answersBy(all, '10.8.8.8')).toEqual([]);
    expect(answersBy(all, '10.9.9.9')).toEqual(['M0', 'M1']);
  });

  it.each([4, 7, 9])('%i is reserved and answers like 0', (level) => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.arp_ignore', level);
    expect(answersBy(all, '10.0.0.2')).toEqual(['M0', 'M1']);
  });

  it('counts what it does not answer, and learns nothing from it', () => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.arp_ignore', 8);
    answersBy(all, '10.0.0.1');
    expect(all.m.drops.of(StackDrop.ArpIgnored)).toBe(2);
    expect(all.m.neighbors.size).toBe(0);
  });
});

describe('arp_filter (fixture 07)', () => {
  it('lets only the interface answer that routes back to the asker', () => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.arp_filter', 1);
    expect({
      'who has M0': answersBy(all, '10.0.0.1'),
      'who has M1': answersBy(all, '10.0.0.2'),
    }).toEqual(truth('07-arp-sysctls', 'arp-filter-1').fact('answersBy'));
  });

  it('does not answer an asker to whom there is no route', () => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.arp_filter', 1);
    expect(answersBy(all, '10.0.0.1', '172.16.0.9')).toEqual([]);
  });
});

describe('arp_announce (fixture 07)', () => {
  const roles: Record<string, string> = { LVIP: '192.168.99.1', M0: '10.0.0.1', M1: '10.0.0.2' };
  it.each([
    [0, 'lvip', '192.168.99.1'],
    [0, 'm1', '10.0.0.2'],
    [1, 'lvip', '192.168.99.1'],
    [1, 'm1', '10.0.0.2'],
    [2, 'lvip', '192.168.99.1'],
    [2, 'm1', '10.0.0.2'],
  ] as const)('%i asks, for a packet from %s, as Linux asks', (level, name, source) => {
    const { lan, a, m } = scene();
    m.sysctl.set('net.ipv4.conf.all.arp_announce', level);
    m.routes.add({
      destination: cidr('10.0.0.10/32'),
      type: 'unicast',
      via: null,
      iface: nic(m),
      source: null,
      metric: 0,
    });
    lan.ping(m, '10.0.0.10', { source });
    lan.run(0.1);
    const expected = truth('07-arp-sysctls', `arp-announce-${level}-from-${name}`);
    const sender = roles[String(expected.fact('senderIp'))];
    expect(lan.arps()[0]).toBe(`M0 > BROADCAST who-has 10.0.0.10 tell ${sender}`);
    expect(a.neighbors.size).toBeGreaterThan(0);
  });

  it('asks for a forwarded packet from its own address, not the stranger’s', () => {
    const lan = new Lan();
    const r = lan.host('R', '10.0.0.254/24');
    lan.plug(r, 'eth1', { segment: 'far', addresses: ['10.7.0.254/24'] });
    const far = lan.host('F');
    r.sysctl.set('net.ipv4.ip_forward', 1);
    far.addresses.add(nic(far), cidr('10.0.0.66/24'));
    far.routes.add({
      destination: cidr('10.7.0.0/24'),
      type: 'unicast',
      via: ip('10.0.0.254'),
      iface: nic(far),
      source: null,
      metric: 0,
    });
    lan.ping(far, '10.7.0.5');
    lan.run(0.1);
    expect(lan.arps()).toContain('R.eth1 > BROADCAST who-has 10.7.0.5 tell 10.7.0.254');
  });

  it('borrows the address of another interface where the own one has none', () => {
    const lan = new Lan();
    const r = lan.host('R', '10.0.0.254/24');
    const bare = lan.plug(r, 'eth1', { segment: 'far' });
    r.neighbors.replace(bare, ip('10.7.0.5'), nic(r).mac);
    r.neighbors.delete(bare, ip('10.7.0.5'));
    const frame = r.ipv4.allocate(8);
    frame.bytes.fill(0, frame.start, frame.end);
    r.neighbors.output(bare, ip('10.7.0.5'), frame);
    lan.run(0.1);
    expect(lan.arps()).toEqual(['R.eth1 > BROADCAST who-has 10.7.0.5 tell 10.0.0.254']);
  });
});

describe('who is not answered', () => {
  it('askers with a martian source: our own address, groups, the limited broadcast, 127/8', () => {
    const all = scene();
    for (const sender of ['10.0.0.1', '224.0.0.5', '255.255.255.255', '127.0.0.1']) {
      expect(answersBy(all, '10.0.0.1', sender)).toEqual([]);
    }
    expect(all.m.drops.of(StackDrop.Martian)).toBe(8);
    expect(all.m.neighbors.size).toBe(0);
  });

  it('but the rest of 0/8 is an address as any other, since Linux 5.3', () => {
    expect(answersBy(scene(), '10.0.0.1', '0.0.0.9')).toEqual(['M0', 'M1']);
  });

  it('but a subnet broadcast address is, without an entry for it', () => {
    const all = scene();
    expect(answersBy(all, '10.0.0.1', '10.0.0.255')).toEqual(['M0', 'M1']);
    expect(all.m.neighbors.size).toBe(0);
  });

  it('askers that rp_filter does not find plausible', () => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.rp_filter', 1);
    expect(answersBy(all, '10.0.0.1')).toEqual(['M0']);
    expect(answersBy(all, '10.0.0.1', '172.16.0.9')).toEqual([]);
  });

  it('questions for 127/8 and for groups', () => {
    const all = scene();
    expect(answersBy(all, '127.0.0.1')).toEqual([]);
    expect(answersBy(all, '224.0.0.1')).toEqual([]);
    expect(all.m.drops.of(StackDrop.ArpNotForUs)).toBe(4);
  });

  it('127/8 is answered with route_localnet', () => {
    const all = scene();
    all.m.sysctl.set('net.ipv4.conf.all.route_localnet', 1);
    expect(answersBy(all, '127.0.0.1')).toEqual(['M0', 'M1']);
  });
});
