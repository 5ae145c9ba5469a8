import { describe, expect, test } from 'vitest';
import { seconds } from '../../../src/sim/time.ts';
import { modelTimeout } from '../../../src/stack/tcp/retries.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';
import { ascii, echoServer, Recorder, segments } from '../../support/tcp.ts';
import { Conversation } from './conversation.ts';

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => Math.round((time - (times[i] ?? 0)) * 10) / 10);
}

/** Ten segments of 1000 octets, of which the first `n` are what a talk has said so far. */
function tenSegments(talk: Conversation): string[] {
  talk.connection.write(new Uint8Array(10_000));
  return talk.after(0.001);
}

describe('timeouts', () => {
  test('data without an answer: probe, RTO, then doubling up to 120 s, ETIMEDOUT after tcp_retries2', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    echoServer(b, 80);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(1);
    // B stays on the LAN, but nothing reaches it any more and nothing says so.
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac);
    lan.link(nic(b)).ba.setUp(false);
    const start = lan.scheduler.now;
    client.connection.write(ascii('hello'));
    lan.run(1200);
    const sent = segments(lan, start).filter(({ from }) => from === 'A');
    expect(gaps(sent.map(({ t }) => t))).toEqual([
      0.2, 0.2, 0.4, 0.8, 1.7, 3.3, 6.7, 13.3, 27.6, 53.2, 106.5, 120.8, 120.8, 120.8, 120.8, 120.8,
    ]);
    expect(client.calls).toEqual(['connected', 'ETIMEDOUT']);
    const gaveUp = (client.times[1] ?? 0) - start / 1e9;
    expect(gaveUp).toBeGreaterThan(924.6);
    expect(gaveUp).toBeLessThan(924.6 + 121);
  });

  test('tcp_retries2 means the time of so many doublings', () => {
    expect(modelTimeout(15)).toBe(seconds(924.6));
    expect(modelTimeout(8)).toBe(seconds(102.2));
    expect(modelTimeout(0)).toBe(seconds(0.2));
  });

  test('an acknowledgment ends the series, and timestamps tell the round trip of what was repeated', () => {
    const talk = new Conversation().establish({ timestamps: [1, 1] });
    const { connection } = talk;
    connection.write(ascii('x'));
    talk.lan.run(3);
    expect(connection.sender.rtt.backoff).toBeGreaterThan(2);
    const echo = connection.timestamps.valueAt(talk.lan.scheduler.now);
    talk.say({ flags: 'A', acknowledgment: 2, timestamps: [2, echo] });
    expect(connection.sender.rtt.backoff).toBe(0);
    expect(connection.sender.timeouts).toBe(0);
  });

  test('without timestamps the backoff stays until something new is acknowledged (Karn)', () => {
    const talk = new Conversation().establish();
    const { connection } = talk;
    connection.write(ascii('x'));
    talk.lan.run(3);
    talk.say({ flags: 'A', acknowledgment: 2 });
    expect(connection.sender.rtt.backoff).toBeGreaterThan(2);
    connection.write(ascii('y'));
    talk.say({ flags: 'A', acknowledgment: 3 });
    expect(connection.sender.rtt.backoff).toBe(0);
  });

  test('a handshake whose SYN was repeated starts with 3 s (RFC 6298 5.7)', () => {
    const talk = new Conversation();
    talk.stack.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, talk.app);
    talk.lan.run(1.5);
    const { sequence } = talk.puppet.last;
    talk.puppet.say({ flags: 'SA', sequence: 1, acknowledgment: sequence + 1 });
    talk.lan.run(0.01);
    expect(talk.connection.sender.rtt.rto).toBe(seconds(3));
  });

  test('after a timeout everything is sent again, in slow start', () => {
    const talk = new Conversation().establish({ mss: 1000 });
    expect(tenSegments(talk)).toHaveLength(10);
    const { sender } = talk.connection;
    // Probe at +8 ms, timeout 200 ms later.
    expect(talk.after(0.25)).toEqual(['PA 9001 ack 1 len 1000', 'A 1 ack 1 len 1000']);
    expect(sender.congestion.phase).toBe('loss');
    expect(sender.congestion.window).toBe(1);
    talk.say({ flags: 'A', acknowledgment: 1001 });
    expect(talk.news()).toEqual(['A 1001 ack 1 len 1000', 'A 2001 ack 1 len 1000']);
    talk.say({ flags: 'A', acknowledgment: 10_001 });
    expect(talk.news()).toEqual([]);
    expect(sender.congestion.phase).toBe('open');
    expect(sender.outstanding).toBe(0);
  });
});

describe('fast retransmit', () => {
  test('the third duplicate acknowledgment sends the missing segment, a partial one the next', () => {
    const talk = new Conversation().establish({ mss: 1000 });
    tenSegments(talk);
    for (let i = 0; i < 2; i++) talk.say({ flags: 'A', acknowledgment: 1001 });
    expect(talk.news()).toEqual([]);
    talk.say({ flags: 'A', acknowledgment: 1001 });
    expect(talk.news()).toEqual([]);
    talk.say({ flags: 'A', acknowledgment: 1001 });
    expect(talk.news()).toEqual(['A 1001 ack 1 len 1000']);
    const { congestion } = talk.connection.sender;
    expect(congestion.phase).toBe('recovery');
    expect(congestion.threshold).toBe(5);
    talk.say({ flags: 'A', acknowledgment: 4001 });
    expect(talk.news()).toEqual(['A 4001 ack 1 len 1000']);
    talk.say({ flags: 'A', acknowledgment: 10_001 });
    expect(congestion.phase).toBe('open');
    expect(congestion.window).toBeLessThanOrEqual(5);
  });

  test('limited transmit: each of the first two duplicates lets one new segment out', () => {
    const talk = new Conversation().establish({ mss: 1000 });
    tenSegments(talk);
    talk.connection.write(new Uint8Array(5000));
    expect(talk.after(0.001)).toEqual([]);
    talk.say({ flags: 'A', acknowledgment: 1 });
    talk.say({ flags: 'A', acknowledgment: 1 });
    expect(talk.news()).toEqual(['A 10001 ack 1 len 1000', 'A 11001 ack 1 len 1000']);
  });

  test('a segment with data or another window is no duplicate acknowledgment', () => {
    const talk = new Conversation().establish({ mss: 1000 });
    tenSegments(talk);
    for (let i = 0; i < 4; i++) {
      talk.say({ flags: 'A', window: 60_000 + i });
      talk.say({ flags: 'PA', sequence: 1 + i, data: 'x' });
    }
    expect(talk.connection.sender.congestion.phase).toBe('open');
  });
});

describe('tail loss probe', () => {
  test('new data goes first if there is any', () => {
    const talk = new Conversation().establish({ mss: 1000, window: 10_000 });
    tenSegments(talk);
    talk.connection.write(ascii('tail'));
    talk.say({ flags: 'A', acknowledgment: 1001, window: 10_000 });
    expect(talk.news()).toEqual(['PA 10001 ack 1 len 4']);
  });

  test('one probe at a time', () => {
    const talk = new Conversation().establish();
    talk.connection.write(ascii('x'));
    talk.news();
    expect(talk.after(0.3)).toEqual(['PA 1 ack 1 len 1', 'PA 1 ack 1 len 1']);
    talk.connection.write(ascii('y'));
    expect(talk.after(0.05)).toEqual(['PA 2 ack 1 len 1']);
  });
});

describe('ICMP', () => {
  /** A behind a router whose next hop to B can be cut. */
  function routed(): {
    lan: Lan;
    a: ReturnType<Lan['host']>;
    r: ReturnType<Lan['host']>;
    app: Recorder;
  } {
    const lan = new Lan();
    const a = lan.host('A', '10.0.1.1/24');
    const r = lan.host('R', '10.0.1.254/24');
    const b = lan.host('B');
    lan.plug(r, 'out', { segment: 'far', addresses: ['10.0.2.254/24'] });
    const far = lan.plug(b, 'far', { segment: 'far', addresses: ['10.0.2.1/24'] });
    r.sysctl.set('ip_forward', 1);
    const everywhere = cidr('0.0.0.0/0');
    const route = { destination: everywhere, type: 'unicast', source: null, metric: 0 } as const;
    a.routes.add({ ...route, via: ip('10.0.1.254'), iface: nic(a) });
    b.routes.add({ ...route, via: ip('10.0.2.254'), iface: far });
    echoServer(b, 80);
    const app = new Recorder();
    a.tcp.connect({ address: ip('10.0.2.1'), port: 80 }, app);
    lan.run(1);
    return { lan, a, r, app };
  }

  test('unreachable is soft for an established connection, and what a timeout then says', () => {
    const { lan, r, app } = routed();
    r.routes.remove(({ iface }) => iface?.name === 'out');
    r.routes.add({
      destination: cidr('10.0.2.0/24'),
      type: 'unreachable',
      via: null,
      iface: null,
      source: null,
      metric: 0,
    });
    app.connection.write(ascii('x'));
    lan.run(10);
    expect(app.connection.softError).toBe('EHOSTUNREACH');
    expect(app.connection.state).toBe('ESTAB');
    lan.run(1300);
    expect(app.calls).toEqual(['connected', 'EHOSTUNREACH']);
  });

  test('RFC 6069: host unreachable takes back one doubling', () => {
    const talk = new Conversation().establish();
    const { connection } = talk;
    connection.write(ascii('x'));
    talk.lan.run(2);
    const { backoff } = connection.sender.rtt;
    const error = {
      type: 3,
      code: 1,
      mtu: 0,
      from: ip('10.0.0.2'),
      source: connection.localAddress,
      destination: connection.remoteAddress,
      protocol: 6,
      sourcePort: connection.localPort,
      destinationPort: connection.remotePort,
      tcpSequence: connection.sender.una,
      icmpType: -1,
      echoSequence: 0,
    };
    talk.stack.tcp.receiveError(error);
    expect(connection.sender.rtt.backoff).toBe(backoff - 1);
    talk.stack.tcp.receiveError({ ...error, tcpSequence: connection.sender.una + 5000 });
    expect(connection.sender.rtt.backoff).toBe(backoff - 1);
  });

  test('any error ends a connection attempt', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    b.sysctl.set('ip_forward', 1);
    a.routes.add({
      destination: cidr('192.0.2.0/24'),
      type: 'unicast',
      via: ip('10.0.0.2'),
      iface: nic(a),
      source: null,
      metric: 0,
    });
    const app = new Recorder();
    a.tcp.connect({ address: ip('192.0.2.1'), port: 80 }, app);
    lan.run(1);
    expect(app.calls).toEqual(['ENETUNREACH']);
  });
});

describe('keepalive', () => {
  test('two silent hours, then nine probes 75 s apart and some, then RST and ETIMEDOUT', () => {
    const talk = new Conversation().establish({}, { keepAlive: true });
    talk.lan.run(7199);
    expect(talk.news()).toEqual([]);
    expect(talk.after(50)).toEqual(['A 0 ack 1']);
    talk.lan.run(9 * 77);
    expect(talk.news()).toEqual([...Array.from({ length: 8 }, () => 'A 0 ack 1'), 'RA 1 ack 1']);
    expect(talk.app.calls).toEqual(['connected', 'ETIMEDOUT']);
  });

  test('an answer keeps the connection', () => {
    const talk = new Conversation().establish({}, { keepAlive: true });
    talk.lan.run(7250);
    talk.say({ flags: 'A' });
    talk.news();
    expect(talk.after(7000)).toEqual([]);
    expect(talk.state).toBe('ESTAB');
  });
});

describe('the neighbor', () => {
  test('acknowledged data confirms it: no probe is needed (01c)', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    echoServer(b, 80);
    const client = new Recorder();
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.run(1);
    const start = lan.scheduler.now;
    for (let i = 0; i < 600; i++) lan.after(i * 0.2, () => client.connection.write(ascii('x')));
    lan.run(120);
    expect(lan.arps(start)).toEqual([]);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('REACHABLE:B');
  });
});
