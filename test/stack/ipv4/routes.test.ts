import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/sim/time.ts';
import type { Route } from '../../../src/stack/ipv4/route-table.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { routeExceptionLine, routeExceptionRows, routeLines } from '../../../src/view/routes.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

function host(): { lan: Lan; a: NetworkStack } {
  const lan = new Lan();
  return { lan, a: lan.host('A', '10.0.0.1/24', '10.0.0.9/24', '192.168.7.1/24') };
}

function via(stack: NetworkStack, to: string, gateway: string | null, source?: string): Route {
  return {
    destination: cidr(to),
    type: 'unicast',
    via: gateway === null ? null : ip(gateway),
    iface: nic(stack),
    source: source === undefined ? null : ip(source),
    metric: 0,
  };
}

const list = routeLines;

describe('routes', () => {
  it('of an interface go when it is set down; only those of its addresses return', () => {
    const { a } = host();
    a.routes.add(via(a, '0.0.0.0/0', '10.0.0.254'));
    expect(list(a)).toHaveLength(3);
    a.setInterfaceUp(nic(a), false);
    expect(list(a)).toEqual([]);
    a.setInterfaceUp(nic(a), true);
    expect(list(a)).toEqual([
      '10.0.0.0/24 dev eth0 scope link src 10.0.0.1',
      '192.168.7.0/24 dev eth0 scope link src 192.168.7.1',
    ]);
  });

  it('from an address go with it, and all of an interface with its last address', () => {
    const { a } = host();
    a.routes.add(via(a, '172.16.0.0/12', '10.0.0.254', '192.168.7.1'));
    a.routes.add(via(a, '0.0.0.0/0', '10.0.0.254'));
    a.addresses.remove(nic(a), ip('192.168.7.1'));
    expect(list(a)).toEqual([
      '10.0.0.0/24 dev eth0 scope link src 10.0.0.1',
      'default via 10.0.0.254 dev eth0',
    ]);
    a.addresses.remove(nic(a), ip('10.0.0.1'));
    expect(list(a)).toEqual([]);
  });

  it('of an address stand behind a configured one of the same prefix', () => {
    const { a } = host();
    a.setInterfaceUp(nic(a), false);
    expect(a.routes.add(via(a, '10.0.0.0/24', '192.168.7.254'))).toBe(true);
    expect(a.routes.add(via(a, '10.0.0.0/24', '192.168.7.253'))).toBe(false);
    a.setInterfaceUp(nic(a), true);
    expect(list(a).slice(0, 2)).toEqual([
      '10.0.0.0/24 via 192.168.7.254 dev eth0',
      '10.0.0.0/24 dev eth0 scope link src 10.0.0.1',
    ]);
  });
});

describe('what ICMP taught about a destination', () => {
  it('expires', () => {
    const { a } = host();
    a.routes.add(via(a, '0.0.0.0/0', '10.0.0.254'));
    const far = ip('198.51.100.1');
    a.routes.learnMtu(far, 1400, false, seconds(600));
    a.routes.learnGateway(far, ip('10.0.0.253'), seconds(300));
    const lines = routeExceptionRows(a, seconds(1)).map((row) =>
      routeExceptionLine(row, seconds(1)),
    );
    expect(lines).toEqual(['cache <redirected> expires 599sec mtu 1400']);
    expect(a.routes.lookup(far)?.nextHop).toBe(ip('10.0.0.253'));
    a.routes.forgetGateway(far, seconds(299));
    expect(a.routes.lookup(far)?.nextHop).toBe(ip('10.0.0.253'));
    a.routes.forgetGateway(far, seconds(300));
    expect(a.routes.lookup(far)?.nextHop).toBe(ip('10.0.0.254'));
    expect(a.routes.exception(far, seconds(600))).toBeNull();
  });

  it.each<readonly [string, (a: NetworkStack) => unknown]>([
    ['a route is added', (a) => a.routes.add(via(a, '172.16.0.0/12', '10.0.0.254'))],
    ['an address is added', (a) => a.addresses.add(nic(a), cidr('10.0.0.7/32'))],
    ['the MTU changes', (a) => a.setInterfaceMtu(nic(a), 1400)],
    ['the cache is flushed', (a) => a.routes.flush()],
  ])('is forgotten when %s', (_name, change) => {
    const { a } = host();
    a.routes.learnMtu(ip('10.0.0.2'), 1400, false, seconds(600));
    change(a);
    expect(a.routes.exception(ip('10.0.0.2'), 0)).toBeNull();
  });

  it('below min_pmtu is not believed, and takes DF away', () => {
    const { lan, a } = host();
    const b = lan.host('B', '10.0.0.2/24');
    lan.ping(b, '10.0.0.1');
    lan.run(1);
    const route = a.ipv4.route(ip('10.0.0.2'));
    expect(typeof route === 'string' || route.mtuLocked).toBe(false);
    a.routes.learnMtu(ip('10.0.0.2'), 552, true, seconds(600));
    const locked = a.ipv4.route(ip('10.0.0.2'));
    expect(locked).toMatchObject({ mtu: 552, mtuLocked: true });
    const before = lan.frames.length;
    a.udp.bind({}, { onDatagram: () => undefined }).sendTo(ip('10.0.0.2'), 9, new Uint8Array(600));
    lan.run(0.01);
    const pieces = lan.frames
      .slice(before)
      .filter(({ frame }) => frame.bytes[frame.start + 23] === 17);
    expect(pieces.map(({ frame }) => frame.length - 14)).toEqual([548, 100]);
    expect(pieces.map(({ frame }) => (frame.bytes[frame.start + 20] ?? 0) & 0x40)).toEqual([0, 0]);
  });
});
