// What a host or a router does with an IPv4 packet that comes in: deliver, forward, or drop by name.
//
//   B 10.0.0.2 ---- lan ---- 10.0.0.1 A 192.0.2.1 ---- far ---- C 192.0.2.2

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePacket } from '../../../src/stack/ipv4/packet-reader.ts';
import type { RouteType } from '../../../src/stack/ipv4/route-table.ts';
import type { TransportProtocol } from '../../../src/stack/ipv4/transport.ts';
import { Packet } from '../../../src/stack/packet.ts';
import * as checksum from '../../../src/wire/checksum.ts';
import { describe as line } from '../../../src/wire/describe.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { BROADCAST_MAC } from '../../../src/wire/mac-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as udp from '../../../src/wire/udp.ts';
import { hostileOctets, uint8, uint16 } from '../../support/arbitraries.ts';
import {
  type Ends,
  echoFrame,
  frameOf,
  ip,
  ipv4Frame,
  L3,
  L4,
  tcpFrame,
  udpFrame,
} from '../../support/frames.ts';
import { arrive, packetsFrom, withHeader } from '../../support/injection.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const A = ip('10.0.0.1');
const B = ip('10.0.0.2');
const FAR = ip('192.0.2.2');
/** A protocol of nobody's (RFC 3692). */
const EXPERIMENT = 253;

interface Seen {
  readonly source: number;
  readonly payload: Uint8Array;
}

/** Remembers what it is given. */
class Listener implements TransportProtocol {
  readonly seen: Seen[] = [];
  receive({ frame, source, l4, end }: Packet): void {
    this.seen.push({ source, payload: frame.bytes.slice(l4, end) });
  }
  hasSent(): boolean {
    return true;
  }
  receiveError(): void {}
  hasConnection(): boolean {
    return false;
  }
}

function world(forwarding = 0) {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  const c = lan.host('C');
  const far = lan.plug(a, 'eth1', { segment: 'far', addresses: ['192.0.2.1/24'] });
  lan.plug(c, 'eth1', { segment: 'far', addresses: ['192.0.2.2/24'] });
  lan.ping(b, '10.0.0.1');
  lan.ping(c, '192.0.2.1');
  lan.run(1);
  const eth0 = nic(a);
  for (const iface of a.interfaces) iface.conf.forwarding = forwarding;
  Object.assign(a.sysctl.host, { icmp_ratelimit: 0, icmp_msgs_per_sec: 1e6, icmp_msgs_burst: 1e6 });
  const listener = new Listener();
  a.ipv4.register(EXPERIMENT, listener);
  const back = packetsFrom(eth0);
  const on = packetsFrom(far);
  const toA: Ends = { source: B, destination: A, fromMac: nic(b).mac, toMac: eth0.mac };
  const route = (to: string, type: RouteType, via: string | null = null): void => {
    a.routes.add({
      destination: cidr(to),
      type,
      via: via === null ? null : ip(via),
      iface: type === 'unicast' ? far : null,
      source: null,
      metric: 0,
    });
  };
  /** What was dropped, and how many packets went where, because of one frame. */
  const effect = (frame: Frame) => {
    const before = { drops: a.drops.entries(), seen: listener.seen.length };
    const [answers, forwarded] = [back.length, on.length];
    arrive(eth0, frame);
    const known = new Map(before.drops);
    return {
      drops: a.drops
        .entries()
        .flatMap(([reason, n]) => (n > (known.get(reason) ?? 0) ? reason : [])),
      delivered: listener.seen.length - before.seen,
      answers: back.slice(answers).map(line),
      forwarded: on.slice(forwarded).map(line),
    };
  };
  return { lan, a, b, c, eth0, far, back, on, listener, toA, route, effect };
}

const NOTHING = { drops: [], delivered: 0, answers: [], forwarded: [] };

/** A packet of the protocol of nobody. */
function message(ends: Ends, payload: Uint8Array = Uint8Array.of(1, 2, 3, 4)): Frame {
  const fill = (frame: Frame, at: number): void => frame.bytes.set(payload, at);
  return ipv4Frame(EXPERIMENT, payload.length, fill, ends);
}

describe('a packet to this host', () => {
  test('reaches its protocol without what was behind it in the frame', () => {
    const { effect, listener, toA } = world();
    const padded = frameOf(Uint8Array.from([...message(toA).toBytes(), 0, 0, 0, 0, 0]));
    expect(effect(padded)).toEqual({ ...NOTHING, delivered: 1 });
    expect(listener.seen).toEqual([{ source: B, payload: Uint8Array.of(1, 2, 3, 4) }]);
  });

  test('of a protocol that it does not have is answered; IGMP never is', () => {
    const { effect, toA } = world();
    const packet = (protocol: number): Frame =>
      ipv4Frame(protocol, 8, (frame, at) => frame.bytes.fill(0, at, at + 8), toA);
    expect(effect(packet(99))).toMatchObject({
      drops: ['unknown-protocol'],
      answers: [expect.stringContaining('ICMP protocol unreachable')],
    });
    expect(effect(packet(IpProtocol.Igmp))).toEqual(NOTHING);
  });

  test('is delivered whichever of its addresses is meant, and by whichever interface', () => {
    const { effect, toA } = world();
    expect(effect(message({ ...toA, destination: ip('192.0.2.1') })).delivered).toBe(1);
  });

  test('that a kernel left unfinished is finished first', () => {
    const { a, eth0, toA } = world();
    const valid: boolean[] = [];
    const listener = new Listener();
    listener.receive = ({ frame, source, destination, l4, end }) =>
      valid.push(udp.hasValidChecksum(frame, l4, source, destination, end - l4));
    a.ipv4.register(IpProtocol.Udp, listener);
    const frame = udpFrame(5000, 9, new Uint8Array(8), toA);
    // The pseudo-header's sum, which is what a kernel leaves.
    const sum = checksum.finish(checksum.pseudoHeader(B, A, IpProtocol.Udp, 16));
    udp.setChecksum(frame, frame.start + L4, ~sum & 0xffff);
    frame.offload = { segmentSize: 0, checksumStart: L4, checksumOffset: 6, hasCwr: false };
    eth0.acceptsOffload = true;
    arrive(eth0, frame);
    expect(valid).toEqual([true]);
  });
});

describe('a packet to many', () => {
  test.each([
    ['255.255.255.255', 1],
    ['10.0.0.255', 1],
    ['192.0.2.255', 1],
    ['224.0.0.1', 1],
    ['224.0.0.18', 0],
  ])('to %s is delivered %i times, and never forwarded', (destination, delivered) => {
    const { effect, toA } = world(1);
    expect(effect(message({ ...toA, destination: ip(destination) }))).toEqual({
      ...NOTHING,
      delivered,
    });
  });

  test('reaches who has joined the group', () => {
    const { a, effect, toA } = world();
    a.ipv4.join(ip('224.0.0.18'));
    expect(effect(message({ ...toA, destination: ip('224.0.0.18') })).delivered).toBe(1);
  });

  test('may come from who has no address yet', () => {
    const { effect, toA } = world();
    const dhcp = { ...toA, source: ip('0.0.0.0'), destination: ip('255.255.255.255') };
    expect(effect(message(dhcp))).toEqual({ ...NOTHING, delivered: 1 });
  });
});

describe('what no wire can bring', () => {
  test.each([
    ['a group sends', '224.0.0.5', '10.0.0.1'],
    ['everybody sends', '255.255.255.255', '10.0.0.1'],
    ['nobody sends', '0.0.0.0', '10.0.0.1'],
    ['nobody is sent', '10.0.0.2', '0.0.0.0'],
    ['a loopback address sends', '127.0.0.1', '10.0.0.1'],
    ['a loopback address is sent', '10.0.0.2', '127.0.0.1'],
    ['this very host sends', '10.0.0.1', '10.0.0.1'],
    ['another address of this host sends', '192.0.2.1', '10.0.0.1'],
  ])('is a martian: %s', (_name, source, destination) => {
    const { effect, toA } = world(1);
    const packet = message({ ...toA, source: ip(source), destination: ip(destination) });
    expect(effect(packet)).toEqual({ ...NOTHING, drops: ['martian'] });
  });

  test('is believed where the interface is told to', () => {
    const { eth0, effect, toA } = world();
    eth0.conf.accept_local = 1;
    expect(effect(message({ ...toA, source: ip('192.0.2.1') })).delivered).toBe(1);
    eth0.conf.route_localnet = 1;
    expect(effect(message({ ...toA, destination: ip('127.0.0.1') })).delivered).toBe(1);
  });

  test('does not include the rest of 0.0.0.0/8 (since Linux 5.3)', () => {
    const { effect, toA } = world();
    expect(effect(message({ ...toA, source: ip('0.1.2.3') })).delivered).toBe(1);
  });
});

describe('rp_filter', () => {
  // 10.0.0.2 is here, 192.0.2.2 behind the other interface, 203.0.113.1 nowhere.
  test.each([
    [0, '10.0.0.2', true],
    [0, '192.0.2.2', true],
    [0, '203.0.113.1', true],
    [1, '10.0.0.2', true],
    [1, '192.0.2.2', false],
    [1, '203.0.113.1', false],
    [2, '10.0.0.2', true],
    [2, '192.0.2.2', true],
    [2, '203.0.113.1', false],
  ])('%i believes %s: %s', (mode, source, believed) => {
    const { eth0, effect, toA, route } = world(1);
    route('198.51.100.0/24', 'unicast', '192.0.2.2');
    eth0.conf.rp_filter = mode;
    const drops = believed ? [] : ['rp-filter'];
    const delivered = believed ? 1 : 0;
    expect(effect(message({ ...toA, source: ip(source) }))).toMatchObject({ drops, delivered });
    const on = { ...toA, source: ip(source), destination: ip('198.51.100.1') };
    expect(effect(message(on)).forwarded).toHaveLength(delivered);
  });

  // fib_validate_source: EINVAL for an address that is no host's, EXDEV for a host elsewhere.
  test.each([1, 2])('%i takes the broadcast address of a subnet for a martian', (mode) => {
    const { eth0, effect, toA } = world(1);
    eth0.conf.rp_filter = mode;
    const packet = message({ ...toA, source: ip('10.0.0.255') });
    expect(effect(packet)).toMatchObject({ drops: ['martian'], delivered: 0 });
  });

  test('2 does not believe who is sent nowhere', () => {
    const { eth0, effect, toA, route } = world();
    route('203.0.113.0/24', 'blackhole');
    eth0.conf.rp_filter = 2;
    expect(effect(message({ ...toA, source: ip('203.0.113.1') })).drops).toEqual(['rp-filter']);
  });
});

describe('a packet to another', () => {
  test('is not a host’s matter, whatever its TTL', () => {
    const { effect, toA } = world(0);
    const packet = withHeader(message({ ...toA, destination: FAR }), (each, l3) =>
      ipv4.setTimeToLive(each, l3, 1),
    );
    expect(effect(packet)).toEqual({ ...NOTHING, drops: ['not-forwarding'] });
  });

  test('goes on one hop older and otherwise as it was', () => {
    const { eth0, far, on, toA } = world(1);
    const sample = fc.record({
      timeToLive: fc.integer({ min: 2, max: 255 }),
      service: uint8,
      identification: uint16,
      dontFragment: fc.boolean(),
      payload: fc.uint8Array({ maxLength: 64 }),
    });
    fc.assert(
      fc.property(sample, ({ timeToLive, service, identification, dontFragment, payload }) => {
        const frame = withHeader(message({ ...toA, destination: FAR }, payload), (each, l3) => {
          ipv4.setTimeToLive(each, l3, timeToLive);
          ipv4.setTypeOfService(each, l3, service);
          ipv4.setIdentification(each, l3, identification);
          ipv4.setFragment(each, l3, 0, false, dontFragment);
        });
        const before = frame.toBytes();
        arrive(eth0, frame);
        const forwarded = on.at(-1);
        if (forwarded === undefined) throw new Error('not forwarded');
        expect(forwarded.packetId).toBe(frame.packetId);
        expect(frame.toBytes(), 'what has come belongs to everybody').toEqual(before);
        expect(ipv4.check(forwarded, forwarded.start + L3)).toBe(null);
        const expected = withHeader(frameOf(before), (each, l3) =>
          ipv4.setTimeToLive(each, l3, timeToLive - 1),
        ).toBytes();
        expect(forwarded.toBytes().subarray(L3)).toEqual(expected.subarray(L3));
        expect(line(forwarded)).toBe(line(frame));
        expect(forwarded.bytes[forwarded.start + 11]).toBe(far.mac % 256);
      }),
    );
  });

  test('that is too old is answered', () => {
    const { effect, toA } = world(1);
    for (const timeToLive of [0, 1]) {
      const packet = withHeader(message({ ...toA, destination: FAR }), (each, l3) =>
        ipv4.setTimeToLive(each, l3, timeToLive),
      );
      expect(effect(packet)).toMatchObject({
        drops: ['ttl-exceeded'],
        answers: [expect.stringContaining('ICMP time exceeded')],
        forwarded: [],
      });
    }
  });

  test.each<readonly [RouteType | null, string, string | null]>([
    [null, 'no-route', 'net unreachable'],
    ['unreachable', 'route-unreachable', 'host unreachable'],
    ['prohibit', 'route-prohibited', 'administratively prohibited'],
    ['blackhole', 'route-blackhole', null],
  ])('where the route is %s is dropped as %s, and the sender told: %s', (type, reason, told) => {
    const { effect, toA, route } = world(1);
    if (type !== null) route('198.51.100.0/24', type);
    const found = effect(message({ ...toA, destination: ip('198.51.100.1') }));
    expect(found.drops).toEqual([reason]);
    const answers = told === null ? [] : [expect.stringContaining(`ICMP ${told}`)];
    expect(found.answers).toEqual(answers);
  });

  test('that is larger than the way on is cut, or may not be cut and is answered', () => {
    const { a, far, effect, toA } = world(1);
    a.setInterfaceMtu(far, 600);
    const large = (dontFragment: boolean): Frame =>
      withHeader(message({ ...toA, destination: FAR }, new Uint8Array(1000)), (each, l3) =>
        ipv4.setFragment(each, l3, 0, false, dontFragment),
      );
    expect(effect(large(true))).toMatchObject({
      drops: ['needs-fragmentation'],
      answers: [expect.stringContaining('(mtu 600)')],
      forwarded: [],
    });
    expect(effect(large(false)).forwarded).toEqual([
      expect.stringContaining('fragment 576@0+'),
      expect.stringContaining('fragment 424@576 '),
    ]);
  });

  test('in a broadcast frame is for nobody to forward (RFC 1812 5.3.4)', () => {
    const { effect, toA } = world(1);
    const packet = message({ ...toA, destination: FAR, toMac: BROADCAST_MAC });
    expect(effect(packet)).toEqual({ ...NOTHING, drops: ['not-forwarding'] });
  });

  test('whose next hop does not answer comes back as an error', () => {
    const { lan, back, eth0, toA } = world(1);
    arrive(eth0, message({ ...toA, destination: ip('192.0.2.77') }));
    lan.run(4);
    expect(back.map(line)).toEqual([
      expect.stringMatching(/^IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP host unreachable/),
    ]);
  });
});

describe('a header', () => {
  test.each<readonly [string, string, (frame: Frame, l3: number) => void]>([
    ['another version', 'malformed-ipv4', (frame, l3) => frame.view.setUint8(l3, 0x65)],
    ['a header shorter than one', 'malformed-ipv4', (frame, l3) => frame.view.setUint8(l3, 0x44)],
    ['more than there is', 'malformed-ipv4', (frame, l3) => ipv4.setTotalLength(frame, l3, 1500)],
    ['less than its header', 'malformed-ipv4', (frame, l3) => ipv4.setTotalLength(frame, l3, 19)],
  ])('that says %s is dropped as %s', (_name, reason, spoil) => {
    const { effect, toA } = world(1);
    expect(effect(withHeader(message(toA), spoil)).drops).toEqual([reason]);
  });

  test('that came damaged is dropped by name', () => {
    const { effect, toA } = world(1);
    const frame = message(toA);
    ipv4.setIdentification(frame, frame.start + L3, 0xbeef);
    expect(effect(frame)).toEqual({ ...NOTHING, drops: ['bad-ipv4-checksum'] });
  });

  test('with malformed options is answered with the octet, with a source route is not', () => {
    const { effect, back, toA } = world(1);
    const withOptions = (options: readonly number[], destination = A): Frame => {
      const plain = message({ ...toA, destination }).toBytes();
      const frame = frameOf(
        Uint8Array.from([...plain.subarray(0, L4), ...options, ...plain.subarray(L4)]),
      );
      return withHeader(frame, (each, l3) => {
        each.view.setUint8(l3, 0x45 + options.length / 4);
        ipv4.setTotalLength(each, l3, each.length - L3);
      });
    };
    for (const destination of [A, FAR]) {
      expect(effect(withOptions([1, 1, 1, 7], destination))).toMatchObject({
        drops: ['malformed-ipv4-options'],
        delivered: 0,
        forwarded: [],
      });
      const error = back.at(-1);
      // Type 12, and the pointer.
      const at = L4 + (error?.start ?? 0);
      expect([error?.view.getUint8(at), error?.view.getUint8(at + 4)]).toEqual([12, 23]);
      expect(effect(withOptions([131, 7, 4, 192, 0, 2, 1, 0], destination))).toEqual({
        ...NOTHING,
        drops: ['source-route'],
      });
    }
    expect(effect(withOptions([1, 1, 1, 0])).delivered).toBe(1);
    expect(effect(withOptions([1, 1, 1, 0], FAR)).forwarded).toHaveLength(1);
  });

  test('of whatever octets breaks nothing, and what leaves is sound', () => {
    fc.assert(
      fc.property(fc.array(hostileOctets, { maxLength: 8 }), (frames) => {
        const { eth0, back, on } = world(1);
        eth0.promiscuous = true;
        for (const octets of frames) arrive(eth0, frameOf(octets));
        for (const frame of [...back, ...on]) {
          expect(ipv4.check(frame, frame.start + L3)).toBe(null);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('parsePacket', () => {
  const anyFrame = fc.constantFrom(
    udpFrame(5000, 53, new Uint8Array(3)),
    tcpFrame(
      { sourcePort: 6000, destinationPort: 80, sequenceNumber: 1, flags: 2 },
      new Uint8Array(),
    ),
    echoFrame(8, 77, 1, new Uint8Array(4)),
    echoFrame(3, 77, 1, new Uint8Array(4)),
    message({}),
    message({}, new Uint8Array(1)),
    withHeader(udpFrame(5000, 53, new Uint8Array(64)), (each, l3) =>
      ipv4.setFragment(each, l3, 64, false, false),
    ),
  );

  /** All that is known of a packet, but for its getters. */
  const parsed = (packet: Packet, frame: Frame): Record<string, unknown> => {
    expect(parsePacket(packet, frame, frame.start + L3)).toBe(true);
    return { ...packet };
  };

  test('leaves nothing of the packet before', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 2, maxLength: 5 }), (frames) => {
        const used = new Packet();
        let last: Record<string, unknown> = {};
        for (const frame of frames) {
          last = parsed(used, frame);
          Object.assign(used, {
            mark: 7,
            isReply: true,
            isRelated: true,
            isToGroup: true,
            pathMtu: 9,
          });
        }
        expect(last).toEqual(parsed(new Packet(), frames.at(-1) ?? frames[0] ?? message({})));
      }),
    );
  });

  test('reads ports where there are any', () => {
    const ports = (frame: Frame): unknown[] => {
      const { sourcePort, destinationPort } = parsed(new Packet(), frame);
      return [sourcePort, destinationPort];
    };
    expect(ports(udpFrame(5000, 53, new Uint8Array(3)))).toEqual([5000, 53]);
    expect(ports(echoFrame(8, 77, 1, new Uint8Array(4)))).toEqual([77, 77]);
    expect(ports(echoFrame(11, 77, 1, new Uint8Array(4))), 'an error').toEqual([0, 0]);
    expect(ports(message({}, new Uint8Array(8).fill(9))), 'another protocol').toEqual([0, 0]);
    const later = withHeader(udpFrame(5000, 53, new Uint8Array(64)), (each, l3) =>
      ipv4.setFragment(each, l3, 64, false, false),
    );
    expect(ports(later), 'a later fragment').toEqual([0, 0]);
    const short = withHeader(udpFrame(5000, 53, new Uint8Array(3)), (each, l3) =>
      ipv4.setTotalLength(each, l3, 27),
    );
    expect(ports(short), 'less than a header').toEqual([0, 0]);
  });

  test('says no to what is malformed', () => {
    const frame = message({});
    ipv4.setTimeToLive(frame, frame.start + L3, 1);
    expect(parsePacket(new Packet(), frame, frame.start + L3)).toBe(false);
  });
});
