import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Route, RouteTable } from '../../../src/stack/ipv4/route-table.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { cidrContains, type Ipv4Address, ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

function host(): NetworkStack {
  const lan = new Lan();
  const stack = lan.host('A');
  for (const name of ['eth1', 'eth2']) lan.plug(stack, name);
  return stack;
}

function route(to: string, change: Partial<Route> = {}): Route {
  const destination = cidr(to);
  return {
    destination,
    type: 'blackhole',
    via: null,
    iface: null,
    source: null,
    metric: 0,
    ...change,
  };
}

/** Few enough networks that they overlap, and addresses that fall into and between them. */
const someAddress: fc.Arbitrary<Ipv4Address> = fc
  .tuple(fc.constantFrom(0x0a00_0000, 0x0a01_0000, 0xc0a8_3200), fc.integer({ min: 0, max: 300 }))
  .map(([base, low]) => ipv4Address(base + low));
const someRoute = fc.record({
  address: someAddress,
  prefixLength: fc.constantFrom(0, 8, 15, 16, 24, 25, 30, 31, 32),
  metric: fc.constantFrom(0, 100),
  iface: fc.constantFrom('eth0', 'eth1', 'eth2', null),
  via: fc.option(someAddress),
  append: fc.boolean(),
});
const someAction = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), route: someRoute }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), n: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('switch' as const),
      iface: fc.constantFrom('eth0', 'eth1', 'eth2'),
      up: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('power' as const), on: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('redirect' as const),
      to: someAddress,
      via: someAddress,
    }),
  },
);

/** The law: among the usable routes that hold the address, the longest prefix, the least metric, the first. */
function naive(stack: NetworkStack, order: readonly Route[], to: Ipv4Address): Route | null {
  let best: Route | null = null;
  for (const each of order) {
    if (!cidrContains(each.destination, to)) continue;
    if (each.iface !== null && !(each.iface.up && stack.powered)) continue;
    const longer = best === null || each.destination.prefixLength > best.destination.prefixLength;
    const cheaper =
      best?.destination.prefixLength === each.destination.prefixLength && each.metric < best.metric;
    if (longer || cheaper) best = each;
  }
  return best;
}

describe('lookup', () => {
  test('is the longest prefix, whatever is remembered, added, removed, switched off or redirected', () => {
    fc.assert(
      fc.property(
        fc.array(someAction, { minLength: 1, maxLength: 25 }),
        fc.array(someAddress, { minLength: 1, maxLength: 12 }),
        (actions, targets) => {
          const stack = host();
          const { routes } = stack;
          let order: Route[] = [];
          let redirects = new Map<Ipv4Address, Ipv4Address>();
          for (const action of actions) {
            if (action.kind === 'add') {
              const { address, prefixLength, metric, iface, via, append } = action.route;
              const added: Route = {
                destination: { address, prefixLength },
                type: iface === null ? 'unreachable' : 'unicast',
                via,
                iface: iface === null ? null : nic(stack, iface),
                source: null,
                metric,
              };
              if (routes.add(added, append)) {
                order.push(added);
                redirects = new Map();
              }
            } else if (action.kind === 'remove') {
              const victim = order[action.n];
              if (victim === undefined) continue;
              expect(routes.remove((each) => each === victim)).toBe(1);
              order = order.filter((each) => each !== victim);
              redirects = new Map();
            } else if (action.kind === 'switch') {
              const iface = nic(stack, action.iface);
              if (iface.up === action.up) continue;
              stack.setInterfaceUp(iface, action.up);
              if (!action.up) order = order.filter((each) => each.iface !== iface);
              redirects = new Map();
            } else if (action.kind === 'power') {
              if (stack.powered === action.on) continue;
              if (action.on) stack.powerOn();
              else stack.powerOff();
              redirects = new Map();
            } else {
              routes.learnGateway(action.to, action.via, 1e12);
              redirects.set(action.to, action.via);
            }
            for (const to of [...targets, ...targets]) {
              const wanted = naive(stack, order, to);
              const via = redirects.get(to) ?? wanted?.via ?? null;
              expect(routes.lookup(to)).toEqual(
                wanted === null
                  ? null
                  : {
                      type: wanted.type,
                      iface: wanted.iface,
                      nextHop: via ?? to,
                      viaGateway: via !== null,
                      source: null,
                      table: routes,
                    },
              );
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('remembers more destinations than it has room for without mixing them up', () => {
    const table = new RouteTable();
    table.add(route('10.0.0.0/8'));
    table.add(route('10.0.0.0/16', { type: 'prohibit' }));
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) {
        const to = ipv4Address(0x0a00_f000 + i);
        expect(table.lookup(to)?.type).toBe(i < 0x1000 ? 'prohibit' : 'blackhole');
      }
    }
  });
});

describe('adding', () => {
  test('the same prefix with the same metric is refused, however it is written', () => {
    const table = new RouteTable();
    expect(table.add(route('10.0.0.7/24'))).toBe(true);
    expect(table.add(route('10.0.0.0/24'))).toBe(false);
    expect(table.add(route('10.0.0.0/24', { metric: 1 }))).toBe(true);
    expect(table.add(route('10.0.0.0/25'))).toBe(true);
    expect(table.add(route('10.0.0.0/24'), true)).toBe(true);
    expect(
      table.routes.map(({ destination, metric }) => [destination.prefixLength, metric]),
    ).toEqual([
      [25, 0],
      [24, 0],
      [24, 0],
      [24, 1],
    ]);
  });
});

describe('what ICMP has taught', () => {
  test('a path MTU holds until it expires, a redirect until it is forgotten', () => {
    const stack = host();
    const { routes } = stack;
    const to = ip('192.0.2.1');
    routes.add(route('0.0.0.0/0', { type: 'unicast', iface: nic(stack), via: ip('10.0.0.1') }));
    routes.learnMtu(to, 1400, false, 1000);
    expect(routes.exception(to, 999)).toMatchObject({ mtu: 1400 });
    expect(routes.exception(to, 1000)).toBe(null);
    routes.learnGateway(to, ip('10.0.0.2'), 2000);
    expect(routes.lookup(to)?.nextHop).toBe(ip('10.0.0.2'));
    expect(routes.exception(to, 1500)).toMatchObject({ mtu: 0, gateway: ip('10.0.0.2') });
    routes.forgetGateway(to, 1999);
    expect(routes.lookup(to)?.nextHop).toBe(ip('10.0.0.2'));
    routes.forgetGateway(to, 2000);
    expect(routes.lookup(to)?.nextHop).toBe(ip('10.0.0.1'));
    expect(routes.lookup(ip('192.0.2.2'))?.nextHop).toBe(ip('10.0.0.1'));
  });
});
