// Fixture 04: duplicate address detection with arping, and its exit codes.

import { describe, expect, it } from 'vitest';
import { Arping, type ArpingForm, type ArpingStatistics } from '../../../src/stack/arp/arping.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { ip } from '../../support/frames.ts';
import { truth } from '../../support/groundtruth.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const X = '10.0.0.100';

interface Scene {
  readonly lan: Lan;
  readonly hosts: Readonly<Record<'a' | 'b' | 'c' | 'd' | 'e', NetworkStack>>;
}

function scene(): Scene {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24', `${X}/32`);
  const c = lan.host('C', '10.0.0.3/24');
  const d = lan.host('D', '10.0.0.4/24');
  const e = lan.host('E', '10.0.0.5/24');
  d.addresses.add(d.loopback, cidr('10.0.0.120/32'));
  e.addresses.add(e.loopback, cidr('10.0.0.121/32'));
  e.sysctl.set('net.ipv4.conf.eth0.arp_ignore', 1);
  return { lan, hosts: { a, b, c, d, e } };
}

function run(
  lan: Lan,
  stack: NetworkStack,
  address: string,
  form: ArpingForm,
  count: number,
): { statistics: ArpingStatistics | null; at: number } {
  const result: { statistics: ArpingStatistics | null; at: number } = { statistics: null, at: 0 };
  const start = lan.now;
  new Arping(stack, { iface: nic(stack), address: ip(address), form, count }, (statistics) => {
    result.statistics = statistics;
    result.at = lan.now - start;
  });
  return result;
}

describe('arping -D (fixture 04)', () => {
  it('stops with 1 at the first answer, and nobody learns anything from the probe', () => {
    const { lan, hosts } = scene();
    const { a, b, c } = hosts;
    a.neighbors.replace(nic(a), ip(X), nic(b).mac);
    const before = [a, b, c].map((stack) => stack.neighbors.size);
    const expected = truth('04-dad', 'owner-answers');
    const result = run(lan, c, X, 'probe', 2);
    lan.run(5);
    expect(lan.arps()).toEqual(expected.arps());
    expect(result.statistics?.exitCode).toBe(expected.fact('exitCode'));
    expect(result.statistics?.answeredBy.map((mac) => lan.macName(mac))).toEqual(['B']);
    expect(result.at).toBeLessThan(0.001);
    expect([a, b, c].map((stack) => stack.neighbors.size)).toEqual(before);
  });

  it('probes once a second and stops with 0 if nobody answers', () => {
    const { lan, hosts } = scene();
    const expected = truth('04-dad', 'free');
    const result = run(lan, hosts.c, '10.0.0.99', 'probe', 2);
    lan.run(5);
    expect(lan.arps()).toEqual(expected.arps());
    const [first = 0, second = 0] = lan.arpTimes();
    const range = expected.range('probe_interval_s');
    expect(second - first).toBeGreaterThanOrEqual(range.min);
    expect(second - first).toBeLessThanOrEqual(range.max);
    expect(result.statistics?.exitCode).toBe(expected.fact('exitCode'));
    expect(result.at).toBe(2);
  });

  it('lets two probers of one free address both believe that it is free', () => {
    const { lan, hosts } = scene();
    const results = [hosts.c, hosts.d].map((stack) => run(lan, stack, '10.0.0.99', 'probe', 2));
    lan.run(5);
    expect(results.map(({ statistics }) => statistics?.exitCode)).toEqual([0, 0]);
    expect(lan.arps().filter((line) => line.includes('is-at'))).toEqual([]);
  });

  it('finds an address on a loopback, unless arp_ignore hides it', () => {
    const { lan, hosts } = scene();
    const expected = truth('04-dad', 'loopback-owner');
    const first = run(lan, hosts.c, '10.0.0.120', 'probe', 1);
    lan.run(2);
    const second = run(lan, hosts.c, '10.0.0.121', 'probe', 1);
    lan.run(2);
    expect(lan.arps()).toEqual(expected.arps());
    expect([first, second].map(({ statistics }) => statistics?.exitCode)).toEqual(
      expected.fact('exitCodes'),
    );
  });

  it('finds the other owner of an address that the prober has itself', () => {
    const { lan, hosts } = scene();
    hosts.c.addresses.add(nic(hosts.c), cidr(`${X}/32`));
    const result = run(lan, hosts.b, X, 'probe', 2);
    lan.run(5);
    expect(lan.arps()).toEqual(truth('04-dad', 'self-probe').arps());
    expect(result.statistics?.exitCode).toBe(1);
  });

  it('takes an announcement in the middle for a conflict', () => {
    const { lan, hosts } = scene();
    const { b, c } = hosts;
    b.addresses.remove(nic(b), ip(X));
    const result = run(lan, c, X, 'probe', 3);
    lan.after(0.5, () => b.arp.announce(nic(b), ip(X), 'kernel', null));
    lan.run(5);
    const expected = truth('04-dad', 'announce-mid-probe');
    expect(lan.arps()).toEqual(expected.arps());
    expect([result.statistics?.exitCode]).toEqual(expected.fact('exitCode'));
    expect(result.at).toBeCloseTo(0.5, 3);
  });
});

describe('arping -U, -A and without option', () => {
  it.each([
    ['request', 'B > BROADCAST who-has 10.0.0.100 tell 10.0.0.100 tha=BROADCAST'],
    ['reply', 'B > BROADCAST 10.0.0.100 is-at B to 10.0.0.100 tha=B'],
  ] as const)(
    'announces in the %s form once a second, and ends a second after the last',
    (form, line) => {
      const { lan, hosts } = scene();
      const result = run(lan, hosts.b, X, form, 3);
      lan.run(5);
      expect(lan.arps()).toEqual([line, line, line]);
      expect(result).toMatchObject({ at: 3, statistics: { exitCode: 0, sent: 3 } });
    },
  );

  it('asks by broadcast, then by unicast whoever answered', () => {
    const { lan, hosts } = scene();
    const result = run(lan, hosts.c, X, 'ping', 2);
    lan.run(5);
    expect(lan.arps().filter((line) => line.startsWith('C >'))).toEqual([
      'C > BROADCAST who-has 10.0.0.100 tell 10.0.0.3 tha=BROADCAST',
      'C > B who-has 10.0.0.100 tell 10.0.0.3 tha=B',
    ]);
    expect(result.statistics).toMatchObject({ exitCode: 0, sent: 2, received: 2 });
  });

  it('ends with 1 if nobody answers', () => {
    const { lan, hosts } = scene();
    const result = run(lan, hosts.c, '10.0.0.99', 'ping', 2);
    lan.run(5);
    expect(result.statistics?.exitCode).toBe(1);
  });

  it('dies with its host', () => {
    const { lan, hosts } = scene();
    const result = run(lan, hosts.c, '10.0.0.99', 'probe', 5);
    lan.after(1.5, () => hosts.c.powerOff());
    lan.run(10);
    expect(result.statistics).toBeNull();
    expect(lan.arps()).toHaveLength(2);
    expect(lan.scheduler.idle).toBe(true);
  });
});
