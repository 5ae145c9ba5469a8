// The way out of a host: which route and source a packet gets, what its header says, and in how many
// pieces it leaves.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HookPoint } from '../../../src/stack/hooks.ts';
import type { OutputRoute, SendOptions } from '../../../src/stack/ipv4/output.ts';
import type { Route, RouteType } from '../../../src/stack/ipv4/route-table.ts';
import { Verdict } from '../../../src/stack/packet.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { describe as line } from '../../../src/wire/describe.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { ip, L3, L4 } from '../../support/frames.ts';
import { packetsFrom } from '../../support/injection.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

/** A protocol of nobody's (RFC 3692). */
const EXPERIMENT = 253;
const B = ip('10.0.0.2');

function world() {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24', '10.0.0.9/24');
  const b = lan.host('B', '10.0.0.2/24');
  const eth1 = lan.plug(a, 'eth1', { segment: 'far', addresses: ['192.0.2.1/24'] });
  lan.ping(b, '10.0.0.1');
  lan.run(1);
  const sent = packetsFrom(nic(a));
  return { lan, a, b, eth0: nic(a), eth1, sent };
}

function add(stack: NetworkStack, to: string, change: Partial<Route> = {}): void {
  stack.routes.add({
    destination: cidr(to),
    type: 'unicast',
    via: null,
    iface: nic(stack),
    source: null,
    metric: 0,
    ...change,
  });
}

/** 'eth0 via 10.0.0.2 from 10.0.0.1 mtu 1500', or why not. */
function routed(stack: NetworkStack, to: string, from: Ipv4Address = ANY_ADDRESS): string {
  const route = stack.ipv4.route(ip(to), from);
  if (typeof route === 'string') return route;
  const { iface, nextHop, source, mtu } = route;
  return `${iface.name} via ${formatIpv4(nextHop)} from ${formatIpv4(source)} mtu ${mtu}`;
}

function send(
  stack: NetworkStack,
  length: number,
  options?: SendOptions,
  protocol: number = EXPERIMENT,
): boolean {
  const route = stack.ipv4.route(B);
  if (typeof route === 'string') throw new Error(route);
  const frame = stack.ipv4.allocate(length);
  for (let i = 0; i < length; i++) frame.bytes[frame.start + L4 + i] = (i * 7) & 0xff;
  return stack.ipv4.send(frame, protocol, route, B, options);
}

describe('the route', () => {
  test('to a neighbor is direct, to all else by the gateway, to oneself by lo', () => {
    const { a } = world();
    add(a, '0.0.0.0/0', { via: B });
    expect(routed(a, '10.0.0.2')).toBe('eth0 via 10.0.0.2 from 10.0.0.1 mtu 1500');
    expect(routed(a, '198.51.100.1')).toBe('eth0 via 10.0.0.2 from 10.0.0.1 mtu 1500');
    expect(routed(a, '10.0.0.9')).toBe('lo via 10.0.0.9 from 10.0.0.9 mtu 65536');
    expect(routed(a, '127.0.0.5')).toMatch(/^lo /);
  });

  test('takes the source it is given, which has to be of this host', () => {
    const { a } = world();
    expect(routed(a, '10.0.0.2', ip('10.0.0.9'))).toContain('from 10.0.0.9');
    expect(routed(a, '10.0.0.2', ip('192.0.2.1'))).toContain('from 192.0.2.1');
    expect(routed(a, '10.0.0.2', ip('10.0.0.77'))).toBe('invalid-source');
    expect(routed(a, '10.0.0.1', ip('10.0.0.9'))).toContain('lo via 10.0.0.1 from 10.0.0.9');
  });

  test('says what the source is, if the route does; else it is the one next to the gateway', () => {
    const { a, eth0 } = world();
    a.addresses.add(eth0, cidr('172.16.0.1/24'));
    add(a, '198.51.100.0/24', { via: B, source: ip('10.0.0.9') });
    add(a, '203.0.113.0/24', { via: ip('172.16.0.2') });
    expect(routed(a, '198.51.100.1')).toContain('from 10.0.0.9');
    expect(routed(a, '203.0.113.1')).toContain('from 172.16.0.1');
  });

  test('by an interface without addresses takes another’s, as the last resort', () => {
    const { lan, a } = world();
    const bare = lan.plug(a, 'eth2', { segment: 'bare' });
    add(a, '203.0.113.0/24', { iface: bare });
    expect(routed(a, '203.0.113.1')).toBe('eth2 via 203.0.113.1 from 10.0.0.1 mtu 1500');
  });

  test.each<readonly [RouteType | null, string]>([
    [null, 'network-unreachable'],
    ['unreachable', 'host-unreachable'],
    ['prohibit', 'prohibited'],
    ['blackhole', 'blackhole'],
  ])('that is %s says %s', (type, why) => {
    const { a } = world();
    if (type !== null) add(a, '198.51.100.0/24', { type, iface: null });
    expect(routed(a, '198.51.100.1')).toBe(why);
  });

  test('to many needs no entry: it is that of the source, or the first that works', () => {
    const { lan, a, eth0 } = world();
    for (const to of ['255.255.255.255', '224.0.0.1']) {
      expect(routed(a, to)).toBe(`eth0 via ${to} from 10.0.0.1 mtu 1500`);
      expect(routed(a, to, ip('192.0.2.1'))).toBe(`eth1 via ${to} from 192.0.2.1 mtu 1500`);
    }
    lan.link(eth0).setCarrier(false);
    expect(routed(a, '255.255.255.255')).toContain('eth1 via');
    a.powerOff();
    expect(routed(a, '255.255.255.255')).toBe('network-unreachable');
  });

  test('knows what ICMP taught of the path, and not more than the interface carries', () => {
    const { a, eth0 } = world();
    a.routes.learnMtu(B, 1400, false, Number.POSITIVE_INFINITY);
    expect(routed(a, '10.0.0.2')).toContain('mtu 1400');
    expect(routed(a, '10.0.0.3')).toContain('mtu 1500');
    eth0.mtu = 1300;
    expect(routed(a, '10.0.0.2')).toContain('mtu 1300');
  });

  test('is one object, to be read before the next question', () => {
    const { a } = world();
    const first = a.ipv4.route(B) as OutputRoute;
    expect(a.ipv4.route(ip('10.0.0.1'))).toBe(first);
    expect(first.iface.name).toBe('lo');
  });
});

describe('a header', () => {
  const header = (frame: Frame | undefined) => {
    if (frame === undefined) throw new Error('nothing was sent');
    const at = frame.start + L3;
    expect(ipv4.check(frame, at)).toBe(null);
    return {
      id: ipv4.identification(frame, at),
      dontFragment: ipv4.dontFragment(frame, at),
      timeToLive: ipv4.timeToLive(frame, at),
      service: ipv4.typeOfService(frame, at),
    };
  };

  test('has what the sender wishes, and else the host’s defaults', () => {
    const { a, sent } = world();
    send(a, 8);
    expect(header(sent.at(-1))).toMatchObject({ dontFragment: true, timeToLive: 64, service: 0 });
    a.sysctl.host.ip_default_ttl = 32;
    send(a, 8, { typeOfService: 0x10 });
    expect(header(sent.at(-1))).toMatchObject({ timeToLive: 32, service: 0x10 });
    send(a, 8, { timeToLive: 1, dontFragment: false });
    expect(header(sent.at(-1))).toMatchObject({ timeToLive: 1, dontFragment: false });
  });

  test('counts where the packet may be cut, and for TCP; what is atomic has none (RFC 6864)', () => {
    const { a, sent } = world();
    const kinds = fc.record({ tcp: fc.boolean(), cut: fc.boolean(), unconnected: fc.boolean() });
    fc.assert(
      fc.property(fc.array(kinds, { minLength: 2, maxLength: 10 }), (packets) => {
        let last: number | null = null;
        for (const { tcp, cut, unconnected } of packets) {
          const options = { dontFragment: !cut, unconnected };
          send(a, 20, options, tcp ? IpProtocol.Tcp : EXPERIMENT);
          const { id } = header(sent.at(-1));
          if (!cut && !(tcp && !unconnected)) {
            expect(id).toBe(0);
            continue;
          }
          if (last !== null) expect(id).toBe((last + 1) & 0xffff);
          last = id;
        }
      }),
    );
  });

  test('does not forbid to cut what has to be cut, unless that is the wish', () => {
    const { lan, a, sent } = world();
    send(a, 2000);
    expect(sent.map((frame) => header(frame).dontFragment)).toEqual([false, false]);
    send(a, 2000, { neverFragment: true });
    expect(sent).toHaveLength(2);
    expect(a.drops.of('needs-fragmentation')).toBe(1);
    a.routes.learnMtu(B, 552, true, Number.POSITIVE_INFINITY);
    send(a, 8);
    expect(header(sent.at(-1)).dontFragment, 'the path MTU is not to be trusted').toBe(false);
    lan.run(1);
  });
});

test('a packet of whatever length arrives whole, over whatever MTU, in pieces that fit', () => {
  const { lan, a, b, eth0, sent } = world();
  const whole: Uint8Array[] = [];
  b.ipv4.register(EXPERIMENT, {
    receive: ({ frame, l4, end }) => whole.push(frame.bytes.slice(l4, end)),
    hasSent: () => true,
    receiveError: () => {},
    hasConnection: () => false,
  });
  const sizes = [fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 68, max: 1500 })] as const;
  fc.assert(
    fc.property(...sizes, (length, mtu) => {
      a.setInterfaceMtu(eth0, mtu);
      const before = sent.length;
      send(a, length);
      lan.run(0.1);
      const pieces = sent.slice(before);
      for (const piece of pieces) expect(piece.length - L3).toBeLessThanOrEqual(mtu);
      if (length + 20 <= mtu) expect(pieces).toHaveLength(1);
      expect(new Set(pieces.map(({ packetId }) => packetId)).size).toBe(1);
      const expected = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
      expect(whole.at(-1)).toEqual(expected);
    }),
  );
});

describe('hooks', () => {
  test.each([
    ['Output', HookPoint.Output],
    ['Postrouting', HookPoint.Postrouting],
  ] as const)(
    'at %s: a drop is told to the sender, what is stolen has been sent',
    (_name, point) => {
      const { a, sent } = world();
      const remove = a.hooks.register(point, 0, () => Verdict.Drop);
      expect(send(a, 8)).toBe(false);
      remove();
      const forget = a.hooks.register(point, 0, () => Verdict.Stolen);
      expect(send(a, 8)).toBe(true);
      forget();
      expect(sent).toEqual([]);
      expect(send(a, 8)).toBe(true);
      expect(sent).toHaveLength(1);
    },
  );

  test('see the mark and where the packet goes', () => {
    const { a } = world();
    const seen: unknown[] = [];
    a.hooks.register(HookPoint.Output, 0, ({ mark, egress, nextHop, ingress }) => {
      seen.push([mark, egress?.name, nextHop, ingress]);
      return Verdict.Accept;
    });
    send(a, 8, { mark: 7 });
    send(a, 8);
    expect(seen).toEqual([
      [7, 'eth0', B, null],
      [0, 'eth0', B, null],
    ]);
  });

  test('may send packets of their own, and the one under way is not disturbed', () => {
    const { a, sent } = world();
    let depth = 0;
    a.hooks.register(HookPoint.Postrouting, 0, (packet) => {
      if (depth < 3) {
        depth++;
        send(a, depth * 10);
      }
      packet.source = ip('10.0.0.9');
      return Verdict.Accept;
    });
    send(a, 8);
    expect(sent.map(line)).toEqual(
      [30, 20, 10, 8].map((length) => `IP 10.0.0.9 > 10.0.0.2: ip-proto-253, length ${length}`),
    );
  });

  test('decide the source, which is what the octets say in the end', () => {
    const { lan, a, b, sent } = world();
    a.hooks.register(HookPoint.Postrouting, 0, (packet) => {
      packet.source = ip('10.0.0.9');
      return Verdict.Accept;
    });
    const log = lan.ping(a, '10.0.0.2');
    lan.run(1);
    expect(sent.map(line)[0]).toMatch(/^IP 10\.0\.0\.9 > 10\.0\.0\.2: ICMP echo request/);
    const [request] = sent;
    if (request === undefined) throw new Error('no request');
    expect(icmp.check(request, request.start + L4, request.length - L4)).toBe(null);
    expect(log.replies).toHaveLength(1);
    expect(b.drops.total).toBe(0);
  });
});
