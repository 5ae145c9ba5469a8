// ICMP of a host and a router, without the network in between: a frame goes in, an answer comes out.
//
//   B 10.0.0.2 ---- lan ---- 10.0.0.1 A 192.0.2.1 ---- far ---- C 192.0.2.2

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../../src/sim/time.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { describe as line } from '../../../src/wire/describe.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { ANY_ADDRESS } from '../../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC } from '../../../src/wire/mac-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { uint8, uint16 } from '../../support/arbitraries.ts';
import {
  type Ends,
  echoFrame,
  frameOf,
  icmpErrorFrame,
  ip,
  ipv4Frame,
  L3,
  L4,
  udpFrame,
} from '../../support/frames.ts';
import { arrive, packetsFrom, toInterface, withHeader } from '../../support/injection.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const A = ip('10.0.0.1');
const B = ip('10.0.0.2');
const FAR = ip('192.0.2.2');

function world() {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24', '10.0.0.9/24');
  const b = lan.host('B', '10.0.0.2/24');
  const far = lan.plug(a, 'eth1', { segment: 'far', addresses: ['192.0.2.1/24'] });
  const eth0 = nic(a);
  // A knows B, so that answers leave at once.
  lan.ping(b, '10.0.0.1');
  lan.run(1);
  Object.assign(a.sysctl.host, { icmp_ratelimit: 0, icmp_msgs_per_sec: 1e6, icmp_msgs_burst: 1e6 });
  const sent = packetsFrom(eth0);
  const toA: Ends = { source: B, destination: A, fromMac: nic(b).mac, toMac: eth0.mac };
  /** What A says to a frame from B. */
  const say = (frame: Frame): string[] => {
    const before = sent.length;
    arrive(eth0, frame);
    return sent.slice(before).map(line);
  };
  return { lan, a, b, eth0, far, sent, toA, say };
}

function router() {
  const all = world();
  for (const iface of all.a.interfaces) iface.conf.forwarding = 1;
  return { ...all, through: { ...all.toA, destination: FAR } };
}

/** As many octets as there may be, all different from their neighbors: one number to shrink. */
const octets = (most: number): fc.Arbitrary<Uint8Array> =>
  fc.nat(most).map((length) => Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff));

const datagram = (ends: Ends, length = 8): Frame => udpFrame(5000, 9, new Uint8Array(length), ends);

describe('an error', () => {
  test('quotes what it complains of, as it was, up to 576 octets in all', () => {
    const { sent, through, eth0 } = router();
    fc.assert(
      fc.property(octets(1400), (data) => {
        const frame = withHeader(udpFrame(5000, 9, data, through), (each, l3) =>
          ipv4.setTimeToLive(each, l3, 1),
        );
        arrive(eth0, frame);
        const error = sent.at(-1);
        if (error === undefined) throw new Error('no error');
        const length = ipv4.totalLength(error, error.start + L3);
        expect(length).toBe(Math.min(28 + 28 + data.length, 576));
        const quote = error.toBytes().subarray(L4 + icmp.HEADER_LENGTH);
        expect(quote).toEqual(frame.toBytes().subarray(L3, L3 + quote.length));
        expect(icmp.hasValidChecksum(error, error.start + L4, length - 20)).toBe(true);
      }),
    );
  });

  test('has precedence, and what it complains of decides the rest of the type of service', () => {
    const { sent, toA, eth0 } = world();
    fc.assert(
      fc.property(uint8, (service) => {
        arrive(
          eth0,
          withHeader(datagram(toA), (each, l3) => ipv4.setTypeOfService(each, l3, service)),
        );
        const error = sent.at(-1);
        const expected = 0xc0 | (service & 0x1e);
        expect(error && ipv4.typeOfService(error, error.start + L3)).toBe(expected);
      }),
    );
  });

  test('comes from the address that was meant, if that is ours', () => {
    const { say, toA } = world();
    expect(say(datagram({ ...toA, destination: ip('10.0.0.9') }))).toEqual([
      'IP 10.0.0.9 > 10.0.0.2: ICMP port unreachable, for UDP 10.0.0.2.5000 > 10.0.0.9.9, length 44',
    ]);
  });

  test('comes else from the way back, or from where the packet came in', () => {
    const { a, eth0, far, lan } = router();
    // The way back to this sender is by eth1, though its packet came by eth0.
    const c = lan.host('C');
    lan.plug(c, 'eth1', { segment: 'far', addresses: ['192.0.2.2/24'] });
    lan.ping(c, '192.0.2.1');
    lan.run(1);
    const sent = packetsFrom(far);
    const expired = (): Frame =>
      withHeader(
        datagram({ source: FAR, destination: ip('192.0.2.77'), toMac: eth0.mac }),
        (each, l3) => ipv4.setTimeToLive(each, l3, 1),
      );
    arrive(eth0, expired());
    a.sysctl.host.icmp_errors_use_inbound_ifaddr = 1;
    arrive(eth0, expired());
    expect(sent.map((each) => line(each).split(',')[0])).toEqual([
      'IP 192.0.2.1 > 192.0.2.2: ICMP time exceeded',
      'IP 10.0.0.1 > 192.0.2.2: ICMP time exceeded',
    ]);
  });

  test.each<readonly [string, (ends: Ends) => Frame]>([
    ['another error', (ends) => icmpErrorFrame(3, 1, 0, datagram({ ...ends, source: A }))],
    ['an ICMP type that nobody knows', (ends) => unknownProtocol(ends, IpProtocol.Icmp, 0xfe)],
    ['a broadcast at layer 2', (ends) => datagram({ ...ends, toMac: BROADCAST_MAC })],
    ['a broadcast', (ends) => datagram({ ...ends, destination: ip('255.255.255.255') })],
    ['a broadcast to the subnet', (ends) => datagram({ ...ends, destination: ip('10.0.0.255') })],
    ['a multicast', (ends) => datagram({ ...ends, destination: ip('224.0.0.1') })],
    ['what nobody has sent', (ends) => datagram({ ...ends, source: ANY_ADDRESS })],
    ['what a group has sent', (ends) => datagram({ ...ends, source: ip('224.0.0.5') })],
  ])('is never sent about %s (RFC 1122 3.2.2)', (_name, make) => {
    const { say, toA } = world();
    expect(say(make(toA))).toEqual([]);
    expect(say(datagram(toA)), 'about anything else it is').toHaveLength(1);
  });

  test('is never sent about a later fragment', () => {
    const { say, through } = router();
    const piece = (offset: number): Frame =>
      withHeader(datagram(through), (each, l3) => {
        ipv4.setTimeToLive(each, l3, 1);
        ipv4.setFragment(each, l3, offset, true, false);
      });
    expect(say(piece(1480))).toEqual([]);
    expect(say(piece(0))).toHaveLength(1);
  });

  test('that would come too soon is a named drop', () => {
    const { a, say, toA } = world();
    a.sysctl.host.icmp_ratelimit = 1000;
    const answers = Array.from({ length: 10 }, () => say(datagram(toA)).length);
    expect(answers).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    expect(a.drops.of('icmp-rate-limited')).toBe(4);
  });

  test('is never answered with an error, whatever it is', () => {
    const { sent, eth0, toA } = world();
    const errors = fc.constantFrom(3, 4, 5, 11, 12);
    fc.assert(
      fc.property(errors, uint8, fc.uint8Array({ maxLength: 80 }), (type, code, quote) => {
        const fill = (frame: Frame, at: number): void => {
          frame.bytes.set(quote, at + icmp.HEADER_LENGTH);
          icmp.emit(frame, at, type, code, 0, icmp.HEADER_LENGTH + quote.length);
        };
        const before = sent.length;
        arrive(eth0, ipv4Frame(IpProtocol.Icmp, icmp.HEADER_LENGTH + quote.length, fill, toA));
        expect(sent).toHaveLength(before);
      }),
      { numRuns: 500 },
    );
  });
});

/** A packet whose payload is one octet, repeated. */
function unknownProtocol(ends: Ends, protocol: number, octet: number): Frame {
  const fill = (frame: Frame, at: number): void => {
    if (protocol === IpProtocol.Icmp) icmp.emit(frame, at, octet, 0, 0, 8);
    else frame.bytes.fill(octet, at, at + 8);
  };
  return ipv4Frame(protocol, 8, fill, ends);
}

describe('echo', () => {
  test('comes back with all that was in it', () => {
    const { sent, eth0, toA } = world();
    fc.assert(
      fc.property(uint16, uint16, octets(1472), uint8, (identifier, sequence, data, service) => {
        const request = withHeader(echoFrame(8, identifier, sequence, data, toA), (each, l3) =>
          ipv4.setTypeOfService(each, l3, service),
        );
        arrive(eth0, request);
        const reply = sent.at(-1);
        if (reply === undefined) throw new Error('no reply');
        const [l3, l4] = [reply.start + L3, reply.start + L4];
        expect(line(reply)).toBe(
          `IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id ${identifier}, seq ${sequence}, length ${data.length + 8}`,
        );
        expect(reply.toBytes().subarray(L4 + icmp.HEADER_LENGTH)).toEqual(data);
        expect(icmp.hasValidChecksum(reply, l4, data.length + 8)).toBe(true);
        expect(ipv4.typeOfService(reply, l3)).toBe(service);
      }),
    );
  });

  test('comes back without the options of the request', () => {
    const { say, sent, toA } = world();
    const plain = echoFrame(8, 7, 1, Uint8Array.of(1, 2, 3), toA).toBytes();
    const octets = new Uint8Array(plain.length + 4).fill(1);
    octets.set(plain.subarray(0, L4));
    octets.set(plain.subarray(L4), L4 + 4);
    const request = frameOf(octets);
    const l3 = request.start + L3;
    request.view.setUint8(l3, 0x46);
    ipv4.setTotalLength(request, l3, octets.length - L3);
    ipv4.refreshChecksum(request, l3);
    expect(say(request)).toEqual([
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id 7, seq 1, length 11',
    ]);
    expect([...(sent.at(-1)?.toBytes() ?? [])].slice(-3)).toEqual([1, 2, 3]);
  });

  test('to everybody is answered where the host is told to, from its own address', () => {
    const { a, say, toA } = world();
    const toAll = (): Frame =>
      echoFrame(8, 1, 1, new Uint8Array(4), { ...toA, destination: ip('10.0.0.255') });
    expect(say(toAll())).toEqual([]);
    a.sysctl.host.icmp_echo_ignore_broadcasts = 0;
    expect(say(toAll())).toEqual([
      'IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id 1, seq 1, length 12',
    ]);
    a.sysctl.host.icmp_echo_ignore_all = 1;
    expect(say(toAll())).toEqual([]);
  });

  test('that came damaged, or cut off, is a named drop', () => {
    const { a, say, toA } = world();
    const damaged = echoFrame(8, 1, 1, new Uint8Array(4), toA);
    damaged.view.setUint8(damaged.end - 1, 0xff);
    expect(say(damaged)).toEqual([]);
    const short = withHeader(echoFrame(8, 1, 1, new Uint8Array(4), toA), (each, l3) =>
      ipv4.setTotalLength(each, l3, 27),
    );
    expect(say(short)).toEqual([]);
    expect(a.drops.entries()).toEqual([
      ['bad-icmp-checksum', 1],
      ['malformed-icmp', 1],
    ]);
  });

  test('has an identifier for each socket, also when one is asked for twice', () => {
    const { a } = world();
    const handler = { onReply: () => {}, onError: () => {} };
    const first = a.icmp.openEcho(handler, 0xffff);
    const second = a.icmp.openEcho(handler, 0xffff);
    expect([first.identifier, second.identifier]).toEqual([0xffff, 1]);
    const many = Array.from({ length: 1000 }, () => a.icmp.openEcho(handler).identifier);
    expect(new Set([...many, 0xffff, 1]).size).toBe(1002);
  });
});

describe('a timestamp request', () => {
  const request = (ends: Ends, length: number): Frame =>
    ipv4Frame(
      IpProtocol.Icmp,
      length,
      (frame, at) => {
        frame.bytes.fill(0, at, at + length);
        frame.view.setUint32(at + 8, 4711);
        icmp.emit(frame, at, icmp.Type.TimestampRequest, 0, 0x0007_0001, length);
      },
      ends,
    );

  test('is answered with milliseconds since midnight, which is when the lab began', () => {
    const { lan, say, sent, toA } = world();
    lan.run(86_400 - 1 + 12.345);
    say(request(toA, 20));
    // B has long been forgotten, and is asked for first.
    lan.run(1);
    const reply = sent.at(-1);
    if (reply === undefined) throw new Error('no reply');
    const at = reply.start + L4;
    expect([icmp.type(reply, at), icmp.rest(reply, at)]).toEqual([14, 0x0007_0001]);
    expect([8, 12, 16].map((offset) => reply.view.getUint32(at + offset))).toEqual([
      4711, 12_345, 12_345,
    ]);
    expect(icmp.hasValidChecksum(reply, at, 20)).toBe(true);
  });

  test('without a timestamp, or to everybody, is not', () => {
    const { say, toA } = world();
    expect(say(request({ ...toA, destination: ip('10.0.0.255') }, 20))).toEqual([]);
    const short = withHeader(request(toA, 12), () => {});
    expect(say(short), 'four octets are enough').toHaveLength(1);
    const bare = withHeader(echoFrame(13, 1, 1, new Uint8Array(3), toA), () => {});
    expect(say(bare)).toEqual([]);
  });
});

describe('the path MTU', () => {
  /** A has sent a datagram to 198.51.100.7 by its gateway B; `tell` is what somebody says about it. */
  const conversation = () => {
    const all = world();
    const { a, eth0, toA } = all;
    a.routes.add({
      destination: cidr('0.0.0.0/0'),
      type: 'unicast',
      via: B,
      iface: eth0,
      source: null,
      metric: 0,
    });
    const target = ip('198.51.100.7');
    const socket = a.udp.bind({}, { onDatagram: () => {} });
    socket.sendTo(target, 9, new Uint8Array(8));
    const own = { ...toA, source: A, destination: target };
    const tell = (mtu: number, port: number = socket.localPort): void => {
      const error = icmpErrorFrame(3, 4, mtu, udpFrame(port, 9, new Uint8Array(8), own));
      arrive(
        eth0,
        withHeader(toInterface(eth0, error), (each, l3) => ipv4.setSource(each, l3, B)),
      );
    };
    const mtu = (): unknown => {
      const route = a.ipv4.route(target);
      return typeof route === 'string' ? route : [route.mtu, route.mtuLocked];
    };
    return { ...all, tell, mtu };
  };

  test('is learned, kept for ten minutes, and told', () => {
    const { lan, a, tell, mtu } = conversation();
    tell(1400);
    expect(mtu()).toEqual([1400, false]);
    expect(lan.eventsOf('path-mtu-learned', a)).toMatchObject([
      { fields: { destination: '198.51.100.7', mtu: 1400 } },
    ]);
    tell(1300);
    expect(mtu()).toEqual([1300, false]);
    lan.run(599);
    expect(mtu()).toEqual([1300, false]);
    lan.run(1);
    expect(mtu()).toEqual([1500, false]);
  });

  test('never grows by what is said, nor falls below min_pmtu: then packets may be cut', () => {
    const { tell, mtu } = conversation();
    tell(1400);
    tell(1450);
    expect(mtu()).toEqual([1400, false]);
    tell(100);
    expect(mtu()).toEqual([552, true]);
    tell(0);
    expect(mtu()).toEqual([552, true]);
  });

  test('is not believed about what was never sent, or where nobody listens to it', () => {
    const { a, tell, mtu } = conversation();
    tell(1400, 1);
    expect(mtu()).toEqual([1500, false]);
    a.sysctl.host.ip_no_pmtu_disc = 1;
    tell(1400);
    expect(mtu()).toEqual([1500, false]);
  });

  test('of whatever number is between min_pmtu and the interface', () => {
    fc.assert(
      fc.property(fc.array(uint16, { minLength: 1, maxLength: 8 }), (said) => {
        const { tell, mtu } = conversation();
        for (const each of said) tell(each);
        const [learned] = mtu() as [number, boolean];
        expect(learned).toBeGreaterThanOrEqual(552);
        expect(learned).toBeLessThanOrEqual(1500);
        const least = Math.min(...said, 1500);
        expect(learned).toBe(Math.max(least, 552));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a redirect', () => {
  const TARGET = ip('198.51.100.7');

  /** A's gateway is B; the better one is G. A has pinged the target, and knows G if it `knowsG`. */
  const scene = (knowsG = true) => {
    const all = world();
    const { lan, a, eth0, toA } = all;
    lan.host('G', '10.0.0.3/24');
    a.routes.add({
      destination: cidr('0.0.0.0/0'),
      type: 'unicast',
      via: B,
      iface: eth0,
      source: null,
      metric: 0,
    });
    if (knowsG) lan.ping(a, '10.0.0.3');
    lan.run(1);
    const socket = a.icmp.openEcho({ onReply: () => {}, onError: () => {} });
    socket.send(TARGET, 1);
    const redirect = (gateway = '10.0.0.3', from = B, about = A): void => {
      const own = { ...toA, source: about, destination: TARGET };
      const offender = echoFrame(8, socket.identifier, 1, new Uint8Array(8), own);
      const error = toInterface(eth0, icmpErrorFrame(5, 1, ip(gateway), offender));
      arrive(
        eth0,
        withHeader(error, (each, l3) => ipv4.setSource(each, l3, from)),
      );
    };
    const gateway = () => a.routes.lookup(TARGET)?.nextHop;
    return { ...all, redirect, gateway };
  };

  test('is followed for five minutes', () => {
    const { lan, a, redirect, gateway } = scene();
    redirect();
    expect(gateway()).toBe(ip('10.0.0.3'));
    expect(lan.eventsOf('redirect-accepted', a)).toMatchObject([
      { fields: { destination: '198.51.100.7', gateway: '10.0.0.3' } },
    ]);
    lan.scheduler.advanceTo(lan.scheduler.now + seconds(300) - 1);
    expect(gateway()).toBe(ip('10.0.0.3'));
    lan.scheduler.advanceTo(lan.scheduler.now + 1);
    expect(gateway()).toBe(B);
  });

  test('to a gateway that is not known makes the host ask for it, and the next one is followed', () => {
    const { lan, redirect, gateway } = scene(false);
    redirect();
    expect(gateway()).toBe(B);
    lan.run(1);
    redirect();
    expect(gateway()).toBe(ip('10.0.0.3'));
  });

  type Scene = ReturnType<typeof scene>;
  test.each<readonly [string, (scene: Scene) => void]>([
    ['comes from another than the gateway in use', ({ redirect }) => redirect('10.0.0.3', FAR)],
    ['leads to the host itself', ({ redirect }) => redirect('10.0.0.9')],
    ['leads to a broadcast', ({ redirect }) => redirect('10.0.0.255')],
    ['leads where it led before', ({ redirect }) => redirect('10.0.0.2')],
    ['is about a packet of another', ({ redirect }) => redirect('10.0.0.3', B, ip('10.0.0.77'))],
    [
      'comes while accept_redirects is off',
      ({ eth0, redirect }) => {
        eth0.conf.accept_redirects = 0;
        redirect();
      },
    ],
    [
      'leads out of the subnet where media are not shared',
      ({ lan, eth0, a, redirect }) => {
        eth0.conf.shared_media = 0;
        eth0.conf.secure_redirects = 0;
        a.addresses.add(eth0, cidr('172.16.0.1/24'));
        lan.host('H', '172.16.0.2/24');
        lan.ping(a, '172.16.0.2');
        lan.run(1);
        redirect('172.16.0.2');
      },
    ],
    [
      'leads to no default gateway where media are not shared and redirects are secure',
      ({ eth0, redirect }) => {
        eth0.conf.shared_media = 0;
        redirect();
      },
    ],
  ])('is not followed when it %s', (_name, act) => {
    const all = scene();
    act(all);
    expect(all.gateway()).toBe(B);
    expect(all.lan.eventsOf('redirect-accepted')).toEqual([]);
  });

  test('that is not secure need not name a default gateway', () => {
    const { eth0, redirect, gateway } = scene();
    eth0.conf.shared_media = 0;
    eth0.conf.secure_redirects = 0;
    redirect();
    expect(gateway()).toBe(ip('10.0.0.3'));
  });

  const viaG = (a: NetworkStack): void => {
    a.routes.add({
      destination: cidr('198.51.100.0/24'),
      type: 'unicast',
      via: ip('10.0.0.3'),
      iface: nic(a),
      source: null,
      metric: 0,
    });
  };

  test('tells who sends by a detour, and the packet goes on', () => {
    const { a, eth0, lan, say, toA } = router();
    lan.host('G', '10.0.0.3/24');
    lan.ping(a, '10.0.0.3');
    lan.run(1);
    viaG(a);
    const detour = (): Frame => datagram({ ...toA, destination: TARGET });
    expect(say(detour())).toEqual([
      'IP 10.0.0.1 > 10.0.0.2: ICMP redirect, for UDP 10.0.0.2.5000 > 198.51.100.7.9, length 44',
      'IP 10.0.0.2.5000 > 198.51.100.7.9: UDP, length 8',
    ]);
    // Who sits behind a gateway has no other way to send it.
    a.routes.add({
      destination: cidr('203.0.113.0/24'),
      type: 'unicast',
      via: B,
      iface: eth0,
      source: null,
      metric: 0,
    });
    const behind = datagram({ ...toA, source: ip('203.0.113.5'), destination: TARGET });
    expect(say(behind)).toEqual(['IP 203.0.113.5.5000 > 198.51.100.7.9: UDP, length 8']);
    eth0.conf.send_redirects = 0;
    lan.run(30);
    expect(say(detour()).filter((each) => each.includes('ICMP'))).toEqual([]);
  });
});

describe('a quote', () => {
  test.each([0, 19, 20, 27])('of %i octets is too short, by name', (length) => {
    const { a, say, toA } = world();
    const quote = datagram({ ...toA, source: A, destination: B })
      .toBytes()
      .subarray(L3);
    const fill = (frame: Frame, at: number): void => {
      frame.bytes.set(quote.subarray(0, length), at + icmp.HEADER_LENGTH);
      icmp.emit(frame, at, 3, 1, 0, icmp.HEADER_LENGTH + length);
    };
    say(ipv4Frame(IpProtocol.Icmp, icmp.HEADER_LENGTH + length, fill, toA));
    expect(a.drops.entries()).toEqual([['malformed-icmp', 1]]);
  });

  test('of another IP version is none', () => {
    const { a, say, toA } = world();
    const fill = (frame: Frame, at: number): void => {
      frame.bytes.fill(0x60, at, at + 60);
      icmp.emit(frame, at, 3, 1, 0, 60);
    };
    say(ipv4Frame(IpProtocol.Icmp, 60, fill, toA));
    expect(a.drops.of('malformed-icmp')).toBe(1);
  });

  test('of a ping finds its socket, and no other', () => {
    const { a, eth0, toA } = world();
    const heard: number[] = [];
    const open = (identifier: number) =>
      a.icmp.openEcho(
        { onReply: () => {}, onError: ({ echoSequence }) => heard.push(echoSequence) },
        identifier,
      );
    open(7);
    open(8).close();
    for (const [identifier, sequence] of [
      [7, 41],
      [8, 42],
      [9, 43],
    ] as const) {
      const own = { ...toA, source: A, destination: B };
      const about = echoFrame(8, identifier, sequence, new Uint8Array(), own);
      arrive(eth0, toInterface(eth0, icmpErrorFrame(3, 1, 0, about)));
    }
    expect(heard).toEqual([41]);
  });
});
