import { describe, expect, test } from 'vitest';
import { millis, seconds } from '../../../src/sim/time.ts';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { HookPoint, HookPriority } from '../../../src/stack/hooks.ts';
import { Verdict } from '../../../src/stack/packet.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { ip } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';
import { ascii, echoServer, lines, Puppet, Recorder, segments } from '../../support/tcp.ts';

interface Pair {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
}

function pair(): Pair {
  const lan = new Lan();
  return { lan, a: lan.host('A', '10.0.0.1/24'), b: lan.host('B', '10.0.0.2/24') };
}

/** TCP segments that reach this host disappear. */
function deafen(stack: NetworkStack): void {
  stack.hooks.register(HookPoint.Input, HookPriority.Filter, (packet) =>
    packet.protocol === IpProtocol.Tcp ? Verdict.Drop : Verdict.Accept,
  );
}

function rounded(times: readonly number[]): number[] {
  return times.map((time) => Math.round(time * 100) / 100);
}

describe('active open', () => {
  test('SYN, SYN-ACK, ACK; the options are those of Linux without SACK', () => {
    const { lan, a, b } = pair();
    const server = echoServer(b, 80);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    expect(connection.state).toBe('SYN-SENT');
    lan.run(1);
    expect(lines(lan)).toEqual(['A > B S 0', 'B > A SA 0 ack 1', 'A > B A 1 ack 1']);
    expect(client.calls).toEqual(['connected']);
    expect(server.calls).toEqual(['accepted']);
    expect(connection.state).toBe('ESTAB');
    expect(server.connection.state).toBe('ESTAB');
    const [syn, synAck, ack] = segments(lan);
    expect([syn?.mss, syn?.window, synAck?.window, ack?.window]).toEqual([
      1460, 64_240, 65_160, 63,
    ]);
    expect(syn?.dontFragment).toBe(true);
    expect(connection.srtt).toBeGreaterThan(0);
  });

  test('a SYN without an answer is repeated as tcp_syn_linear_timeouts=4 says, and given up at 131 s and some', () => {
    const { lan, a, b } = pair();
    deafen(b);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(140);
    const times = segments(lan).map(({ t }) => t - (segments(lan)[0]?.t ?? 0));
    // The slack of the wheel on top: fixture tcp-timers has the same series.
    expect(rounded(times)).toEqual([
      0, 1.02, 2.05, 3.07, 4.1, 5.12, 7.14, 11.26, 19.46, 35.58, 69.63,
    ]);
    expect(client.calls).toEqual(['ETIMEDOUT']);
    expect(client.times[0]).toBeCloseTo(135.17, 1);
    expect(connection.retransmissions).toBe(10);
    expect(a.tcp.connections()).toEqual([]);
  });

  test('the sysctls are read when they are needed', () => {
    const { lan, a, b } = pair();
    deafen(b);
    a.sysctl.set('tcp_syn_linear_timeouts', 0);
    a.sysctl.set('tcp_syn_retries', 2);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(20);
    expect(rounded(segments(lan).map(({ t }) => t))).toEqual([0, 1.02, 3.04]);
    expect(client.times[0]).toBeCloseTo(7.17, 1);
  });

  test('a dialer with a timeout gives up silently', () => {
    const { lan, a, b } = pair();
    deafen(b);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 9, timeout: seconds(5) }, client);
    lan.run(20);
    expect(client.calls).toEqual(['ETIMEDOUT']);
    expect(client.times).toEqual([5]);
    expect(rounded(segments(lan).map(({ t }) => t))).toEqual([0, 1.02, 2.05, 3.07, 4.1]);
    expect(segments(lan).every(({ flags }) => flags === 'S')).toBe(true);
  });

  test('the timeout does not touch a connection that is established in time', () => {
    const { lan, a, b } = pair();
    echoServer(b, 80);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80, timeout: millis(100) }, client);
    lan.run(5);
    expect(client.calls).toEqual(['connected']);
  });

  test('a closed port refuses: RST with ACK and no sequence number (06a)', () => {
    const { lan, a, b } = pair();
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 81 }, client);
    lan.run(1);
    const [, reset] = segments(lan);
    expect(reset).toMatchObject({ flags: 'RA', acknowledgment: 1, window: 0, timeToLive: 64 });
    expect(client.calls).toEqual(['ECONNREFUSED']);
    expect(b.drops.of(StackDrop.NoSocket)).toBe(1);
  });

  test('a neighbor that does not answer means EHOSTUNREACH after three seconds (01b)', () => {
    const { lan, a } = pair();
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.9'), port: 80 }, client);
    lan.run(10);
    expect(client.calls).toEqual(['EHOSTUNREACH']);
    expect(client.times[0]).toBeGreaterThanOrEqual(2.9);
    expect(client.times[0]).toBeLessThan(3.4);
  });

  test('a SYN that waits for a MAC is not repeated: one leaves when the neighbor answers', () => {
    const { lan, a, b } = pair();
    echoServer(b, 80);
    const { ba } = lan.link(nic(b));
    ba.setUp(false);
    lan.after(1.3, () => ba.setUp(true));
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(2.5);
    expect(lines(lan)).toEqual(['A > B S 0', 'B > A SA 0 ack 1', 'A > B A 1 ack 1']);
    expect(client.times[0]).toBeCloseTo(2, 1);
  });

  test('no route: the error comes after connect has returned', () => {
    const { lan, a } = pair();
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('192.0.2.1'), port: 80 }, client);
    expect(client.calls).toEqual([]);
    lan.run(0);
    expect(client.calls).toEqual(['ENETUNREACH']);
    expect(connection.write(ascii('x'))).toBe(0);
  });

  test('a source address that is not ours is refused', () => {
    const { lan, a } = pair();
    const client = new Recorder();
    const localAddress = ip('10.0.0.77');
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80, localAddress }, client);
    lan.run(0);
    expect(client.calls).toEqual(['EADDRNOTAVAIL']);
  });

  test('ephemeral ports are even, differ, and skip listeners; a taken explicit one is refused', () => {
    const { lan, a, b } = pair();
    echoServer(b, 80);
    const ports = Array.from({ length: 50 }, () => {
      return a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, new Recorder()).localPort;
    });
    expect(new Set(ports).size).toBe(50);
    expect(ports.every((port) => port % 2 === 0 && port >= 32_768 && port <= 60_999)).toBe(true);
    const client = new Recorder();
    const [taken = 0] = ports;
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80, localPort: taken }, client);
    lan.run(0);
    expect(client.calls).toEqual(['EADDRNOTAVAIL']);
  });

  test('a port asked for may reopen a connection in TIME-WAIT; others wait for tcp_tw_reuse', () => {
    const { lan, a, b } = pair();
    echoServer(b, 80).closesOnEnd = true;
    const target = { address: ip('10.0.0.2'), port: 80, localPort: 40_000 };
    const first = a.tcp.connect(target, new Recorder());
    lan.run(1);
    first.close();
    lan.run(1);
    expect(first.state).toBe('TIME-WAIT');
    const again = new Recorder();
    const second = a.tcp.connect(target, again);
    expect(first.state).toBe('UNCONN');
    lan.run(1);
    expect(again.calls).toEqual(['connected']);
    expect(second.state).toBe('ESTAB');
    expect(a.tcp.connections()).toEqual([second]);
  });

  test('what is written and ended while connecting leaves after the handshake', () => {
    const { lan, a, b } = pair();
    const server = new Recorder();
    server.closesOnEnd = true;
    b.tcp.listen({ port: 80 }, server);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    expect(connection.write(ascii('early'))).toBe(5);
    connection.end();
    expect(connection.write(ascii('too late'))).toBe(0);
    lan.run(1);
    expect(server.text).toBe('early');
    expect(lines(lan)).toContain('A > B FPA 1 ack 1 len 5');
    expect(client.calls).toEqual(['connected', 'end', 'closed']);
  });

  test('abort while connecting says nothing to anybody', () => {
    const { lan, a, b } = pair();
    deafen(b);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(0.5);
    connection.abort();
    lan.run(5);
    expect(client.calls).toEqual([]);
    expect(lines(lan)).toEqual(['A > B S 0']);
  });

  test('close while connecting ends it at once', () => {
    const { lan, a, b } = pair();
    deafen(b);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client).close();
    lan.run(5);
    expect(client.calls).toEqual(['closed']);
  });
});

describe('passive open', () => {
  test('a SYN-ACK without an answer is repeated after 1, 3, 7, 15, 31 s and some, and forgotten at 63 s', () => {
    const { lan, a, b } = pair();
    const server = echoServer(a, 80);
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 100, mss: 1460 });
    lan.run(62);
    const synAcks = segments(lan).filter(({ flags }) => flags === 'SA');
    const start = synAcks[0]?.t ?? 0;
    expect(rounded(synAcks.map(({ t }) => t - start))).toEqual([0, 1.02, 3.04, 7.17, 15.36, 31.49]);
    expect(a.tcp.connections()).toHaveLength(1);
    lan.run(4);
    expect(a.tcp.connections()).toHaveLength(0);
    expect(a.tcp.listeners()[0]?.halfOpen).toBe(0);
    expect(server.calls).toEqual([]);
    expect(puppet.last.flags).toBe('SA');
  });

  test('a repeated SYN gets another SYN-ACK', () => {
    const { lan, a, b } = pair();
    echoServer(a, 80);
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 100 });
    lan.run(0.1);
    puppet.say({ flags: 'S', sequence: 100 });
    lan.run(0.1);
    expect(puppet.heard.map(({ flags }) => flags)).toEqual(['SA', 'SA']);
    expect(puppet.heard[0]?.sequence).toBe(puppet.heard[1]?.sequence);
  });

  test('without options the peer gets none, and segments of 536 octets', () => {
    const { lan, a, b } = pair();
    const server = new Recorder();
    a.tcp.listen({ port: 80 }, server);
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 100 });
    lan.run(0.1);
    puppet.say({ flags: 'A', sequence: 101, acknowledgment: puppet.last.sequence + 1 });
    lan.run(0.1);
    server.connection.write(new Uint8Array(600));
    lan.run(0.1);
    expect(puppet.heard.map(({ length }) => length)).toEqual([0, 536, 64]);
    expect(server.connection.timestamps.enabled).toBe(false);
    expect(server.connection.sender.window.octets).toBe(0xffff);
  });

  test('an ACK of something else is reset and the request lives on', () => {
    const { lan, a, b } = pair();
    echoServer(a, 80);
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 100 });
    lan.run(0.1);
    const { sequence } = puppet.last;
    puppet.say({ flags: 'A', sequence: 101, acknowledgment: sequence + 77 });
    lan.run(0.1);
    expect(puppet.last).toMatchObject({ flags: 'R', sequence: (sequence + 77) >>> 0, window: 0 });
    expect(a.tcp.connections()[0]?.state).toBe('SYN-RECV');
    puppet.say({ flags: 'A', sequence: 101, acknowledgment: sequence + 1 });
    lan.run(0.1);
    expect(a.tcp.connections()[0]?.state).toBe('ESTAB');
  });

  test('a RST in the window removes the request', () => {
    const { lan, a, b } = pair();
    const server = echoServer(a, 80);
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 100 });
    lan.run(0.1);
    puppet.say({ flags: 'R', sequence: 101 });
    lan.run(0.1);
    expect(a.tcp.connections()).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  test('to a listener: RST is ignored, ACK is reset, SYN with FIN is dropped', () => {
    const { lan, a, b } = pair();
    echoServer(a, 80);
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'R', sequence: 1 });
    puppet.say({ flags: 'SF', sequence: 1 });
    puppet.say({ flags: 'F', sequence: 1 });
    lan.run(0.1);
    expect(puppet.heard).toEqual([]);
    expect(a.drops.of(StackDrop.TcpFlags)).toBe(2);
    puppet.say({ flags: 'A', sequence: 1, acknowledgment: 4711 });
    lan.run(0.1);
    expect(puppet.linesSince(0)).toEqual(['R 4711']);
  });

  test('the backlog is bounded and overflow has a name', () => {
    const { lan, a, b } = pair();
    a.tcp.listen({ port: 80, backlog: 2 }, new Recorder());
    for (const port of [5000, 5001, 5002]) {
      new Puppet(b, port, ip('10.0.0.1'), 80).say({ flags: 'S', sequence: 100 });
    }
    lan.run(0.1);
    expect(a.tcp.listeners()[0]?.halfOpen).toBe(2);
    expect(a.drops.of(StackDrop.ListenOverflow)).toBe(1);
  });

  test('a closed listener forgets its requests; their ACK is reset', () => {
    const { lan, a, b } = pair();
    const listener = a.tcp.listen({ port: 80 }, new Recorder());
    const puppet = new Puppet(b, 5000, ip('10.0.0.1'), 80);
    puppet.say({ flags: 'S', sequence: 100 });
    lan.run(0.1);
    listener.close();
    listener.close();
    expect(a.tcp.connections()).toEqual([]);
    puppet.say({ flags: 'A', sequence: 101, acknowledgment: puppet.last.sequence + 1 });
    lan.run(0.1);
    expect(puppet.last.flags).toBe('R');
  });

  test('a listener bound to an address wins over the one for all', () => {
    const { lan, a, b } = pair();
    a.addresses.add(nic(a), { address: ip('10.0.0.3'), prefixLength: 24 });
    const two = new Recorder();
    a.tcp.listen({ port: 80, address: ip('10.0.0.3') }, two);
    const client = new Recorder();
    b.tcp.connect({ address: ip('10.0.0.3'), port: 80 }, client);
    const refused = new Recorder();
    b.tcp.connect({ address: ip('10.0.0.1'), port: 80 }, refused);
    lan.run(1);
    expect(two.calls).toEqual(['accepted']);
    expect(refused.calls).toEqual(['ECONNREFUSED']);
    expect(() => a.tcp.listen({ port: 80 }, new Recorder())).toThrow(
      expect.objectContaining({ code: 'EGL_ADDRESS_IN_USE' }),
    );
  });
});

describe('simultaneous open and stale peers', () => {
  test('two SYNs that cross make one connection (RFC 9293 figure 7)', () => {
    const { lan, a, b } = pair();
    lan.ping(a, '10.0.0.2');
    lan.run(1);
    const left = new Recorder();
    const right = new Recorder();
    const start = lan.scheduler.now;
    a.tcp.connect({ address: ip('10.0.0.2'), port: 200, localPort: 100 }, left);
    b.tcp.connect({ address: ip('10.0.0.1'), port: 100, localPort: 200 }, right);
    lan.run(1);
    expect(lines(lan, start).slice(0, 4).toSorted()).toEqual([
      'A > B S 0',
      'A > B SA 0 ack 1',
      'B > A S 0',
      'B > A SA 0 ack 1',
    ]);
    expect([left.calls, right.calls]).toEqual([['connected'], ['connected']]);
    left.connection.write(ascii('hi'));
    lan.run(1);
    expect(right.text).toBe('hi');
  });

  test('half-open: an old connection answers the SYN with its ACK, is reset, and the SYN comes again at once', () => {
    const { lan, a, b } = pair();
    const puppet = new Puppet(b, 80, ip('10.0.0.1'));
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(0.1);
    // RFC 9293 figure 9: B has been in this connection since before A lost its memory.
    puppet.say({ flags: 'A', sequence: 300, acknowledgment: 100 });
    lan.run(0.1);
    expect(puppet.linesSince(1)[0]).toBe('R 100');
    expect(puppet.heard[2]?.flags).toBe('S');
    expect(client.calls).toEqual([]);
    puppet.say({
      flags: 'SA',
      sequence: 400,
      acknowledgment: (puppet.heard[2]?.sequence ?? 0) + 1,
    });
    lan.run(0.1);
    expect(client.calls).toEqual(['connected']);
  });

  test('a RST is believed only with the right acknowledgment', () => {
    const { lan, a, b } = pair();
    const puppet = new Puppet(b, 80, ip('10.0.0.1'));
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(0.1);
    puppet.say({ flags: 'R', sequence: 0 });
    puppet.say({ flags: 'RA', sequence: 0, acknowledgment: 5 });
    lan.run(0.001);
    expect(client.calls).toEqual([]);
    expect(puppet.heard.every(({ flags }) => flags === 'S')).toBe(true);
    puppet.say({ flags: 'RA', sequence: 0, acknowledgment: puppet.last.sequence + 1 });
    lan.run(0.1);
    expect(client.calls).toEqual(['ECONNREFUSED']);
  });

  test('a connection to itself is a simultaneous open, as in Linux', () => {
    const { lan, a } = pair();
    const self = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.1'), port: 7777, localPort: 7777 }, self);
    lan.run(1);
    expect(self.calls).toEqual(['connected']);
    self.connection.write(ascii('me'));
    lan.run(1);
    expect(self.text).toBe('me');
  });
});
