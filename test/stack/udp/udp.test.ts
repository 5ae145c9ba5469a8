import { describe, expect, test } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { HookPoint, HookPriority } from '../../../src/stack/hooks.ts';
import { Verdict } from '../../../src/stack/packet.ts';
import type { Errno } from '../../../src/stack/socket/errno.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import {
  MAXIMUM_PAYLOAD,
  type UdpHandlers,
  type UdpSocket,
} from '../../../src/stack/udp/socket.ts';
import * as ethernet from '../../../src/wire/ethernet.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { formatIpv4, type Ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../../../src/wire/numbers.ts';
import * as udp from '../../../src/wire/udp.ts';
import { ip } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';
import { ascii, textOf } from '../../support/tcp.ts';

class Listener implements UdpHandlers {
  readonly heard: string[] = [];
  readonly errors: Errno[] = [];

  onDatagram(
    _socket: UdpSocket,
    frame: Frame,
    offset: number,
    length: number,
    source: Ipv4Address,
    sourcePort: number,
    destination: Ipv4Address,
  ): void {
    const from = `${formatIpv4(source)}:${sourcePort}`;
    this.heard.push(`${from} > ${formatIpv4(destination)} ${textOf(frame, offset, length)}`);
  }

  onError(_socket: UdpSocket, error: Errno): void {
    this.errors.push(error);
  }
}

interface Pair {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
}

function pair(): Pair {
  const lan = new Lan();
  return { lan, a: lan.host('A', '10.0.0.1/24'), b: lan.host('B', '10.0.0.2/24') };
}

/** The IPv4 packets with this protocol that crossed the LAN, by their headers. */
function packets(lan: Lan, protocol: number): { frame: Frame; l3: number; l4: number }[] {
  return lan.frames
    .map(({ frame }) => ({ frame, l3: frame.start + ethernet.HEADER_LENGTH }))
    .filter(({ frame }) => ethernet.etherType(frame) === EtherType.Ipv4)
    .filter(({ frame, l3 }) => ipv4.protocol(frame, l3) === protocol)
    .map(({ frame, l3 }) => ({ frame, l3, l4: l3 + ipv4.headerLength(frame, l3) }));
}

describe('sending and receiving', () => {
  test('a datagram arrives with its source and its destination', () => {
    const { lan, a, b } = pair();
    const server = new Listener();
    b.udp.bind({ port: 53 }, server);
    const client = a.udp.bind({ port: 4000 }, new Listener());
    expect(client.sendTo(ip('10.0.0.2'), 53, ascii('hello'))).toBeNull();
    lan.run(1);
    expect(server.heard).toEqual(['10.0.0.1:4000 > 10.0.0.2 hello']);
    const [sent] = packets(lan, IpProtocol.Udp);
    expect(sent && ipv4.dontFragment(sent.frame, sent.l3)).toBe(true);
    expect(sent && ipv4.timeToLive(sent.frame, sent.l3)).toBe(64);
  });

  test('sendZeros sends so many zeros', () => {
    const { lan, a, b } = pair();
    const server = new Listener();
    b.udp.bind({ port: 9 }, server);
    const client = a.udp.bind({ port: 4000 }, new Listener());
    client.sendZeros(ip('10.0.0.2'), 9, 3);
    lan.run(1);
    expect(server.heard).toEqual(['10.0.0.1:4000 > 10.0.0.2 \0\0\0']);
    expect(client.txBytes).toBe(3);
  });

  test('an empty datagram is a datagram', () => {
    const { lan, a, b } = pair();
    const server = new Listener();
    b.udp.bind({ port: 9 }, server);
    a.udp.bind({ port: 4000 }, new Listener()).sendTo(ip('10.0.0.2'), 9, ascii(''));
    lan.run(1);
    expect(server.heard).toEqual(['10.0.0.1:4000 > 10.0.0.2 ']);
  });

  test('a datagram longer than the MTU crosses in fragments', () => {
    const { lan, a, b } = pair();
    let received = 0;
    b.udp.bind(
      { port: 9 },
      {
        onDatagram: (_socket, _frame, _offset, length) => {
          received += length;
        },
      },
    );
    const client = a.udp.bind({}, new Listener());
    client.sendZeros(ip('10.0.0.2'), 9, 4000);
    lan.run(1);
    expect(received).toBe(4000);
    expect(client.sendZeros(ip('10.0.0.2'), 9, MAXIMUM_PAYLOAD + 1)).toBe('EMSGSIZE');
  });

  test('a host talks to itself over lo', () => {
    const { lan, a } = pair();
    const server = new Listener();
    a.udp.bind({ port: 53 }, server);
    a.udp.bind({ port: 4000 }, new Listener()).sendTo(ip('10.0.0.1'), 53, ascii('me'));
    lan.run(1);
    expect(server.heard).toEqual(['10.0.0.1:4000 > 10.0.0.1 me']);
  });

  test('without a route the sender is told at once', () => {
    const { a } = pair();
    const socket = a.udp.bind({}, new Listener());
    expect(socket.sendTo(ip('192.0.2.1'), 9, ascii('x'))).toBe('ENETUNREACH');
    expect(socket.send(ascii('x'))).toBe('ENOTCONN');
  });

  test('MSG_CONFIRM confirms the neighbor', () => {
    const { lan, a, b } = pair();
    b.udp.bind({ port: 9 }, new Listener());
    const socket = a.udp.bind({}, new Listener());
    socket.sendZeros(ip('10.0.0.2'), 9, 1);
    lan.run(1);
    const confirmed = lan.entry(a, '10.0.0.2')?.confirmed;
    lan.run(1);
    socket.confirmsNeighbor = true;
    socket.sendZeros(ip('10.0.0.2'), 9, 1);
    expect(lan.entry(a, '10.0.0.2')?.confirmed).toBeGreaterThan(confirmed ?? 0);
  });
});

describe('which socket', () => {
  test('the socket bound to the very address wins over none, the connected over both', () => {
    const { lan, a, b } = pair();
    b.addresses.add(nic(b), { address: ip('10.0.0.3'), prefixLength: 24 });
    const two = new Listener();
    const three = new Listener();
    b.udp.bind({ address: ip('10.0.0.2'), port: 53 }, two);
    b.udp.bind({ address: ip('10.0.0.3'), port: 53 }, three).connect(ip('10.0.0.1'), 4000);
    const client = a.udp.bind({ port: 4000 }, new Listener());
    const stranger = a.udp.bind({ port: 4001 }, new Listener());
    client.sendTo(ip('10.0.0.2'), 53, ascii('to 2'));
    client.sendTo(ip('10.0.0.3'), 53, ascii('to 3'));
    stranger.sendTo(ip('10.0.0.3'), 53, ascii('not heard'));
    lan.run(1);
    expect(two.heard).toEqual(['10.0.0.1:4000 > 10.0.0.2 to 2']);
    expect(three.heard).toEqual(['10.0.0.1:4000 > 10.0.0.3 to 3']);
    expect(b.drops.of(StackDrop.NoSocket)).toBe(1);
  });

  test('a broadcast goes to every socket on the port and is never answered with ICMP', () => {
    const { lan, a, b } = pair();
    const all = new Listener();
    b.udp.bind({ port: 67 }, all);
    const client = a.udp.bind({ port: 68 }, new Listener());
    client.sendTo(ip('255.255.255.255'), 67, ascii('all'));
    client.sendTo(ip('10.0.0.255'), 67, ascii('net'));
    client.sendTo(ip('10.0.0.255'), 99, ascii('nobody'));
    lan.run(1);
    expect(all.heard).toEqual([
      '10.0.0.1:68 > 255.255.255.255 all',
      '10.0.0.1:68 > 10.0.0.255 net',
    ]);
    expect(packets(lan, IpProtocol.Icmp)).toEqual([]);
  });

  test('a port can be taken once, per address or for all', () => {
    const { a } = pair();
    a.udp.bind({ port: 53 }, new Listener());
    expect(() => a.udp.bind({ port: 53 }, new Listener())).toThrow(/udp \*:53 is already in use/);
    expect(() => a.udp.bind({ address: ip('10.0.0.1'), port: 53 }, new Listener())).toThrow(
      expect.objectContaining({ code: 'EGL_ADDRESS_IN_USE' }),
    );
  });

  test('a closed socket frees its port, also from the middle of a chain', () => {
    const { a } = pair();
    const sockets = ['10.0.0.1', '127.0.0.1', '127.0.0.2'].map((address) =>
      a.udp.bind({ address: ip(address), port: 53 }, new Listener()),
    );
    expect(a.udp.sockets()).toEqual(sockets);
    sockets[1]?.close();
    sockets[1]?.close();
    expect(a.udp.sockets()).toEqual([sockets[0], sockets[2]]);
    sockets[0]?.close();
    sockets[2]?.close();
    expect(a.udp.sockets()).toEqual([]);
    expect(sockets[0]?.sendZeros(ip('10.0.0.2'), 9, 1)).toBe('ENOTCONN');
  });

  test('port 0 takes a free one from Linux’s range, the same with the same seed', () => {
    const first = pair().a.udp.bind({}, new Listener()).localPort;
    const second = pair().a.udp.bind({}, new Listener()).localPort;
    expect(first).toBe(second);
    expect(first).toBeGreaterThanOrEqual(32_768);
    expect(first).toBeLessThanOrEqual(60_999);
  });

  test('when all ephemeral ports are taken, binding says so', () => {
    const { a } = pair();
    for (let port = 32_768; port <= 60_999; port++) a.udp.bind({ port }, new Listener());
    expect(() => a.udp.bind({}, new Listener())).toThrow(
      expect.objectContaining({ code: 'EGL_PORTS_EXHAUSTED' }),
    );
  });

  test('a power failure takes all sockets', () => {
    const { a } = pair();
    const socket = a.udp.bind({ port: 53 }, new Listener());
    a.powerOff();
    expect(socket.isOpen).toBe(false);
    expect(a.udp.sockets()).toEqual([]);
    socket.close();
  });
});

describe('errors', () => {
  test('nobody listens: ICMP port unreachable, and ECONNREFUSED for a connected sender only', () => {
    const { lan, a } = pair();
    const connected = new Listener();
    const unconnected = new Listener();
    const socket = a.udp.bind({}, connected);
    expect(socket.connect(ip('10.0.0.2'), 9)).toBeNull();
    expect(formatIpv4(socket.localAddress)).toBe('10.0.0.1');
    socket.send(ascii('x'));
    a.udp.bind({}, unconnected).sendTo(ip('10.0.0.2'), 9, ascii('y'));
    lan.run(1);
    expect(connected.errors).toEqual(['ECONNREFUSED']);
    expect(unconnected.errors).toEqual([]);
    const [first] = packets(lan, IpProtocol.Icmp);
    expect(first && [icmp.type(first.frame, first.l4), icmp.code(first.frame, first.l4)]).toEqual([
      3, 3,
    ]);
  });

  test('a dead neighbor is no fatal error; a socket with IP_RECVERR hears of it (01b)', () => {
    const { lan, a } = pair();
    const plain = new Listener();
    const curious = new Listener();
    const socket = a.udp.bind({}, plain);
    socket.connect(ip('10.0.0.9'), 9);
    socket.send(ascii('x'));
    const other = a.udp.bind({}, curious);
    other.receiveErrors = true;
    other.sendTo(ip('10.0.0.9'), 9, ascii('x'));
    lan.run(5);
    expect(plain.errors).toEqual([]);
    expect(curious.errors).toEqual(['EHOSTUNREACH']);
  });

  test.each([
    [
      'a wrong checksum',
      StackDrop.BadUdpChecksum,
      (frame: Frame, at: number) => udp.setChecksum(frame, at, 0x1234),
    ],
    [
      'a length beyond the packet',
      StackDrop.BadUdp,
      (frame: Frame, at: number) => udp.setLength(frame, at, 999),
    ],
    [
      'a length below the header',
      StackDrop.BadUdp,
      (frame: Frame, at: number) => udp.setLength(frame, at, 7),
    ],
  ])('%s is a named drop', (_what, reason, spoil) => {
    const { lan, a, b } = pair();
    const server = new Listener();
    b.udp.bind({ port: 53 }, server);
    a.hooks.register(HookPoint.Output, HookPriority.Filter, (packet) => {
      if (packet.protocol === IpProtocol.Udp) spoil(packet.frame, packet.l4);
      return Verdict.Accept;
    });
    a.udp.bind({}, new Listener()).sendTo(ip('10.0.0.2'), 53, ascii('spoiled'));
    lan.run(1);
    expect(server.heard).toEqual([]);
    expect(b.drops.of(reason)).toBe(1);
  });

  test('a checksum of zero means that there is none', () => {
    const { lan, a, b } = pair();
    const server = new Listener();
    b.udp.bind({ port: 53 }, server);
    a.hooks.register(HookPoint.Output, HookPriority.Filter, (packet) => {
      if (packet.protocol === IpProtocol.Udp) udp.setChecksum(packet.frame, packet.l4, 0);
      return Verdict.Accept;
    });
    a.udp.bind({ port: 4000 }, new Listener()).sendTo(ip('10.0.0.2'), 53, ascii('bare'));
    lan.run(1);
    expect(server.heard).toEqual(['10.0.0.1:4000 > 10.0.0.2 bare']);
  });

  test.each([HookPoint.Output, HookPoint.Postrouting])(
    'a rule of the host that drops it (hook %i) is EPERM; one that keeps it is not',
    (point) => {
      const { lan, a } = pair();
      let verdict: Verdict = Verdict.Drop;
      a.hooks.register(point, HookPriority.Filter, () => verdict);
      const client = a.udp.bind({}, new Listener());
      expect(client.sendTo(ip('10.0.0.2'), 53, ascii('dropped'))).toBe('EPERM');
      const echo = a.icmp.openEcho({ onReply: () => {}, onError: () => {} });
      expect(echo.send(ip('10.0.0.2'), 1)).toBe('not-permitted');
      verdict = Verdict.Stolen;
      expect(client.sendTo(ip('10.0.0.2'), 53, ascii('kept'))).toBeNull();
      expect(echo.send(ip('10.0.0.2'), 2)).toBeNull();
      lan.run(1);
    },
  );
});
