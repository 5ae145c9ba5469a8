// Fixture 06d: what matches no mapping, expiry, checksum zero, fragments, an address nobody owns.

import { describe, expect, test } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { Ipv4 } from '../../../src/stack/ipv4/ipv4.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { ANY_ADDRESS } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as tcp from '../../../src/wire/tcp.ts';
import * as udp from '../../../src/wire/udp.ts';
import { ip, L3, L4 } from '../../support/frames.ts';
import { cidr, nic } from '../../support/lan.ts';
import { frames, NatTopology, toSource, truth } from '../nat-topology.ts';

const FIXTURE = '06d-snat-misc';

/** As in the fixture: S has a second address and echoes on port 53. */
function lab(): NatTopology {
  const made = new NatTopology();
  made.s.addresses.add(nic(made.s), cidr('192.0.2.11/24'));
  made.role('192.0.2.11', 'S1');
  made.udpEcho(made.s, 53);
  return made;
}

describe('traffic that matches no mapping (fixture 06d)', () => {
  test('what nobody asked for is for the node itself', () => {
    const made = lab();
    const found = truth(FIXTURE, 'unsolicited');
    made.s.tcp.connect(
      { address: ip('192.0.2.100'), port: 9999, localAddress: ip('192.0.2.10'), localPort: 5001 },
      {},
    );
    made.run(0.1);
    for (let i = 0; i < 2; i++) {
      made.udp(made.s, '192.0.2.10', 5002, '192.0.2.100', 9999);
      made.run(0.1);
    }
    made.echo(made.s, '192.0.2.100', 4660);
    made.run(0.1);
    const withoutAck = frames(found, 'int', 'ext').map(({ win, ack, mss, ...rest }) => rest);
    expect(made.packets('int', 'ext')).toEqual(withoutAck);
  });

  test('only the peer of a mapping may use it', () => {
    const made = lab();
    const found = truth(FIXTURE, 'wrong-peer');
    made.udpSink(made.p1, 40000);
    made.udp(made.p1, '10.1.0.11', 40000, '192.0.2.10', 53);
    made.run(0.1);
    made.udp(made.s, '192.0.2.11', 5053, '192.0.2.100', 40000);
    made.run(0.1);
    made.udp(made.s, '192.0.2.10', 55, '192.0.2.100', 40000);
    made.run(0.1);
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
  });

  test('there is no hairpin', () => {
    const made = lab();
    const found = truth(FIXTURE, 'hairpin');
    made.udpSink(made.p1, 40000);
    made.udp(made.p1, '10.1.0.11', 40000, '192.0.2.10', 53);
    made.run(0.1);
    for (let i = 0; i < 2; i++) {
      made.udp(made.p2, '10.1.0.12', 41000, '192.0.2.100', 40000);
      made.run(0.1);
    }
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
  });

  test('an answer after the entry has expired is for the node', () => {
    const made = lab();
    const found = truth(FIXTURE, 'expiry');
    made.n1.sysctl.set('nf_conntrack_udp_timeout', 2);
    made.udpEcho(made.s, 57, 3);
    made.udp(made.p1, '10.1.0.11', 40000, '192.0.2.10', 57);
    made.run(3.3);
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
  });
});

describe('checksums, fragments, leaks (fixture 06d)', () => {
  test('a datagram without a checksum gets none', () => {
    const made = lab();
    const found = truth(FIXTURE, 'udp-checksum-zero');
    made.udpSink(made.p1, 40000);
    made.udp(made.p1, '10.1.0.11', 40000, '192.0.2.10', 54, { zeroChecksum: true });
    made.run(0.1);
    made.udp(made.s, '192.0.2.10', 54, '192.0.2.100', 40000, { zeroChecksum: true });
    made.run(0.1);
    // The fixture's server answers; here S sends the same by itself, after its port unreachable.
    const seen = made.packets('int', 'ext').filter(({ kind }) => kind === 'udp');
    expect(seen).toEqual(frames(found, 'int', 'ext'));
  });

  test('fragments are joined, translated and cut again', () => {
    const made = lab();
    const found = truth(FIXTURE, 'fragments');
    made.udpSink(made.t, 9);
    made.udp(made.p1, '10.1.0.11', 40001, '198.51.100.10', 9, { size: 3000, dontFragment: false });
    made.run(0.2);
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(made.n1.drops.total).toBe(0);
  });

  test('of an incomplete datagram nothing leaves, and nobody is told', () => {
    const made = lab();
    const found = truth(FIXTURE, 'fragment-lost');
    const { p1 } = made;
    const frame = p1.ipv4.allocate(16);
    const l3 = frame.start + L3;
    const l4 = frame.start + L4;
    const { MoreFragments } = ipv4.Flag;
    const [source, target] = [ip('10.1.0.11'), ip('198.51.100.10')];
    ipv4.emit(frame, l3, 36, 777, MoreFragments, 64, IpProtocol.Udp, source, target);
    udp.emit(frame, l4, 40002, 9, 100);
    frame.bytes.fill(0x31, l4 + udp.HEADER_LENGTH, frame.end);
    p1.neighbors.output(nic(p1), ip('10.1.0.1'), frame);
    made.run(40);
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(made.n1.drops.of(StackDrop.FragmentTimeout)).toBe(1);
    expect(made.n1.ipv4.reassembly.memory).toBe(0);
  });

  test('an invalid segment leaks with the address of the pod', () => {
    const made = lab();
    made.n1.sysctl.set('nf_conntrack_tcp_loose', 0);
    sendAck(made);
    made.run(0.1);
    const leaked = made.packets('ext').filter(({ src }) => src === 'P1');
    expect(leaked).toHaveLength(1);
    expect(made.netfilter1.conntrack.counters.invalid).toBe(1);
    const expected = frames(truth(FIXTURE, 'invalid-leak'), 'ext').filter(
      ({ dst }) => dst === 'P1',
    );
    const answered = made.packets('ext').filter(({ dst }) => dst === 'P1');
    expect(answered[0]).toMatchObject({ src: expected[0]?.src, flags: 'R' });
  });

  test('dropping INVALID in FORWARD stops the leak', () => {
    const made = lab();
    made.n1.sysctl.set('nf_conntrack_tcp_loose', 0);
    made.netfilter1.filter.forward.append({ match: { states: ['invalid'] }, action: 'drop' });
    sendAck(made);
    made.run(0.1);
    expect(made.packets('ext')).toEqual([]);
  });
});

/** P1 sends an ACK of a connection that nobody knows. */
function sendAck(made: NatTopology): void {
  const { p1 } = made;
  const route = p1.ipv4.route(ip('192.0.2.10'), ANY_ADDRESS);
  if (typeof route === 'string') throw new Error(route);
  const frame = p1.ipv4.allocate(tcp.HEADER_LENGTH);
  const at = frame.start + Ipv4.PAYLOAD_OFFSET;
  tcp.emit(frame, at, 42000, 80, 1000, 2000, tcp.Flag.Ack, 512);
  tcp.refreshChecksum(frame, at, route.source, ip('192.0.2.10'), tcp.HEADER_LENGTH);
  p1.ipv4.send(frame, IpProtocol.Tcp, route, ip('192.0.2.10'));
}

describe('a public address that no node owns (fixture 06d)', () => {
  test('what leaves is on its way, but nobody answers ARP for it', () => {
    const made = lab();
    const found = truth(FIXTURE, 'eip-on-link-but-unowned');
    made.n1.addresses.remove(nic(made.n1, 'ext0'), ip('192.0.2.100'));
    made.s.neighbors.flush(nic(made.s));
    made.udp(made.p1, '10.1.0.11', 40004, '192.0.2.10', 53);
    made.run(3.4);
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    const asked = made.lan.arps().filter((line) => line.includes('who-has 192.0.2.100'));
    expect(asked).toHaveLength(3);
  });

  test('a routed pool works both ways, and bounces what nobody asked for', () => {
    const made = new NatTopology(toSource('203.0.113.100'));
    const found = truth(FIXTURE, 'eip-routed-not-local');
    made.role('203.0.113.100', 'POOL');
    made.udpSink(made.t, 9);
    made.r.routes.add({
      destination: cidr('203.0.113.100/32'),
      type: 'unicast',
      via: ip('192.0.2.1'),
      iface: nic(made.r, 'ext0'),
      source: null,
      metric: 0,
    });
    made.udp(made.p1, '10.1.0.11', 40003, '198.51.100.10', 9);
    made.run(0.1);
    made.echo(made.p1, '198.51.100.10', 4660);
    made.run(0.1);
    made.udp(made.t, '198.51.100.10', 5005, '203.0.113.100', 9999, { timeToLive: 20 });
    made.run(0.2);
    const lifetimes = made
      .packets('ext')
      .filter(({ dst, kind }) => dst === 'POOL' && kind === 'udp')
      .map(({ ttl }) => ttl);
    expect(lifetimes).toEqual(found.facts?.ttlSequence);
    const errors = made
      .packets('ext')
      .filter(({ kind, type }) => kind === 'icmp' && type === 11)
      .map(({ src, dst }) => `${src} -> ${dst}`);
    expect(errors).toEqual(found.facts?.ttlExceeded);
  });
});
