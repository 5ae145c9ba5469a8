import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EgressLabError } from '../../../src/base/errors.ts';
import { sysctlRange } from '../../../src/stack/sysctl/ranges.ts';
import { SysctlTree } from '../../../src/stack/sysctl/tree.ts';
import { type InterfaceConf, SYSCTL_NAMES } from '../../../src/stack/sysctl/values.ts';
import { Lan, nic } from '../../support/lan.ts';

function tree(...interfaces: string[]): SysctlTree {
  const sysctls = new SysctlTree();
  for (const name of interfaces) sysctls.addInterface(name);
  return sysctls;
}

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof EgressLabError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

const conf = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom('arp_ignore', 'rp_filter', 'arp_filter').map((key) => `net.ipv4.${name}.${key}`);

describe('conf.all and conf.<interface>', () => {
  test('the larger of the two counts (IN_DEV_MAXCONF, IN_DEV_ORCONF)', () => {
    const key = fc.constantFrom<keyof InterfaceConf>('arp_ignore', 'rp_filter', 'proxy_arp');
    const value = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(key, value, value, fc.boolean(), (name, all, own, allFirst) => {
        const sysctls = new SysctlTree();
        const eth0 = sysctls.addInterface('eth0');
        const setAll = (): void => sysctls.set(`net.ipv4.conf.all.${name}`, all);
        if (allFirst) setAll();
        sysctls.set(`net.ipv4.conf.eth0.${name}`, own);
        if (!allFirst) setAll();
        expect(eth0.conf[name]).toBe(Math.max(all, own));
        expect(eth0.own[name]).toBe(own);
      }),
    );
  });

  test('forwarding of an interface is its own', () => {
    const sysctls = new SysctlTree();
    const [eth0, eth1] = [sysctls.addInterface('eth0'), sysctls.addInterface('eth1')];
    sysctls.set('net.ipv4.conf.eth0.forwarding', 1);
    expect([eth0.conf.forwarding, eth1.conf.forwarding, sysctls.host.ip_forward]).toEqual([
      1, 0, 0,
    ]);
    sysctls.set('net.ipv4.conf.all.forwarding', 1);
    sysctls.set('net.ipv4.conf.eth0.forwarding', 0);
    expect([eth0.conf.forwarding, eth1.conf.forwarding]).toEqual([0, 1]);
  });

  test('redirects: where packets are forwarded both must agree, elsewhere one is enough', () => {
    const accepted = (forwarding: number, all: number, own: number): number => {
      const sysctls = new SysctlTree();
      const eth0 = sysctls.addInterface('eth0');
      sysctls.set('net.ipv4.conf.eth0.forwarding', forwarding);
      sysctls.set('net.ipv4.conf.all.accept_redirects', all);
      sysctls.set('net.ipv4.conf.eth0.accept_redirects', own);
      return eth0.conf.accept_redirects;
    };
    const cases = [0, 1].flatMap((all) => [0, 1].map((own) => [all, own] as const));
    expect(cases.map(([all, own]) => accepted(0, all, own))).toEqual([0, 1, 1, 1]);
    expect(cases.map(([all, own]) => accepted(1, all, own))).toEqual([0, 0, 0, 1]);
  });
});

describe('ip_forward', () => {
  test('sets every interface and the default, and a router does not believe redirects', () => {
    const sysctls = new SysctlTree();
    const eth0 = sysctls.addInterface('eth0');
    sysctls.set('net.ipv4.ip_forward', 1);
    const later = sysctls.addInterface('eth1');
    expect([eth0, later].map(({ conf: { forwarding } }) => forwarding)).toEqual([1, 1]);
    expect(eth0.conf.accept_redirects).toBe(0);
    sysctls.set('ip_forward', 0);
    expect([eth0, later].map(({ conf: { forwarding } }) => forwarding)).toEqual([0, 0]);
    expect(eth0.conf.accept_redirects).toBe(1);
  });

  test('does nothing when it does not change (measured: 6.18)', () => {
    const sysctls = new SysctlTree();
    const eth0 = sysctls.addInterface('eth0');
    for (const name of ['all', 'eth0']) {
      sysctls.set(`net.ipv4.conf.${name}.accept_redirects`, 0);
    }
    sysctls.set('net.ipv4.conf.eth0.forwarding', 1);
    sysctls.set('net.ipv4.ip_forward', 0);
    expect(eth0.conf).toMatchObject({ forwarding: 1, accept_redirects: 0 });
  });
});

describe('defaults', () => {
  test('reach interfaces that have neither an address nor such a value of their own (measured: 6.18)', () => {
    const lan = new Lan();
    const stack = lan.host('A', '10.0.0.1/24');
    const [eth0, eth1, eth2] = [nic(stack), lan.plug(stack, 'eth1'), lan.plug(stack, 'eth2')];
    stack.sysctl.set('net.ipv4.conf.eth2.arp_ignore', 0);
    stack.sysctl.set('net.ipv4.neigh.eth2.gc_stale_time', 8);
    stack.sysctl.set('net.ipv4.conf.default.arp_ignore', 2);
    stack.sysctl.set('net.ipv4.neigh.default.gc_stale_time', 7);
    const values = [eth0, eth1, eth2, lan.plug(stack, 'eth3')].map((iface) => [
      iface.conf.arp_ignore,
      iface.neigh.gc_stale_time,
    ]);
    expect(values).toEqual([
      [0, 60],
      [2, 7],
      [0, 8],
      [2, 7],
    ]);
  });

  test('of forwarding reach new interfaces only (measured: 6.18)', () => {
    const sysctls = new SysctlTree();
    const eth0 = sysctls.addInterface('eth0');
    sysctls.set('net.ipv4.conf.default.forwarding', 1);
    expect(eth0.conf.forwarding).toBe(0);
    expect(sysctls.addInterface('eth1').conf.forwarding).toBe(1);
  });
});

describe('names', () => {
  test('a short one means the host, or one interface', () => {
    const sysctls = new SysctlTree();
    const [eth0, eth1] = [sysctls.addInterface('eth0'), sysctls.addInterface('eth1')];
    sysctls.set('arp_ignore', 1);
    sysctls.set('gc_stale_time', 9, 'eth1');
    expect([eth0.conf.arp_ignore, eth1.conf.arp_ignore]).toEqual([1, 1]);
    expect([eth0.neigh.gc_stale_time, eth1.neigh.gc_stale_time]).toEqual([60, 9]);
    expect(sysctls.addInterface('eth2').conf.arp_ignore).toBe(1);
  });

  test('an interface may have dots in its name, with a slash or without', () => {
    const sysctls = new SysctlTree();
    const [eth0, vlan] = [sysctls.addInterface('eth0'), sysctls.addInterface('eth0.100')];
    sysctls.set('net.ipv4.conf.eth0/100.arp_ignore', 1);
    sysctls.set('net/ipv4/conf/eth0.100/arp_announce', 2);
    expect(vlan.conf).toMatchObject({ arp_ignore: 1, arp_announce: 2 });
    expect(eth0.conf).toMatchObject({ arp_ignore: 0, arp_announce: 0 });
  });

  test('those of routes and neighbor tables are Linux’s', () => {
    const sysctls = tree();
    sysctls.set('net.ipv4.route.min_pmtu', 600);
    sysctls.set('net.ipv4.neigh.default.gc_thresh1', 5);
    sysctls.set('net.netfilter.nf_conntrack_max', 6);
    expect(sysctls.host).toMatchObject({ min_pmtu: 600, gc_thresh1: 5, nf_conntrack_max: 6 });
  });

  test.each([
    'arp_ignor',
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
    'net.ipv4.conf.eth0.constructor',
    'net.ipv4.conf.eth0.locktime',
    'net.ipv4.neigh.eth0.arp_ignore',
    'net.ipv4.conf.eth0.ip_forward',
    'net.ipv6.conf.eth0.arp_ignore',
    'bogus.arp_ignore',
    '',
  ])('%j is none, and changes nothing', (name) => {
    const sysctls = tree('eth0');
    const before = JSON.stringify([sysctls.host, sysctls.addInterface('probe')]);
    expect(codeOf(() => sysctls.set(name, 7))).toBe('EGL_UNKNOWN_SYSCTL');
    expect(JSON.stringify([sysctls.host, sysctls.addInterface('probe')])).toBe(before);
  });

  test('an unknown interface is told', () => {
    expect(codeOf(() => tree('eth0').set('net.ipv4.conf.eth1.arp_ignore', 1))).toBe(
      'EGL_UNKNOWN_INTERFACE',
    );
  });

  test('every name that topologies accept can be set, short and full', () => {
    const sysctls = tree('eth0');
    for (const name of SYSCTL_NAMES.interface) sysctls.set(`net.ipv4.conf.eth0.${name}`, 1);
    for (const name of SYSCTL_NAMES.neighbor) sysctls.set(`net.ipv4.neigh.eth0.${name}`, 1);
    const all = [...SYSCTL_NAMES.interface, ...SYSCTL_NAMES.neighbor, ...SYSCTL_NAMES.host];
    for (const name of all) sysctls.set(name, sysctlRange(name).low);
    expect(new Set(all).size).toBe(all.length);
  });
});

test('whatever is set in whatever order, the effective value is the larger one', () => {
  const target = fc.constantFrom('conf.all', 'conf.default', 'conf.eth0', 'conf.eth1');
  const setting = fc.tuple(target.chain(conf), fc.integer({ min: 0, max: 8 }));
  fc.assert(
    fc.property(fc.array(setting, { maxLength: 30 }), (settings) => {
      const sysctls = new SysctlTree();
      const interfaces = [sysctls.addInterface('eth0'), sysctls.addInterface('eth1')];
      const all = new Map<string, number>();
      for (const [name, value] of settings) {
        sysctls.set(name, value);
        const [, , , where, key = ''] = name.split('.');
        if (where === 'all') all.set(key, value);
        for (const { own, conf: effective } of interfaces) {
          for (const each of ['arp_ignore', 'rp_filter', 'arp_filter'] as const) {
            expect(effective[each]).toBe(Math.max(own[each], all.get(each) ?? 0));
          }
        }
      }
    }),
  );
});
