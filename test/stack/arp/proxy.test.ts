// Fixture 07, second half: a router that answers for others.

import { describe, expect, it } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { BROADCAST_MAC } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { truth } from '../../support/groundtruth.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const FAR = '10.7.0.5';

interface Scene {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly r: NetworkStack;
}

function scene(seed = 1): Scene {
  const lan = new Lan({ seed });
  const a = lan.host('A', '10.0.0.10/24');
  const r = lan.host('R', '10.0.0.254/24');
  lan.plug(r, 'eth1', { segment: 'far', addresses: ['10.7.0.254/24'] });
  lan.nameMac(nic(r).mac, 'R0');
  r.sysctl.set('net.ipv4.ip_forward', 1);
  return { lan, a, r };
}

function route(stack: NetworkStack, destination: string, iface: string, via: string | null): void {
  stack.routes.add({
    destination: cidr(destination),
    type: 'unicast',
    via: via === null ? null : ip(via),
    iface: nic(stack, iface),
    source: null,
    metric: 0,
  });
}

/** Who answers, and how long after the question, in seconds. */
function ask(
  { lan, a, r }: Scene,
  target: string,
  unicast = false,
): { by: string[]; after: number[] } {
  const { now } = lan.scheduler;
  a.arp.request(nic(a), ip(target), ip('10.0.0.10'), unicast ? nic(r).mac : BROADCAST_MAC);
  lan.run(1);
  const lines = lan.arps(now);
  const times = lan.arpTimes(now);
  const replies = lines.flatMap((line, index) =>
    line.includes(`${target} is-at`) ? [{ line, time: times[index] ?? 0 }] : [],
  );
  return {
    by: replies.map(({ line }) => line.split(' ')[0] ?? ''),
    after: replies.map(({ time }) => time),
  };
}

describe('proxy_arp (fixture 07)', () => {
  it('answers for what is routed elsewhere, after a random 0 to 0.8 s', () => {
    const all = scene();
    all.r.sysctl.set('net.ipv4.conf.eth0.proxy_arp', 1);
    const delays = Array.from({ length: 60 }, () => {
      const { by, after } = ask(all, FAR);
      expect(by).toEqual(['R0']);
      return after[0] ?? -1;
    });
    const expected = truth('07-arp-sysctls', 'proxy-arp-delay');
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(expected.range('delay_min_s').min);
      expect(delay).toBeLessThanOrEqual(expected.range('delay_max_s').max);
    }
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    expect(mean).toBeGreaterThan(0.3);
    expect(mean).toBeLessThan(0.5);
  });

  it('answers a unicast request at once, nothing on the same LAN, and everything with a default route', () => {
    const all = scene();
    all.r.sysctl.set('net.ipv4.conf.eth0.proxy_arp', 1);
    const unicast = ask(all, FAR, true);
    const sameLan = ask(all, '10.0.0.77');
    const nowhere = ask(all, '10.66.0.1');
    route(all.r, '0.0.0.0/0', 'eth1', '10.7.0.1');
    const default_ = ask(all, '10.66.0.1');
    const expected = truth('07-arp-sysctls', 'proxy-arp-which');
    expect({
      'unicast request for FAR': unicast.by,
      SAMELAN: sameLan.by,
      'NOWHERE without route': nowhere.by,
      'NOWHERE with default route via R1': default_.by,
    }).toEqual(expected.fact('answersBy'));
    expect(unicast.after[0]).toBeLessThanOrEqual(expected.range('unicast_request_delay_s').max);
  });

  it('learns the asker, at once', () => {
    const all = scene();
    all.r.sysctl.set('net.ipv4.conf.eth0.proxy_arp', 1);
    all.a.arp.request(nic(all.a), ip(FAR), ip('10.0.0.10'));
    all.lan.run(0.0001);
    expect(all.lan.neighbor(all.r, '10.0.0.10')).toBe('STALE:A');
  });

  it('needs forwarding', () => {
    const all = scene();
    all.r.sysctl.set('net.ipv4.conf.eth0.proxy_arp', 1);
    all.r.sysctl.set('net.ipv4.ip_forward', 0);
    expect(ask(all, FAR).by).toEqual([]);
  });

  it('answers on the same LAN with proxy_arp_pvlan, but not a host that announces itself', () => {
    const all = scene();
    all.r.sysctl.set('net.ipv4.conf.eth0.proxy_arp_pvlan', 1);
    all.r.sysctl.set('net.ipv4.neigh.eth0.proxy_delay', 0);
    expect({ SAMELAN: ask(all, '10.0.0.77').by }).toEqual(
      truth('07-arp-sysctls', 'proxy-pvlan').fact('answersBy'),
    );
    all.a.arp.announce(nic(all.a), ip('10.0.0.10'), 'kernel', null);
    all.lan.run(0.1);
    expect(all.lan.arps().filter((line) => line.includes('10.0.0.10 is-at'))).toEqual([]);
  });

  it('answers for published addresses that are routed elsewhere, and only for those', () => {
    const all = scene();
    const { r } = all;
    r.sysctl.set('net.ipv4.neigh.eth0.proxy_delay', 0);
    r.arp.proxy.publish(nic(r), ip('10.0.0.200'));
    expect(ask(all, '10.0.0.200').by).toEqual([]);
    route(r, '10.0.0.200/32', 'eth1', null);
    expect({ PUB: ask(all, '10.0.0.200').by, FAR: ask(all, FAR).by }).toEqual(
      truth('07-arp-sysctls', 'proxy-entry').fact('answersBy'),
    );
    expect(r.arp.proxy.withdraw(nic(r), ip('10.0.0.200'))).toBe(true);
    expect(r.arp.proxy.withdraw(nic(r), ip('10.0.0.200'))).toBe(false);
    expect(ask(all, '10.0.0.200').by).toEqual([]);
  });

  it('keeps a bounded number of requests waiting', () => {
    const { lan, a, r } = scene();
    r.sysctl.set('net.ipv4.conf.eth0.proxy_arp', 1);
    for (let i = 0; i < 100; i++) a.arp.request(nic(a), ip(FAR), ip('10.0.0.10'));
    lan.run(2);
    expect(lan.arps().filter((line) => line.includes('is-at'))).toHaveLength(65);
    expect(r.drops.of(StackDrop.ProxyQueueFull)).toBe(35);
  });

  it('forgets what waits and what is published when the interface goes down', () => {
    const { lan, a, r } = scene();
    r.sysctl.set('net.ipv4.conf.eth0.proxy_arp', 1);
    r.arp.proxy.publish(nic(r), ip('10.0.0.200'));
    a.arp.request(nic(a), ip(FAR), ip('10.0.0.10'));
    lan.run(0.0001);
    r.setInterfaceUp(nic(r), false);
    expect(r.arp.proxy.isPublished(nic(r), ip('10.0.0.200'))).toBe(false);
    r.setInterfaceUp(nic(r), true);
    lan.run(2);
    expect(lan.arps().filter((line) => line.includes('is-at'))).toEqual([]);
  });
});
