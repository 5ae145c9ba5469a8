// TCP as Linux 6.18 was measured: fixtures 01b, 03b, 05a, 06a and 09. Virtual time has no timer slack,
// so times agree to within the fixture's tolerance and orders exactly.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { millis } from '../../../src/sim/time.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { socketLines } from '../../../src/view/sockets.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';
import { ascii, echoServer, line, Recorder, segments } from '../../support/tcp.ts';

interface TcpEvent {
  readonly kind: string;
  readonly at?: string;
  readonly l2src: string;
  readonly l2dst: string;
  readonly flags: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly dataLen: number;
}

interface FixtureCase {
  readonly id: string;
  readonly events: readonly TcpEvent[];
}

function truthEvents(name: string, id: string, at: string): TcpEvent[] {
  const url = new URL(`../../fixtures/groundtruth/${name}.expect.json`, import.meta.url);
  const fixture: { readonly cases: readonly FixtureCase[] } = JSON.parse(readFileSync(url, 'utf8'));
  const found = fixture.cases.find((each) => each.id === id);
  if (found === undefined) throw new Error(`${name} has no case ${id}`);
  return found.events.filter((event) => event.kind === 'tcp' && event.at === at);
}

/** In the notation of support/tcp.ts. */
function truthLines(name: string, id: string, at = 'wire'): string[] {
  return truthEvents(name, id, at).map((event) => {
    const ack = event.flags.includes('A') ? ` ack ${event.ack ?? 0}` : '';
    const length = event.dataLen > 0 ? ` len ${event.dataLen}` : '';
    return `${event.l2src} > ${event.l2dst} ${event.flags} ${event.seq ?? 0}${ack}${length}`;
  });
}

/** Why segments were sent, where that is not plain. */
function notes(lan: Lan): string[] {
  return lan.frames.flatMap(({ frame }) => (frame.note === null ? [] : [frame.note.text]));
}

interface Trio {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
  readonly c: NetworkStack;
}

/** A, and B and C who both may own X = 10.0.0.100. */
function trio(): Trio {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  const c = lan.host('C', '10.0.0.3/24');
  b.addresses.add(nic(b), cidr('10.0.0.100/24'));
  return { lan, a, b, c };
}

function announce(stack: NetworkStack): void {
  stack.arp.announce(nic(stack), ip('10.0.0.100'), 'request', null);
}

describe('03b: duplicate IP', () => {
  test.each([
    ['rst-from-wrong-host', true],
    ['closed-port', false],
  ])('%s: the wrong host resets, the right one is never told', (id, listens) => {
    const { lan, a, b, c } = trio();
    const server = echoServer(b, 80);
    const client = new Recorder();
    const connection = a.tcp.connect(
      { address: ip('10.0.0.100'), port: 80, localPort: 40_001 },
      client,
    );
    lan.after(0.001, () => connection.write(ascii('ping')));
    lan.after(0.5, () => connection.write(ascii('ping')));
    lan.after(0.8, () => {
      c.addresses.add(nic(c), cidr('10.0.0.100/24'));
      if (listens) echoServer(c, 80);
      announce(c);
    });
    lan.after(1.0, () => connection.write(ascii('ping')));
    if (id === 'rst-from-wrong-host') lan.after(1.35, () => server.connection.write(ascii('push')));
    lan.run(2.5);
    expect(segments(lan).map(line)).toEqual(truthLines('03b-duplicate-ip-tcp', id));
    const reset = segments(lan).find(({ flags }) => flags === 'R');
    expect(reset).toMatchObject({ sequence: 9, window: 0, timeToLive: 64, from: 'C' });
    expect(notes(lan)).toContain('RST: this host knows no such connection');
    expect(client.calls).toEqual(['connected', 'ECONNRESET']);
    expect(client.text).toBe('pingping');
    expect(server.calls).toEqual(['accepted']);
    expect(server.connection.state).toBe('ESTAB');
    const since = listens ? 4 : 0;
    expect(socketLines(b)[2]).toMatch(
      new RegExp(`^ESTAB +0 +${since} +10.0.0.100:80 +10.0.0.1:40001$`),
    );
    expect(lan.eventsOf('connection-broken').map(({ source, fields }) => [source, fields])).toEqual(
      [['A', { local: '10.0.0.1:40001', remote: '10.0.0.100:80', error: 'ECONNRESET' }]],
    );
  });

  test('stall-and-return: tail loss probe, then doubling; the right entry waits for the next RTO', () => {
    const { lan, a, b, c } = trio();
    echoServer(b, 80);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('10.0.0.100'), port: 80 }, client);
    lan.after(0.001, () => connection.write(ascii('ping')));
    lan.after(0.5, () => connection.write(ascii('ping')));
    lan.after(0.7, () => announce(c));
    lan.after(1.0, () => connection.write(ascii('ping')));
    lan.after(4.8, () => announce(b));
    lan.run(9);
    const stalled = segments(lan).filter(({ to }) => to === 'C');
    const gaps = stalled.slice(1).map(({ t }, i) => t - (stalled[i]?.t ?? 0));
    const measured = [0.21, 0.21, 0.42, 0.83, 1.66];
    expect(gaps).toHaveLength(measured.length);
    for (const [i, gap] of gaps.entries()) {
      expect(Math.abs(gap - (measured[i] ?? 0)), `gap ${i}: ${gap}`).toBeLessThan(0.1);
    }
    expect(stalled.every((each) => each.flags === 'PA' && each.sequence === 9)).toBe(true);
    const repaired = segments(lan).find(({ t, to }) => t > 4.8 && to === 'B');
    expect(repaired?.t).toBeGreaterThan(7);
    expect(repaired?.t).toBeLessThan(8);
    expect(client.calls).toEqual(['connected']);
    expect(client.text).toBe('pingpingping');
    expect(connection.retransmissions).toBe(6);
    expect(notes(lan)).toEqual([
      'tail loss probe',
      ...Array.from({ length: 5 }, () => 'retransmission: the timeout is over'),
    ]);
  });

  test('split-handshake: the ACK is reset, the right host repeats its SYN-ACK after 1 and 2 s', () => {
    const { lan, a, b, c } = trio();
    echoServer(b, 80);
    lan.ping(a, '10.0.0.100');
    lan.run(1);
    // The fixture delays B's cable by 0.3 s.
    const { ab } = lan.link(nic(b));
    ab.configure({ ...ab.settings, latency: millis(300) });
    const client = new Recorder();
    const start = lan.scheduler.now;
    a.tcp.connect({ address: ip('10.0.0.100'), port: 80 }, client);
    lan.after(0.25, () => {
      c.addresses.add(nic(c), cidr('10.0.0.100/24'));
      announce(c);
    });
    lan.run(4);
    expect(segments(lan, start).map(line)).toEqual(
      truthLines('03b-duplicate-ip-tcp', 'split-handshake'),
    );
    const synAcks = segments(lan, start).filter(({ flags }) => flags === 'SA');
    const first = synAcks[0]?.t ?? 0;
    expect(synAcks.map(({ t }) => Math.round((t - first) * 10) / 10)).toEqual([0, 1, 3]);
    expect(client.calls).toEqual(['connected', 'ECONNRESET']);
  });
});

describe('06a: plain connections', () => {
  function roles(): { lan: Lan; p1: NetworkStack; s: NetworkStack } {
    const lan = new Lan();
    return { lan, p1: lan.host('P1', '10.0.0.1/24'), s: lan.host('S', '10.0.0.2/24') };
  }

  /** The inner side of the NAT, with the two hosts on one LAN. */
  function truth(id: string): string[] {
    return truthLines('06a-snat-basic', id, 'int').map((each) => each.replace('N1.int', 'S'));
  }

  test('handshake, one echo, FIN by the client, FIN by the server', () => {
    const { lan, p1, s } = roles();
    echoServer(s, 80);
    const client = new Recorder();
    const connection = p1.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.after(0.001, () => connection.write(ascii('ping')));
    lan.after(0.4, () => connection.close());
    lan.run(1);
    expect(segments(lan).map(line)).toEqual(truth('tcp'));
    expect(client.calls).toEqual(['connected', 'closed']);
    expect(connection.state).toBe('TIME-WAIT');
    lan.run(62);
    expect(connection.state).toBe('UNCONN');
    expect(p1.tcp.connections()).toEqual([]);
  });

  test('a refused connection', () => {
    const { lan, p1 } = roles();
    p1.tcp.connect({ address: ip('10.0.0.2'), port: 81 }, new Recorder());
    lan.run(1);
    expect(segments(lan).map(line)).toEqual(truth('tcp-refused'));
  });

  test('a connection reset by its own application', () => {
    const { lan, p1, s } = roles();
    const server = echoServer(s, 80);
    const client = new Recorder();
    const connection = p1.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    lan.after(0.001, () => connection.write(ascii('ping')));
    lan.after(0.2, () => connection.abort());
    lan.run(1);
    expect(segments(lan).map(line)).toEqual(truth('tcp-reset'));
    expect(client.calls).toEqual(['connected']);
    expect(server.calls).toEqual(['accepted', 'ECONNRESET']);
  });
});

describe('09: path MTU', () => {
  test('ICMP 3/4 makes the segments smaller and sends them again at once', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.1.1/24');
    const r = lan.host('R');
    const b = lan.host('B');
    lan.plug(r, 'in', { segment: 'lan', addresses: ['10.0.1.254/24'] });
    const out = lan.plug(r, 'out', { segment: 'far', addresses: ['10.0.2.254/24'] });
    const far = lan.plug(b, 'far', { segment: 'far', addresses: ['10.0.2.1/24'] });
    r.sysctl.set('ip_forward', 1);
    for (const [stack, via, iface] of [
      [a, '10.0.1.254', nic(a)],
      [b, '10.0.2.254', far],
    ] as const) {
      stack.routes.add({
        destination: cidr('0.0.0.0/0'),
        type: 'unicast',
        via: ip(via),
        iface,
        source: null,
        metric: 0,
      });
    }
    const server = new Recorder();
    b.tcp.listen({ port: 80 }, server);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip('10.0.2.1'), port: 80 }, client);
    lan.run(1);
    out.mtu = 1400;
    const start = lan.scheduler.now;
    connection.write(new Uint8Array(4000).fill(0x61));
    lan.run(0.1);
    const sent = segments(lan, start).filter(({ from, length }) => from === 'A' && length > 0);
    expect(sent.map(({ length }) => length)).toEqual([1448, 1448, 1104, 1348, 1348, 200]);
    expect(server.text).toHaveLength(4000);
    expect(connection.sender.mss).toBe(1348);
    const again = sent[3]?.t ?? 0;
    expect(again - start / 1e9).toBeLessThan(0.001);
    expect(notes(lan)).toContain('retransmission: the path takes only smaller packets');
  });
});
