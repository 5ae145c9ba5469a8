// Policy routing: which table is asked, in which order, and what the lookup for a source adds.

import { describe, expect, test } from 'vitest';
import type { Interface } from '../../../src/stack/device/interface.ts';
import { type Rule, TableId, tableRule } from '../../../src/stack/ipv4/rule.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { ANY_ADDRESS, formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const FAR = ip('192.0.2.1');
const EVERYTHING = '0.0.0.0/0';

/** Two uplinks: table main leads to the first, table 2 to the second. */
function host(): { lan: Lan; a: NetworkStack; eth0: Interface; eth1: Interface } {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const eth0 = nic(a);
  const eth1 = lan.plug(a, 'eth1', { segment: 'second', addresses: ['10.1.0.1/24'] });
  route(a, TableId.Main, EVERYTHING, '10.0.0.254', eth0);
  route(a, 2, EVERYTHING, '10.1.0.254', eth1);
  return { lan, a, eth0, eth1 };
}

function route(a: NetworkStack, table: number, to: string, via: string, iface: Interface): void {
  const plain = { type: 'unicast', source: null, metric: 0 } as const;
  a.fib.table(table).add({ ...plain, destination: cidr(to), via: ip(via), iface });
}

const rule = (more: Partial<Rule>): Rule => ({ ...tableRule(100, 2), ...more });
const ending = (action: Rule['action']): Rule => rule({ action, table: 0 });

function gateway(a: NetworkStack, ...asked: Parameters<NetworkStack['fib']['lookup']>): string {
  const found = a.fib.lookup(...asked);
  if (found === null) return 'none';
  return found.type === 'unicast' ? formatIpv4(found.nextHop) : found.type;
}

describe('a rule', () => {
  test('is asked only for what it selects', () => {
    const { a, eth0, eth1 } = host();
    const from = ip('10.1.0.1');
    const cases: [Partial<Rule>, Parameters<NetworkStack['fib']['lookup']>, boolean][] = [
      [{}, [FAR], true],
      [{ from: cidr('10.1.0.1/32') }, [FAR, from], true],
      [{ from: cidr('10.1.0.1/32') }, [FAR], false],
      [{ to: cidr('192.0.2.0/24') }, [FAR], true],
      [{ to: cidr('198.51.100.0/24') }, [FAR], false],
      [{ fwmark: { mark: 8, mask: 0xc } }, [FAR, from, 9], true],
      [{ fwmark: { mark: 8, mask: 0xffff_ffff } }, [FAR, from, 9], false],
      [{ fwmark: { mark: 0x8000_0000, mask: 0x8000_0000 } }, [FAR, from, 0x8000_0001], true],
      [{ iif: 'eth0' }, [FAR, from, 0, eth0], true],
      [{ iif: 'eth1' }, [FAR, from, 0, eth0], false],
      [{ iif: 'lo' }, [FAR, from], true],
      [{ iif: 'lo' }, [FAR, from, 0, eth0], false],
      [{ oif: 'eth1' }, [FAR, from, 0, null, eth1], true],
      [{ oif: 'eth1' }, [FAR, from], false],
    ];
    for (const [selector, asked, fits] of cases) {
      a.fib.addRule(rule(selector));
      expect(gateway(a, ...asked)).toBe(fits ? '10.1.0.254' : '10.0.0.254');
      a.fib.removeRule(({ priority }) => priority === 100);
      if (asked[4] === undefined) expect(gateway(a, ...asked)).toBe('10.0.0.254');
    }
  });

  test('whose table has no route leaves the packet to the next', () => {
    const { a } = host();
    a.fib.addRule(rule({ table: 7 }));
    expect(gateway(a, FAR)).toBe('10.0.0.254');
    a.fib.addRule(rule({ priority: 101 }));
    expect(gateway(a, FAR)).toBe('10.1.0.254');
  });

  test('ends the way, as net unreachable, prohibited or in silence', () => {
    const { a } = host();
    for (const [action, found, failure] of [
      ['unreachable', 'none', 'network-unreachable'],
      ['prohibit', 'prohibit', 'prohibited'],
      ['blackhole', 'blackhole', 'blackhole'],
    ] as const) {
      a.fib.addRule(ending(action));
      expect(gateway(a, FAR)).toBe(found);
      expect(a.ipv4.route(FAR)).toBe(failure);
      a.fib.removeRule(({ priority }) => priority === 100);
    }
  });

  test('without a priority goes before those that are there, and none is there twice', () => {
    const { a } = host();
    const { priority, ...unplaced } = rule({});
    expect(priority).toBe(100);
    expect(a.fib.addRule(unplaced)).toBe(true);
    expect(a.fib.addRule(unplaced)).toBe(true);
    expect(a.fib.rules.map((each) => each.priority)).toEqual([32_764, 32_765, 32_766, 32_767]);
    expect(a.fib.addRule(rule({ priority: 32_765 }))).toBe(false);
    expect(a.fib.removeRule((each) => each.priority === 1)).toBe(false);
  });
});

describe('the main table', () => {
  test('is asked no more once its rule is gone', () => {
    const { a } = host();
    a.fib.removeRule(({ table }) => table === TableId.Main);
    expect(gateway(a, FAR)).toBe('none');
    route(a, TableId.Default, EVERYTHING, '10.1.0.253', nic(a, 'eth1'));
    expect(gateway(a, FAR)).toBe('10.1.0.253');
  });

  test('has the default table behind it, without a rule of anybody', () => {
    const { a } = host();
    a.routes.remove(({ via }) => via !== null);
    expect(gateway(a, FAR)).toBe('none');
    route(a, TableId.Default, EVERYTHING, '10.1.0.253', nic(a, 'eth1'));
    expect(gateway(a, FAR)).toBe('10.1.0.253');
  });
});

describe('every table', () => {
  test('loses the routes of an interface that goes down', () => {
    const { a, eth1 } = host();
    a.fib.addRule(rule({}));
    a.setInterfaceUp(eth1, false);
    a.setInterfaceUp(eth1, true);
    expect(gateway(a, FAR)).toBe('10.0.0.254');
    expect(a.fib.table(2).routes).toEqual([]);
  });

  test('keeps what ICMP taught about its own routes, until anything changes', () => {
    const { a, eth1 } = host();
    a.fib.addRule(rule({ from: cidr('10.1.0.1/32') }));
    a.fib.table(2).learnMtu(FAR, 1400, false, 1e12);
    const mtu = (source: string): unknown => {
      const found = a.ipv4.route(FAR, ip(source));
      return typeof found === 'string' ? found : found.mtu;
    };
    expect([mtu('10.0.0.1'), mtu('10.1.0.1')]).toEqual([1500, 1400]);
    route(a, 9, EVERYTHING, '10.1.0.254', eth1);
    expect(mtu('10.1.0.1')).toBe(1500);
  });
});

describe('a socket', () => {
  test('with a peer takes the way of the source that the first lookup chose', () => {
    const { a } = host();
    a.fib.addRule(rule({ from: cidr('10.0.0.1/32') }));
    const socket = a.udp.bind({}, { onDatagram: () => {} });
    expect(socket.connect(FAR, 9)).toBeNull();
    const plain = a.ipv4.route(FAR);
    expect(typeof plain === 'string' ? plain : plain.iface.name).toBe('eth0');
    const chosen = a.ipv4.routeToPeer(FAR);
    expect(typeof chosen === 'string' ? chosen : chosen.iface.name).toBe('eth1');
  });

  test('bound to an interface leaves by it, on the link if there is no route', () => {
    const { a, eth1 } = host();
    const found = a.ipv4.route(FAR, ANY_ADDRESS, eth1);
    expect(typeof found === 'string' ? found : formatIpv4(found.nextHop)).toBe('192.0.2.1');
    expect(typeof found === 'string' ? found : formatIpv4(found.source)).toBe('10.1.0.1');
    a.setInterfaceUp(eth1, false);
    expect(a.ipv4.route(FAR, ANY_ADDRESS, eth1)).toBe('network-unreachable');
  });
});

describe('with rules of its own a host', () => {
  test('believes no broadcast address as a source, even without rp_filter', () => {
    const { lan, a } = host();
    const b = lan.host('B', '10.0.0.2/24');
    b.addresses.add(nic(b), cidr('10.0.0.255/32'));
    lan.ping(b, '10.0.0.1', { source: '10.0.0.255' });
    lan.run(1);
    expect(a.drops.of('martian')).toBe(0);
    a.fib.addRule(rule({ priority: 9, from: cidr('10.9.9.9/32') }));
    lan.ping(b, '10.0.0.1', { source: '10.0.0.255' });
    lan.run(2);
    expect(a.drops.of('martian')).toBe(1);
  });
});
